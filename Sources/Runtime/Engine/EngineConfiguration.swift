public import EventModel

/// What an engine can be told.
public struct EngineConfiguration: Sendable {
    /// Who acts when the engine acts by itself.
    public var actor: String
    /// How often each database of the record source is looked at.
    public var pollInterval: Duration
    /// How far back each look begins before the newest edit that was seen.
    ///
    /// At least two minutes for Notion, whose times are floored to the minute and whose queries lag behind writes.
    public var pollOverlap: Duration
    /// The databases to look at; nil takes all of the catalogue.
    public var polledDatabases: [String]?
    /// How many actions run at the same time.
    public var dispatcherConcurrency: Int
    public var webhookSources: [WebhookSource]
    /// The largest body of a webhook, in bytes.
    public var webhookBodyBytesMax: Int
    /// How long ``Engine/stop()`` waits for calls in flight.
    public var drainTimeout: Duration
    /// The longest wait between two tries of a sink that is down.
    public var sinkRetryDelayMax: Duration
    /// How many live instance states are kept in memory.
    public var instancesCachedMax: Int
    /// How long an agent may be silent before its steps go to others; from 1 s to 1 h.
    public var agentLease: Duration
    /// When calls to an integration are held back.
    public var circuits: CircuitSettings
    /// Makes identifiers of version 7 for what nothing else gives one; tests make them repeat.
    public var makeIdentifier: @Sendable (Timestamp) -> Identifier

    public init(
        actor: String = "system",
        pollInterval: Duration = .seconds(60),
        pollOverlap: Duration = .seconds(180),
        polledDatabases: [String]? = nil,
        dispatcherConcurrency: Int = 64,
        webhookSources: [WebhookSource] = [],
        webhookBodyBytesMax: Int = 512 * 1024,
        drainTimeout: Duration = .seconds(30),
        sinkRetryDelayMax: Duration = .seconds(300),
        instancesCachedMax: Int = 10_000,
        agentLease: Duration = .seconds(30),
        circuits: CircuitSettings = CircuitSettings(),
        makeIdentifier: (@Sendable (Timestamp) -> Identifier)? = nil
    ) {
        self.actor = actor
        self.pollInterval = pollInterval
        self.pollOverlap = pollOverlap
        self.polledDatabases = polledDatabases
        self.dispatcherConcurrency = dispatcherConcurrency
        self.webhookSources = webhookSources
        self.webhookBodyBytesMax = webhookBodyBytesMax
        self.drainTimeout = drainTimeout
        self.sinkRetryDelayMax = sinkRetryDelayMax
        self.instancesCachedMax = instancesCachedMax
        self.agentLease = agentLease
        self.circuits = circuits
        self.makeIdentifier = makeIdentifier ?? { RandomIdentity.next(at: $0) }
    }
}
