public import EventModel

/// A request that claims to be a webhook.
public struct WebhookDelivery: Sendable {
    /// The name of the ``WebhookSource``.
    public var source: String
    /// All headers, in any case.
    public var headers: [(String, String)]
    /// The raw bytes of the body.
    public var body: [UInt8]
    /// When it came; nil takes the engine's present.
    public var receivedAt: Timestamp?

    public init(
        source: String,
        headers: [(String, String)],
        body: [UInt8],
        receivedAt: Timestamp? = nil
    ) {
        self.source = source
        self.headers = headers
        self.body = body
        self.receivedAt = receivedAt
    }
}

/// What became of a delivery that was taken.
public struct WebhookAnswer: Sendable, Hashable {
    /// The id of its event in the log.
    public var event: EventID
    public var position: Position
    /// True if the delivery was taken before; the rest is then the first answer.
    public var isRepeat: Bool
    public var started: [StartedInstance]

    /// An instance that the delivery starts.
    public struct StartedInstance: Sendable, Hashable {
        public var workflow: String
        public var instance: EventID
        /// `started`.
        public var status: String

        public init(workflow: String, instance: EventID, status: String = "started") {
            self.workflow = workflow
            self.instance = instance
            self.status = status
        }
    }

    public init(
        event: EventID,
        position: Position,
        isRepeat: Bool,
        started: [StartedInstance]
    ) {
        self.event = event
        self.position = position
        self.isRepeat = isRepeat
        self.started = started
    }
}

/// Why a delivery was not taken.
public struct IntakeError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of refusal it is.
    public enum Code: String, Sendable, Hashable {
        case unknownSource = "unknown_source"
        case badSignature = "bad_signature"
        /// The signature is right and too old: perhaps a replay.
        case stale
        /// The body is no JSON object, or a secret in it cannot be kept apart.
        case malformed
        case tooLarge = "too_large"
        /// The log or the store of secrets does not take it now; send it again.
        case unavailable
    }

    public var code: Code
    public var message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { message }
}
