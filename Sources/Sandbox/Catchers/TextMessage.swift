import EventModel

/// A text message that somebody had sent.
struct TextMessage {
    var id: String
    var to: String
    var from: String
    var text: String
    var idempotencyKey: String?
    /// How often it was asked for under its key.
    var requestCount: Int
    var receivedAt: Timestamp

    var rendered: Value {
        [
            "id": .string(id), "to": .string(to), "from": .string(from), "text": .string(text),
            "idempotency_key": idempotencyKey.map { .string($0) } ?? .null,
            "request_count": .int(Int64(requestCount)),
            "received_at": .string(NotionTime.precise(receivedAt)),
        ]
    }
}

extension SandboxState {
    /// `POST /sms/messages`: a key that was seen gives the first answer again and sends nothing.
    mutating func textMessage(_ request: SandboxRequest) -> SandboxReply {
        guard request.segments == ["sms", "messages"] else {
            return .refusal(404, "there is only /sms/messages")
        }
        guard request.method == "POST" else { return .refusal(405, "only POST is understood") }
        guard let body = try? JSON.parse(bytes: request.body), body.mapValue != nil else {
            return .refusal(400, "the body must be a JSON object")
        }
        guard let to = body["to"]?.stringValue, !to.isEmpty,
            let text = body["text"]?.stringValue, !text.isEmpty
        else { return .refusal(422, "'to' and 'text' must be texts that are not empty") }
        let from = body["from"]?.stringValue ?? ""
        let key = request.headers["idempotency-key"]
        if let key, let known = textMessages.last(where: { $0.idempotencyKey == key }) {
            guard known.to == to, known.text == text else {
                return .refusal(409, "the Idempotency-Key '\(key)' belongs to another message")
            }
            textMessages.update(where: { $0.id == known.id }) { $0.requestCount += 1 }
            return .json(201, ["id": .string(known.id)])
        }
        let message = TextMessage(
            id: "sms-" + SandboxIdentities.identifier("\(newRequestID())/sms"),
            to: to,
            from: from,
            text: text,
            idempotencyKey: key,
            requestCount: 1,
            receivedAt: configuration.now()
        )
        textMessages.append(message)
        return .json(201, ["id": .string(message.id)])
    }
}
