import EventModel

/// What somebody posted to an incoming webhook of Slack.
struct SlackMessage {
    /// The webhook's name: the last part of its address.
    var name: String
    var text: String
    var channel: String?
    var payload: Value
    var receivedAt: Timestamp

    var rendered: Value {
        [
            "name": .string(name), "text": .string(text),
            "channel": channel.map { .string($0) } ?? .null, "payload": payload,
            "received_at": .string(NotionTime.precise(receivedAt)),
        ]
    }
}

extension SandboxState {
    /// `POST /slack/webhook/{name}`: answers as Slack does, in plain words.
    mutating func slack(_ request: SandboxRequest) -> SandboxReply {
        let segments = request.segments
        guard segments.count == 3, segments[1] == "webhook" else {
            return .text(404, "no_service")
        }
        guard request.method == "POST" else { return .text(405, "method_not_allowed") }
        guard let payload = try? JSON.parse(bytes: request.body), payload.mapValue != nil else {
            return .text(400, "invalid_payload")
        }
        let hasBlocks = payload["blocks"]?.listValue?.isEmpty == false
        let hasAttachments = payload["attachments"]?.listValue?.isEmpty == false
        let text = payload["text"]?.stringValue ?? ""
        guard !text.isEmpty || hasBlocks || hasAttachments else { return .text(400, "no_text") }
        slackMessages.append(
            SlackMessage(
                name: segments[2],
                text: text,
                channel: payload["channel"]?.stringValue,
                payload: payload,
                receivedAt: configuration.now()
            )
        )
        return .text(200, "ok")
    }
}
