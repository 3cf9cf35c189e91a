public import EventModel
public import WorkflowEngine

/// `notify.send`: a notification template to one person by one or more channels.
public struct NotifySend: ActionHandler {
    private let delivery: MessageDelivery
    private let templates: TemplateLibrary

    /// Takes what sends, and the templates.
    public init(_ delivery: MessageDelivery, templates: TemplateLibrary) {
        self.delivery = delivery
        self.templates = templates
    }

    public var descriptor: ActionDescriptor {
        ActionDescriptor(
            name: "notify.send",
            aliases: ["send_notification"],
            summary: "Sends a notification template to somebody by e-mail, SMS or Slack.",
            discussion: """
                All texts are made before anything is sent. The channels are independent: if one
                fails, the others are sent all the same, and a retry sends only what is missing. A
                channel for which `to` has no address is left out and named in `skipped`; if that
                leaves none, the step fails. Times are shown in data.time_zone, or in UTC without
                it.
                """,
            inputs: [
                ActionField("template", .string, required: true, "The template's name."),
                ActionField("channels", .list, required: true, "Of email, sms and slack."),
                ActionField("to", .map, required: true, "name, email, phone, slack_channel."),
                ActionField("data", .map, "The template's variables; `to` is one as well."),
            ],
            outputs: [
                ActionField("sent", .list, "For each message channel, to and message_id."),
                ActionField("skipped", .list, "For each channel left out channel and reason."),
            ],
            effect: .atLeastOnce
        )
    }

    public func perform(
        _ request: ActionRequest,
        services: any ActionServices
    ) async throws(ActionFailure) -> Value {
        let input = MessageInput(request.input)
        let template = try input.required("template")
        var channels: [NotificationChannel] = []
        for name in try input.texts("channels") {
            guard let channel = NotificationChannel(rawValue: name) else {
                throw MessageInput.invalid("there is no channel '\(name)'; use email, sms or slack")
            }
            if !channels.contains(channel) { channels.append(channel) }
        }
        let recipient = MessageInput(.map(input.map("to")))
        let reached = channels.filter { recipient.text($0.addressKey) != nil }
        let skipped = channels.filter { !reached.contains($0) }
        guard !reached.isEmpty else {
            let wanted = channels.map { "to.\($0.addressKey)" }.joined(separator: " or ")
            let remedy = channels.isEmpty ? "name channels" : "give \(wanted)"
            throw MessageInput.invalid("'\(template)' reaches nobody; \(remedy)")
        }
        var data = input.map("data")
        if data["to"] == nil { data["to"] = .map(input.map("to")) }
        var messages: [Message] = []
        for channel in reached {
            let address = recipient.text(channel.addressKey) ?? ""
            let name = recipient.text("name")
            messages.append(try message(channel, address, name, template, data))
        }
        let sent = try await send(messages, template, request, services)
        return [
            "sent": .list(sent.map(\.output)),
            "skipped": .list(
                skipped.map { channel in
                    let reason = "to.\(channel.addressKey) is not given"
                    return ["channel": .string(channel.rawValue), "reason": .string(reason)]
                }
            ),
        ]
    }

    /// A message with its words, ready to be sent.
    fileprivate enum Message {
        case email(MessageDelivery.Letter, String)
        case sms(String, String)
        case slack(String, String)
    }

    private func message(
        _ channel: NotificationChannel,
        _ address: String,
        _ name: String?,
        _ template: String,
        _ data: ValueMap
    ) throws(ActionFailure) -> Message {
        switch channel {
        case .email:
            let letter = MessageDelivery.Letter(
                to: [address],
                toName: name,
                subject: try render(template, .subject, data),
                text: try render(template, .text, data),
                html: try renderIfThere(template, .html, data)
            )
            return .email(letter, address)
        case .sms:
            return .sms(try render(template, .sms, data), address)
        case .slack:
            return .slack(try render(template, .slack, data), address)
        }
    }

    private func render(
        _ template: String,
        _ part: NotificationPart,
        _ data: ValueMap
    ) throws(ActionFailure) -> String {
        guard let text = try renderIfThere(template, part, data) else {
            throw ActionFailure(
                code: "invalid_template",
                message: "the template '\(template)' has no \(part.rawValue); add it to its file",
                isRetryable: false
            )
        }
        return text
    }

    private func renderIfThere(
        _ template: String,
        _ part: NotificationPart,
        _ data: ValueMap
    ) throws(ActionFailure) -> String? {
        do throws(TemplateError) {
            return try templates.render(template, part, data)
        } catch {
            throw ActionFailure(
                code: error.code == .missingTemplate ? "not_found" : "invalid_template",
                message: error.description,
                isRetryable: false
            )
        }
    }

    private func send(
        _ messages: [Message],
        _ template: String,
        _ request: ActionRequest,
        _ services: any ActionServices
    ) async throws(ActionFailure) -> [NotificationSent] {
        var outbox = try await MessageOutbox(request, services)
        var sent: [NotificationSent] = []
        var failures: [(channel: NotificationChannel, failure: ActionFailure)] = []
        for message in messages {
            do throws(ActionFailure) {
                sent.append(try await send(message, template, &outbox))
            } catch {
                failures.append((message.channel, error))
            }
        }
        // One that can still succeed decides whether the step is tried again.
        guard let first = failures.first(where: \.failure.isRetryable) ?? failures.first else {
            return sent
        }
        let words = failures.map { "\($0.channel.rawValue): \($0.failure.message)" }
        let failed = failures.map { channel, failure -> Value in
            [
                "channel": .string(channel.rawValue), "code": .string(failure.code),
                "message": .string(failure.message),
            ]
        }
        throw ActionFailure(
            code: first.failure.code,
            message: words.joined(separator: "; "),
            isRetryable: first.failure.isRetryable,
            retryAfter: failures.compactMap(\.failure.retryAfter).max(),
            details: ["sent": .list(sent.map(\.output)), "failed": .list(failed)]
        )
    }

    private func send(
        _ message: Message,
        _ template: String,
        _ outbox: inout MessageOutbox
    ) async throws(ActionFailure) -> NotificationSent {
        let channel = message.channel.rawValue
        switch message {
        case .email(let letter, let address):
            return try await outbox.send(channel: channel, to: address, template: template) {
                key,
                now throws(ActionFailure) in
                try await delivery.send(letter, key: key, now: now)
            }
        case .sms(let text, let address):
            // Only here, so that a wrong number holds up no other channel.
            let number = try MessageDelivery.phoneNumber(address)
            return try await outbox.send(channel: channel, to: number, template: template) {
                key,
                _ throws(ActionFailure) in
                try await delivery.sendText(text, to: number, key: key)
            }
        case .slack(let text, let name):
            return try await outbox.send(channel: channel, to: name, template: template) {
                key,
                _ throws(ActionFailure) in
                try await delivery.post(text, channel: name, key: key)
                return ""
            }
        }
    }
}

/// How a notification can be sent.
private enum NotificationChannel: String {
    case email, sms, slack

    /// The member of `to` that it needs.
    var addressKey: String {
        switch self {
        case .email: "email"
        case .sms: "phone"
        case .slack: "slack_channel"
        }
    }
}

extension NotifySend.Message {
    fileprivate var channel: NotificationChannel {
        switch self {
        case .email: .email
        case .sms: .sms
        case .slack: .slack
        }
    }
}
