/// An immutable fact, as it stands in the log.
public struct Event: Sendable, Hashable {
    /// The place in the whole log, 1 for the first.
    public var position: Position
    public var id: EventID
    public var stream: StreamName
    /// The place in the stream, 0 for the first.
    public var revision: Revision
    /// What happened, in the past tense, as in `InstanceStarted`.
    ///
    /// Catalogued in `Schemas/events/`.
    public var type: String
    /// The version of the type's schema, from 1.
    public var schema: UInt32
    /// When the log took it, to the microsecond; never decreases along the log.
    public var recordedAt: Timestamp
    /// The business entity it belongs to, such as `the_7_space`.
    public var entity: String?
    /// Who did it: `user:…`, `agent:…`, `notion:…`, `webhook:…` or `system`.
    public var actor: String
    /// The id of the event that began the story.
    public var correlation: EventID
    /// The id of the event that led directly to this one.
    public var causation: EventID?
    public var data: Value
    /// Occurred-at, source, idempotency key, `traceparent`.
    public var metadata: ValueMap

    public init(
        position: Position,
        id: EventID,
        stream: StreamName,
        revision: Revision,
        type: String,
        schema: UInt32,
        recordedAt: Timestamp,
        entity: String?,
        actor: String,
        correlation: EventID,
        causation: EventID?,
        data: Value,
        metadata: ValueMap
    ) {
        self.position = position
        self.id = id
        self.stream = stream
        self.revision = revision
        self.type = type
        self.schema = schema
        self.recordedAt = recordedAt
        self.entity = entity
        self.actor = actor
        self.correlation = correlation
        self.causation = causation
        self.data = data
        self.metadata = metadata
    }
}

/// An event that somebody proposes; the log gives it position, revision and time.
public struct ProposedEvent: Sendable, Hashable {
    public var id: EventID
    public var type: String
    public var schema: UInt32
    public var entity: String?
    public var actor: String
    /// Nil if this event begins a story; it is then its own correlation.
    public var correlation: EventID?
    public var causation: EventID?
    public var data: Value
    public var metadata: ValueMap

    public init(
        id: EventID,
        type: String,
        schema: UInt32 = 1,
        entity: String? = nil,
        actor: String,
        correlation: EventID? = nil,
        causation: EventID? = nil,
        data: Value,
        metadata: ValueMap = ValueMap()
    ) {
        self.id = id
        self.type = type
        self.schema = schema
        self.entity = entity
        self.actor = actor
        self.correlation = correlation
        self.causation = causation
        self.data = data
        self.metadata = metadata
    }
}
