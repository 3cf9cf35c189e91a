import Crypto
public import EventModel

/// What is known of the key of a subject.
enum KeyState: Sendable {
    /// It opens what was sealed with it.
    case live(SymmetricKey)
    /// It was destroyed, and a tombstone says so.
    case erased
    /// The key store has never heard of it: an error, since nothing is sealed without a key.
    case missing
    /// The key store has a row that cannot be unwrapped.
    case damaged
    /// There are no keys to look in.
    case unavailable
}

/// A row of the key store: a subject's key, or what is left of it.
struct KeyRow: Sendable {
    enum State: Sendable {
        case live(wrapped: [UInt8])
        /// By the tombstone with this id.
        case erased(by: EventID, at: Timestamp)
    }

    var state: State
    var madeAt: Timestamp

    var value: Value {
        switch state {
        case .live(let wrapped): ["key": .bytes(wrapped), "made_at": .timestamp(madeAt)]
        case .erased(let event, let instant):
            [
                "erased_by": .bytes(event.bytes), "erased_at": .timestamp(instant),
                "made_at": .timestamp(madeAt),
            ]
        }
    }

    init(state: State, madeAt: Timestamp) {
        self.state = state
        self.madeAt = madeAt
    }

    /// Reads the form back; nil if it is none.
    init?(_ bytes: [UInt8]) {
        guard let value = try? Value(canonicalBytes: bytes),
            let madeAt = value["made_at"]?.timestampValue
        else { return nil }
        self.madeAt = madeAt
        if let wrapped = value["key"]?.bytesValue {
            state = .live(wrapped: wrapped)
            return
        }
        guard let event = value["erased_by"]?.bytesValue.flatMap({ Identifier(bytes: $0) }),
            let instant = value["erased_at"]?.timestampValue
        else { return nil }
        state = .erased(by: event, at: instant)
    }
}

/// An erasure as the key store keeps it until its tombstone is in the log.
public struct Erasure: Sendable, Hashable {
    /// The id of the tombstone.
    public var event: EventID
    /// Who is erased.
    public var subject: Subject
    /// Whose keys are destroyed: the subject, and what names it.
    public var erased: [Subject]
    public var reason: String
    public var actor: String
    public var at: Timestamp

    var value: Value {
        [
            "event": .bytes(event.bytes), "subject": .string(subject.text),
            "erased": .list(erased.map { .string($0.text) }), "reason": .string(reason),
            "actor": .string(actor), "at": .timestamp(at),
        ]
    }

    init(
        event: EventID,
        subject: Subject,
        erased: [Subject],
        reason: String,
        actor: String,
        at: Timestamp
    ) {
        self.event = event
        self.subject = subject
        self.erased = erased
        self.reason = reason
        self.actor = actor
        self.at = at
    }

    init?(_ bytes: [UInt8]) {
        guard let value = try? Value(canonicalBytes: bytes),
            let event = value["event"]?.bytesValue.flatMap({ Identifier(bytes: $0) }),
            let subject = value["subject"]?.stringValue.flatMap({ Subject($0) }),
            let erased = value["erased"]?.listValue,
            let reason = value["reason"]?.stringValue,
            let actor = value["actor"]?.stringValue,
            let instant = value["at"]?.timestampValue
        else { return nil }
        self.event = event
        self.subject = subject
        self.erased = erased.compactMap { $0.stringValue.flatMap { Subject($0) } }
        self.reason = reason
        self.actor = actor
        at = instant
    }
}
