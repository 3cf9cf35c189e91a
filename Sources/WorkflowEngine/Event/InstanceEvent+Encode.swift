public import EventModel

extension InstanceEvent {
    /// What the log keeps beside the type; members without a value are left out.
    public var data: Value {
        switch self {
        case .instanceStarted(let event): event.data
        case .conditionEvaluated(let event):
            [
                "step": .string(event.step), "expression": .string(event.expression),
                "result": .bool(event.result),
            ]
        case .stepScheduled(let event): event.data
        case .stepStarted(let event):
            ["step": .string(event.step), "attempt": .int(Int64(event.attempt))]
        case .stepCompleted(let event):
            [
                "step": .string(event.step), "attempt": .int(Int64(event.attempt)),
                "output": event.output,
            ]
        case .stepFailed(let event):
            [
                "step": .string(event.step), "attempt": .int(Int64(event.attempt)),
                "failure": event.failure.value, "will_retry": .bool(event.willRetry),
            ]
        case .stepSkipped(let event):
            ["step": .string(event.step), "reason": .string(event.reason)]
        case .fallbackEntered(let event):
            ["step": .string(event.step), "cause": .string(event.cause)]
        case .timerSet(let event):
            [
                "timer": .string(event.timer), "step": .string(event.step),
                "purpose": .string(event.purpose.rawValue), "due": .timestamp(event.due),
            ]
        case .timerFired(let event), .timerCancelled(let event):
            ["timer": .string(event.timer), "step": .string(event.step)]
        case .instanceCompleted(let event):
            ["output": event.output, "outcome": .string(event.outcome)]
        case .instanceFailed(let event), .instancePaused(let event):
            ["step": .string(event.step), "failure": event.failure.value]
        case .instanceResumed(let event):
            ["step": .string(event.step)]
        case .instanceCancelled(let event):
            ["reason": .string(event.reason)]
        case .resultRefused(let event):
            [
                "step": .string(event.step), "attempt": .int(Int64(event.attempt)),
                "reason": .string(event.reason),
            ]
        }
    }
}

extension InstanceEvent.InstanceStarted {
    fileprivate var data: Value {
        var map: ValueMap = [
            "workflow": .string(workflow), "definition": .string(definition.hexadecimal),
            "input": input, "trigger": trigger,
        ]
        if let entity { map["entity"] = .string(entity) }
        return .map(map)
    }
}

extension InstanceEvent.StepScheduled {
    fileprivate var data: Value {
        var map: ValueMap = [
            "step": .string(step), "attempt": .int(Int64(attempt)), "action": .string(action),
            "input": input, "idempotency_key": .string(idempotencyKey),
        ]
        if let deadline { map["deadline"] = .timestamp(deadline) }
        return .map(map)
    }
}
