public import EventModel
import WorkflowEngine

extension InstanceSummary {
    /// The form in which the views and interfaces hold it.
    public var value: Value {
        .map([
            "instance": .string(instance.text),
            "workflow": .string(workflow),
            "definition": definition.map { .string($0.hexadecimal) } ?? .null,
            "entity": entity.map(Value.string) ?? .null,
            "status": .string(status.rawValue),
            "started_at": startedAt.map(Value.timestamp) ?? .null,
            "updated_at": updatedAt.map(Value.timestamp) ?? .null,
            "ended_at": endedAt.map(Value.timestamp) ?? .null,
            "outcome": outcome.map(Value.string) ?? .null,
            "failure": failure.map(InstanceSummary.value(of:)) ?? .null,
            "failed_step": failedStep.map(Value.string) ?? .null,
            "trigger": triggerKind.map(Value.string) ?? .null,
            "first_position": .uint(firstPosition.value),
            "last_position": .uint(lastPosition.value),
            "event_count": .uint(eventCount),
        ])
    }

    /// Reads the form back; nil if something is missing.
    init?(_ value: Value) {
        guard let instance = value["instance"]?.stringValue.flatMap({ Identifier($0) }),
            let workflow = value["workflow"]?.stringValue,
            let status = value["status"]?.stringValue.flatMap(InstanceState.Status.init(rawValue:)),
            let first = value["first_position"]?.intValue,
            let last = value["last_position"]?.intValue,
            let count = value["event_count"]?.intValue
        else { return nil }
        self.instance = instance
        self.workflow = workflow
        self.status = status
        firstPosition = Position(UInt64(first))
        lastPosition = Position(UInt64(last))
        eventCount = UInt64(count)
        definition = value["definition"]?.stringValue.flatMap { Digest(hexadecimal: $0) }
        entity = value["entity"]?.stringValue
        startedAt = value["started_at"]?.timestampValue
        updatedAt = value["updated_at"]?.timestampValue
        endedAt = value["ended_at"]?.timestampValue
        outcome = value["outcome"]?.stringValue
        failure = value["failure"].flatMap(InstanceSummary.failure(from:))
        failedStep = value["failed_step"]?.stringValue
        triggerKind = value["trigger"]?.stringValue
    }

    private static func value(of failure: ActionFailure) -> Value {
        .map([
            "code": .string(failure.code),
            "message": .string(failure.message),
            "is_retryable": .bool(failure.isRetryable),
            "details": failure.details,
        ])
    }

    private static func failure(from value: Value) -> ActionFailure? {
        guard let code = value["code"]?.stringValue, let message = value["message"]?.stringValue
        else { return nil }
        return ActionFailure(
            code: code,
            message: message,
            isRetryable: value["is_retryable"]?.boolValue ?? false,
            details: value["details"] ?? .null
        )
    }
}
