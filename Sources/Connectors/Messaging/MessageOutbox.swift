import EventModel
import WorkflowEngine

/// Sends each message of a step at the most once per key, by remembering in the log what was sent.
struct MessageOutbox {
    let request: ActionRequest
    let services: any ActionServices
    private let stream: StreamName
    private var sent: [String: NotificationSent] = [:]

    /// Reads what earlier attempts have sent.
    init(_ request: ActionRequest, _ services: any ActionServices) async throws(ActionFailure) {
        self.request = request
        self.services = services
        stream = NotificationSent.stream(instance: request.instance, step: request.step)
        for event in try await services.read(stream) {
            if let message = NotificationSent(event) { sent[message.key] = message }
        }
    }

    /// Sends unless it was sent before; either way gives what was sent.
    ///
    /// - Parameter deliver: takes the message's key and the present, gives the other side's id.
    mutating func send(
        channel: String,
        to recipient: String,
        template: String?,
        _ deliver: (String, Timestamp) async throws(ActionFailure) -> String
    ) async throws(ActionFailure) -> NotificationSent {
        let key = "\(request.idempotencyKey)/\(channel)/\(recipient)"
        if let earlier = sent[key] { return earlier }
        let message = NotificationSent(
            key: key,
            step: request.step,
            channel: channel,
            to: recipient,
            template: template,
            messageID: try await deliver(key, services.now)
        )
        let event = message.proposed(for: request, number: sent.count)
        let write = ActionWrite(stream: stream, expectedCount: nil, events: [event])
        try await services.append([write])
        sent[key] = message
        return message
    }
}
