/// Somebody who may send webhooks.
public struct WebhookSource: Sendable, Hashable {
    /// The last part of the address and of the stream's name: `booking_system`.
    public var name: String
    public var scheme: WebhookScheme
    /// The shared secret; nil for a Notion source whose verification token is still to come.
    public var secret: String?
    /// How far a signed time may lie from the present, in seconds, inclusive.
    public var toleranceSeconds: Int64

    public init(
        name: String,
        scheme: WebhookScheme,
        secret: String?,
        toleranceSeconds: Int64 = WebhookSignature.toleranceSecondsDefault
    ) {
        self.name = name
        self.scheme = scheme
        self.secret = secret
        self.toleranceSeconds = toleranceSeconds
    }
}
