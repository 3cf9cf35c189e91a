public import EventModel

/// How an engine is doing.
public struct EngineHealth: Sendable, Hashable {
    /// True once everything that follows the log has caught up after the start.
    public var isReady: Bool
    public var isStopping: Bool
    /// The log's last position.
    public var head: Position
    public var followers: [Follower]
    /// Steps whose result is awaited.
    public var openStepCount: Int
    /// Calls of actions in flight.
    public var callCount: Int
    public var waitingTimerCount: Int
    /// When the next timer is due, or nil.
    public var nextTimer: Timestamp?
    /// Schedules with a tick to come.
    public var scheduleCount: Int
    /// When the next tick of a schedule runs, or nil.
    public var nextTick: Timestamp?
    public var sinks: [SinkDebt]
    public var agents: Agents
    /// Integrations that were called, or were down when the engine started.
    public var circuits: [Circuit]

    /// The circuit breaker of an integration.
    public struct Circuit: Sendable, Hashable {
        public var integration: String
        /// `closed`, `open` or `half_open`.
        public var phase: String
        /// Outages in a row.
        public var failureCount: Int
        /// The code of the last outage, or nil.
        public var code: String?
        /// When a call may try again, or nil.
        public var until: Timestamp?
    }

    /// Agents, and the steps that are for them.
    public struct Agents: Sendable, Hashable {
        public var liveCount: Int
        /// Steps that no agent has taken yet.
        public var waitingCount: Int
        /// Steps that are with an agent.
        public var assignedCount: Int
    }

    /// One part that follows the log, or works by itself.
    public struct Follower: Sendable, Hashable {
        public var name: String
        /// Everything up to here was dealt with.
        public var position: Position
        /// How many events are still to be dealt with.
        public var lag: UInt64
        /// The failure that it has not recovered from, and since when.
        public var failure: String?
        public var failedAt: Timestamp?
    }

    /// What a sink has not taken yet.
    public struct SinkDebt: Sendable, Hashable {
        public var projection: String
        /// `notion` or `postgres`.
        public var kind: String
        public var target: String
        /// Rows that wait to be pushed, refused ones included.
        public var rowCount: Int
        /// Rows that the sink can never take as they are.
        public var refusedCount: Int
        /// The position of the oldest change that is not pushed.
        public var oldest: Position?
        /// Why the last push failed, or nil.
        public var failure: String?
    }
}
