public import CEL
public import EventModel

/// What starts instances of a workflow.
public enum Trigger: Sendable {
    case webhook(WebhookTrigger)
    case record(RecordTrigger)
    /// The clock.
    case schedule(ScheduleTrigger)
    /// Any other event of the log.
    case event(EventTrigger)
    /// A task of a person that changes hands.
    case task(TaskTrigger)
    /// A request of one business entity to others.
    case request(RequestTrigger)
    /// The end of an instance of another workflow.
    case workflow(WorkflowTrigger)
    /// A person or a program, by hand, CLI or API.
    case manual
}

/// Starts an instance for each webhook of a source; the payload becomes the input.
public struct WebhookTrigger: Sendable {
    public var source: String
    /// The name of the webhook's event; nil for all.
    public var event: String?
    /// Over `payload`; nil if every payload starts an instance.
    public var condition: Expression?
    /// Members of the payload that are taken out, encrypted and replaced by a reference before
    /// anything is recorded.
    public var secrets: [String]

    /// Whether a webhook starts an instance.
    ///
    /// - Throws: the condition's error, also if it is neither true nor false.
    public func accepts(event: String, payload: Value) throws(CELError) -> Bool {
        guard self.event == nil || self.event == event else { return false }
        guard let condition else { return true }
        return try condition.truth(["payload": payload])
    }
}

/// Starts an instance when a record of a database changes; the record's fields become the input.
public struct RecordTrigger: Sendable {
    /// What can happen to a record.
    public enum Change: String, Sendable, CaseIterable {
        case created, updated, trashed
    }

    /// The key of the database, such as `contacts_profiles`.
    public var database: String
    public var changes: [Change]
    /// Over `record`, `before`, `after` and `changes`; nil if every change starts an instance.
    public var condition: Expression?

    /// Whether a change of a record starts an instance.
    ///
    /// - Parameters:
    ///   - change: what happened.
    ///   - before: the fields before it; null for a new record.
    ///   - after: the fields after it; null for a trashed record.
    ///   - changes: for each changed field `{before, after}`.
    /// - Throws: the condition's error, also if it is neither true nor false.
    public func accepts(
        _ change: Change,
        before: Value,
        after: Value,
        changes: Value
    ) throws(CELError) -> Bool {
        guard self.changes.contains(change) else { return false }
        guard let condition else { return true }
        return try condition.truth([
            "record": after.isNull ? before : after, "before": before, "after": after,
            "changes": changes,
        ])
    }
}

extension Expression {
    /// The value, which must be true or false.
    func truth(_ variables: ValueMap) throws(CELError) -> Bool {
        let value = try evaluate(variables)
        guard let truth = value.boolValue else {
            throw CELError(
                .noSuchOverload,
                "a condition must be true or false, not \(value.typeName)",
                source: source,
                offset: 0
            )
        }
        return truth
    }
}
