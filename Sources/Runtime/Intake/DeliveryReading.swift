import EventModel

/// What a delivery says about itself.
struct DeliveryReading: Sendable {
    /// Headers that are worth keeping and can hold no secret.
    private static let keptHeaders = [
        "content-type", "user-agent", "x-github-event", "x-github-delivery",
        "x-slack-request-timestamp", "webhook-id", "webhook-timestamp", "x-daybook-delivery",
        "x-daybook-event", "traceparent",
    ]

    var payload: ValueMap
    /// Names the delivery among all of its source.
    var deliveryID: String
    /// The name of the sender's event: `new_booking`, `page.created`; empty if it says none.
    var event: String
    var headers: ValueMap

    /// Reads a body whose signature was checked.
    init(
        scheme: WebhookScheme,
        headers given: WebhookHeaders,
        body: [UInt8]
    ) throws(IntakeError) {
        let value: Value
        do throws(JSONError) {
            value = try JSON.parse(bytes: body)
        } catch {
            throw IntakeError(.malformed, "the body is no JSON: \(error)")
        }
        guard case .map(let payload) = value else {
            throw IntakeError(.malformed, "the body must be a JSON object, not \(value.typeName)")
        }
        self.payload = payload
        let digest = Digest.sha256(body).hexadecimal
        deliveryID =
            DeliveryReading.identifier(scheme, given, payload)
            ?? given["X-Daybook-Delivery"].map { "daybook:\($0)" } ?? "sha256:\(digest)"
        event =
            given["X-GitHub-Event"] ?? given["X-Daybook-Event"] ?? payload["event"]?.stringValue
            ?? payload["type"]?.stringValue ?? ""
        headers = ValueMap()
        for name in DeliveryReading.keptHeaders {
            guard let text = given[name] else { continue }
            headers[name] = .string(String(text.prefix(1000)))
        }
    }

    private static func identifier(
        _ scheme: WebhookScheme,
        _ headers: WebhookHeaders,
        _ payload: ValueMap
    ) -> String? {
        switch scheme {
        case .notion, .stripe: payload["id"]?.stringValue
        case .github: headers["X-GitHub-Delivery"]
        case .slack: payload["event_id"]?.stringValue
        case .standardWebhooks: headers["webhook-id"]
        }
    }
}
