public import CEL
public import EventModel

/// Starts an instance for each event of a type, whatever stream it is in; its data is the input.
public struct EventTrigger: Sendable {
    public var type: String
    /// Over `event` and `data`; nil if every event starts an instance.
    public var condition: Expression?

    static let names = ["event", "data"]

    /// Whether an event starts an instance.
    ///
    /// - Throws: the condition's error, also if it is neither true nor false.
    public func accepts(_ event: Event) throws(CELError) -> Bool {
        guard event.type == type else { return false }
        guard let condition else { return true }
        return try condition.truth(["event": EventView.value(event), "data": event.data])
    }
}

/// What expressions see of an event of the log.
public enum EventView {
    /// The event as a map: `id type stream entity actor recorded_at data`.
    public static func value(_ event: Event) -> Value {
        [
            "id": .string(event.id.text), "type": .string(event.type),
            "stream": .string(event.stream.description),
            "entity": event.entity.map(Value.string) ?? .null, "actor": .string(event.actor),
            "recorded_at": .timestamp(event.recordedAt), "data": event.data,
        ]
    }
}

/// Starts an instance when a person's task changes; the task's fields are the input.
public struct TaskTrigger: Sendable {
    /// What can happen to a task.
    public enum Change: String, Sendable, Hashable, CaseIterable {
        case created, started, completed, cancelled
    }

    /// The database whose records are the tasks.
    public static let database = "master_tasks"

    public var change: Change
    /// Over `task` and `before`; nil if every task that changes so starts an instance.
    public var condition: Expression?

    /// Whether a change of a task's record starts an instance.
    ///
    /// - Parameters:
    ///   - kind: what happened to the record.
    ///   - before: the fields before it; null for a new record.
    ///   - after: the fields after it; null for a trashed record.
    /// - Throws: the condition's error, also if it is neither true nor false.
    public func accepts(
        _ kind: RecordTrigger.Change,
        before: Value,
        after: Value
    ) throws(CELError) -> Bool {
        let isWanted =
            change == .created
            ? kind == .created
            : after["status"] == status && before["status"] != status
        guard isWanted, !after.isNull else { return false }
        guard let condition else { return true }
        return try condition.truth(["task": after, "before": before])
    }

    /// The word of the database's field `status`.
    private var status: Value {
        switch change {
        case .created: "To Do"
        case .started: "In Progress"
        case .completed: "Done"
        case .cancelled: "Cancelled"
        }
    }
}

/// Starts an instance for each request of one business entity to others; its payload is the input.
public struct RequestTrigger: Sendable {
    /// The name under which requests come in.
    public var name: String
    /// The entities that may ask; empty if all may.
    public var entities: [String]
    /// Over `request` and `payload`; nil if every request starts an instance.
    public var condition: Expression?

    /// Whether a request starts an instance.
    ///
    /// - Parameters:
    ///   - request: `request`, `from` and `entities`, as they came in.
    ///   - payload: what is asked.
    /// - Throws: the condition's error, also if it is neither true nor false.
    public func accepts(_ request: Value, payload: Value) throws(CELError) -> Bool {
        guard request["request"] == .string(name) else { return false }
        if !entities.isEmpty {
            guard let from = request["from"]?.stringValue, entities.contains(from) else {
                return false
            }
        }
        guard let condition else { return true }
        return try condition.truth(["request": request, "payload": payload])
    }
}

/// Starts an instance when one of another workflow has ended.
public struct WorkflowTrigger: Sendable {
    /// How an instance can end.
    public enum End: String, Sendable, Hashable, CaseIterable {
        case completed, failed, cancelled
    }

    public var workflow: String
    public var ends: [End]
    /// The outcomes that are wanted; empty if all are.
    public var outcomes: [String]
    /// Over `ended`; nil if every such end starts an instance.
    public var condition: Expression?

    /// Whether the end of an instance starts one.
    ///
    /// - Parameters:
    ///   - end: how it ended.
    ///   - ended: `instance`, `workflow`, `status`, `outcome`, `output` and `failure`.
    /// - Throws: the condition's error, also if it is neither true nor false.
    public func accepts(_ end: End, ended: Value) throws(CELError) -> Bool {
        guard ended["workflow"] == .string(workflow), ends.contains(end) else { return false }
        if !outcomes.isEmpty {
            guard let outcome = ended["outcome"]?.stringValue, outcomes.contains(outcome) else {
                return false
            }
        }
        guard let condition else { return true }
        return try condition.truth(["ended": ended])
    }
}
