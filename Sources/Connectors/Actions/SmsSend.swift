public import EventModel
public import WorkflowEngine

/// `sms.send`: a text message with the given words.
public struct SmsSend: ActionHandler {
    private let delivery: MessageDelivery

    /// Takes what sends.
    public init(_ delivery: MessageDelivery) { self.delivery = delivery }

    public var descriptor: ActionDescriptor {
        ActionDescriptor(
            name: "sms.send",
            aliases: ["send_sms"],
            summary: "Sends a text message to a phone.",
            discussion: """
                Posts {to, from, text} as JSON to sms.url with an Idempotency-Key, so that a
                gateway that knows the key sends it once however often the step is tried.
                """,
            inputs: [
                ActionField("to", .string, required: true, "A number: +386 40 111 222."),
                ActionField("text", .string, required: true, "1 to 1600 characters."),
            ],
            outputs: [
                ActionField("message_id", .string, "The gateway's id, empty if it gives none."),
                ActionField("to", .string, "The number."),
            ],
            effect: .once
        )
    }

    public func integration(for input: Value) -> String? { "sms" }

    public func perform(
        _ request: ActionRequest,
        services: any ActionServices
    ) async throws(ActionFailure) -> Value {
        let input = MessageInput(request.input)
        let number = try MessageDelivery.phoneNumber(try input.required("to"))
        let text = try input.required("text")
        var outbox = try await MessageOutbox(request, services)
        let sent = try await outbox.send(channel: "sms", to: number, template: nil) {
            key,
            _ throws(ActionFailure) in
            try await delivery.sendText(text, to: number, key: key)
        }
        return ["message_id": .string(sent.messageID), "to": .string(number)]
    }
}
