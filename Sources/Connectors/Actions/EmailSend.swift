public import EventModel
public import WorkflowEngine

/// `email.send`: a mail with the given words.
public struct EmailSend: ActionHandler {
    private let delivery: MessageDelivery

    /// Takes what sends.
    public init(_ delivery: MessageDelivery) { self.delivery = delivery }

    public var descriptor: ActionDescriptor {
        ActionDescriptor(
            name: "email.send",
            aliases: ["send_email"],
            summary: "Sends a mail.",
            discussion: """
                The mail is handed to the server mail.server as mail.sender. A retry after a
                success sends nothing; one after a crash in between sends the same Message-ID
                again, by which receivers recognise it. For texts that people may change use
                notify.send with a template.
                """,
            inputs: [
                ActionField("to", .any, required: true, "An address, or a list of them."),
                ActionField("subject", .string, required: true, "One line."),
                ActionField("text", .string, required: true, "The plain text."),
                ActionField("html", .string, "The same in HTML."),
                ActionField("cc", .any, "Who gets a copy: an address, or a list of them."),
                ActionField("reply_to", .string, "Where answers go."),
            ],
            outputs: [
                ActionField("message_id", .string, "The Message-ID."),
                ActionField("to", .list, "The addresses."),
            ],
            effect: .atLeastOnce
        )
    }

    public func integration(for input: Value) -> String? { "email" }

    public func perform(
        _ request: ActionRequest,
        services: any ActionServices
    ) async throws(ActionFailure) -> Value {
        let input = MessageInput(request.input)
        let to = try input.texts("to")
        guard !to.isEmpty else { throw MessageInput.invalid("'to' must name somebody") }
        let letter = MessageDelivery.Letter(
            to: to,
            copiesTo: try input.texts("cc"),
            replyTo: input.text("reply_to"),
            subject: try input.required("subject"),
            text: try input.required("text"),
            html: input.text("html")
        )
        var outbox = try await MessageOutbox(request, services)
        let recipients = to.joined(separator: ", ")
        let sent = try await outbox.send(channel: "email", to: recipients, template: nil) {
            key,
            now throws(ActionFailure) in
            try await delivery.send(letter, key: key, now: now)
        }
        return ["message_id": .string(sent.messageID), "to": .list(to.map { .string($0) })]
    }
}
