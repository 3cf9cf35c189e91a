public import EventModel
public import WorkflowEngine

/// `slack.send`: a message in a channel, with the given words.
public struct SlackSend: ActionHandler {
    private let delivery: MessageDelivery

    /// Takes what sends.
    public init(_ delivery: MessageDelivery) { self.delivery = delivery }

    public var descriptor: ActionDescriptor {
        ActionDescriptor(
            name: "slack.send",
            aliases: ["send_slack", "slack.send_message"],
            summary: "Posts a message to a Slack channel by its incoming webhook.",
            discussion: """
                The channel is one of `slack` in the configuration. Slack gives no id
                and knows no keys: after a crash between post and record the message may stand
                there twice.
                """,
            inputs: [
                ActionField("channel", .string, required: true, "A channel under `slack`."),
                ActionField("text", .string, "In Slack's markup; it or message must be there."),
                ActionField("message", .string, "The same as text."),
            ],
            outputs: [ActionField("channel", .string, "The channel.")],
            effect: .atLeastOnce
        )
    }

    public func integration(for input: Value) -> String? { "slack" }

    public func perform(
        _ request: ActionRequest,
        services: any ActionServices
    ) async throws(ActionFailure) -> Value {
        let input = MessageInput(request.input)
        let channel = try input.required("channel")
        let text = try input.required(input.text("text") == nil ? "message" : "text")
        var outbox = try await MessageOutbox(request, services)
        _ = try await outbox.send(channel: "slack", to: channel, template: nil) {
            key,
            _ throws(ActionFailure) in
            try await delivery.post(text, channel: channel, key: key)
            return ""
        }
        return ["channel": .string(channel)]
    }
}
