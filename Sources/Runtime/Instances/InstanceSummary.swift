public import EventModel
public import WorkflowEngine

/// One line about an instance.
public struct InstanceSummary: Sendable, Hashable {
    public var instance: EventID
    public var workflow: String
    public var definition: Digest?
    public var entity: String?
    public var status: InstanceState.Status
    public var startedAt: Timestamp?
    public var updatedAt: Timestamp?
    public var endedAt: Timestamp?
    /// `completed` or the word that the workflow ended with.
    public var outcome: String?
    /// Why it failed, or the newest incident.
    public var failure: ActionFailure?
    public var failedStep: String?
    /// What kind of trigger started it: `webhook`, `record` or `manual`.
    public var triggerKind: String?
    /// Where its first event stands in the log.
    public var firstPosition: Position
    /// Where its last event stands.
    public var lastPosition: Position
    /// How many events it has.
    public var eventCount: UInt64

    init(
        instance: EventID,
        state: InstanceState,
        firstPosition: Position,
        lastPosition: Position
    ) {
        self.instance = instance
        self.firstPosition = firstPosition
        self.lastPosition = lastPosition
        workflow = state.workflow
        definition = state.definition
        entity = state.entity
        status = state.status
        startedAt = state.startedAt
        updatedAt = state.updatedAt
        endedAt = state.endedAt
        outcome = state.outcome
        failure = state.failure
        failedStep = state.failedStep
        triggerKind = state.trigger["kind"]?.stringValue
        eventCount = state.eventCount
    }
}

/// Which instances are wanted; what is nil or empty wants all.
public struct InstanceFilter: Sendable, Hashable {
    public var workflow: String?
    public var statuses: Set<InstanceState.Status>
    public var entity: String?
    /// Only instances whose first event stands before this position: the next page.
    public var before: Position?
    /// How many at the most.
    public var limit: Int

    public init(
        workflow: String? = nil,
        statuses: Set<InstanceState.Status> = [],
        entity: String? = nil,
        before: Position? = nil,
        limit: Int = 100
    ) {
        self.workflow = workflow
        self.statuses = statuses
        self.entity = entity
        self.before = before
        self.limit = limit
    }

    /// True if the instance is wanted; looks at everything but the limit.
    public func matches(_ summary: InstanceSummary) -> Bool {
        if let workflow, summary.workflow != workflow { return false }
        if !statuses.isEmpty, !statuses.contains(summary.status) { return false }
        if let entity, summary.entity != entity { return false }
        if let before, summary.firstPosition >= before { return false }
        return true
    }
}
