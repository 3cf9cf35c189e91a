public import EventModel
import WorkflowEngine

/// The event `NotificationSent`: what a step has sent already, so that a retry does not send it
/// again.
public struct NotificationSent: Sendable, Hashable {
    /// Its place in the catalogue of event types.
    public static let declaration = EventTypeDeclaration(
        type: "NotificationSent",
        version: 1,
        category: "notification"
    )

    /// The key of the step, the channel and the recipient.
    var key: String
    var step: String
    var channel: String
    var to: String
    /// Nil for what was sent without a template.
    var template: String?
    /// The other side's name for it; empty if it gives none.
    var messageID: String

    /// The stream of a step's messages.
    static func stream(instance: EventID, step: String) -> StreamName {
        // The slash is encoded, so that a step's path does not look like a part of the stream's
        // name.
        let identifier = "\(instance.text)%2F\(step)"
        if let stream = try? StreamName("notification/\(identifier)") { return stream }
        return StreamName(category: "notification", "\(instance.text)/\(step)")
    }

    /// Reads the event's data; nil if this is another event.
    init?(_ event: Event) {
        guard event.type == Self.declaration.type, let key = event.data["key"]?.stringValue,
            let step = event.data["step"]?.stringValue,
            let channel = event.data["channel"]?.stringValue,
            let to = event.data["to"]?.stringValue,
            let messageID = event.data["message_id"]?.stringValue
        else { return nil }
        self.key = key
        self.step = step
        self.channel = channel
        self.to = to
        template = event.data["template"]?.stringValue
        self.messageID = messageID
    }

    init(
        key: String,
        step: String,
        channel: String,
        to: String,
        template: String?,
        messageID: String
    ) {
        self.key = key
        self.step = step
        self.channel = channel
        self.to = to
        self.template = template
        self.messageID = messageID
    }

    /// The event to append.
    ///
    /// Its id is derived from the message's number among those of the step and not from the recipient:
    /// a hash of an address would let whoever has the log try addresses.
    func proposed(for request: ActionRequest, number: Int) -> ProposedEvent {
        var data: ValueMap = [
            "key": .string(key), "step": .string(step), "channel": .string(channel),
            "to": .string(to), "message_id": .string(messageID),
        ]
        if let template { data["template"] = .string(template) }
        return ProposedEvent(
            id: Identifier.derived(
                from: request.instance,
                "notification/\(request.step)/\(number)"
            ),
            type: Self.declaration.type,
            schema: Self.declaration.version,
            entity: request.entity,
            actor: "system",
            correlation: request.correlation,
            causation: request.causation,
            data: .map(data)
        )
    }

    /// As the action gives it back.
    var output: Value {
        ["channel": .string(channel), "to": .string(to), "message_id": .string(messageID)]
    }
}
