import EventModel

/// The unsigned first request of a Notion subscription, which carries the token that signs all others.
///
/// It is only taken while the source has no secret, or anybody could put a secret of theirs in place.
enum Handshake {
    static func token(of delivery: WebhookDelivery, scheme: WebhookScheme) -> String? {
        switch scheme {
        case .notion: break
        case .github, .slack, .stripe, .standardWebhooks: return nil
        }
        guard WebhookHeaders(delivery.headers)["X-Notion-Signature"] == nil,
            let value = try? JSON.parse(bytes: delivery.body),
            case .map(let members) = value,
            members.count == 1,
            let token = members["verification_token"]?.stringValue,
            !token.isEmpty, token.utf8.count <= 1000
        else { return nil }
        return token
    }

    static func reference(_ source: WebhookSource) -> SecretReference? {
        SecretReference(name: "webhook_token", identifier: source.name)
    }
}
