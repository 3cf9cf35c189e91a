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
        case .stepCompleted(let event): event.data
        case .stepFailed(let event):
            [
                "step": .string(event.step), "attempt": .int(Int64(event.attempt)),
                "failure": event.failure.value, "will_retry": .bool(event.willRetry),
            ]
        case .stepSkipped(let event):
            ["step": .string(event.step), "reason": .string(event.reason)]
        case .fallbackEntered(let event): event.data
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
        case .instanceCancelled(let event), .instanceSuspended(let event),
            .instanceTerminated(let event):
            ["reason": .string(event.reason)]
        case .resultRefused(let event):
            [
                "step": .string(event.step), "attempt": .int(Int64(event.attempt)),
                "reason": .string(event.reason),
            ]
        case .loopStarted(let event): event.data
        case .roundStarted(let event): event.data
        case .roundEnded(let event): event.data
        case .roundFailed(let event): event.data
        case .branchFailed(let event): event.data
        case .stepsAbandoned(let event): event.data
        case .eventAwaited(let event): event.data
        case .approvalRequested(let event): event.data
        case .approvalReminded(let event): event.data
        case .approvalDecided(let event): event.data
        case .signalReceived(let event): event.data
        case .signalTaken(let event): event.data
        case .childRequested(let event): event.data
        case .childEnded(let event): event.data
        case .childCloseRequested(let event): event.data
        case .stepHeard(let event): event.data
        case .compensationStarted(let event): event.data
        case .compensationEntered(let event): event.data
        case .stepCompensated(let event): event.data
        case .instanceQueued(let event): event.data
        case .instanceAdmitted(let event): event.data
        case .instanceContinued(let event): event.data
        case .instanceReset(let event): event.data
        case .instanceMigrated(let event): event.data
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

extension InstanceEvent.StepCompleted {
    fileprivate var data: Value {
        var map: ValueMap = [
            "step": .string(step), "output": output, "attempt": .int(Int64(attempt)),
        ]
        if isCompensable { map["compensable"] = true }
        return .map(map)
    }
}

extension InstanceEvent.FallbackEntered {
    fileprivate var data: Value {
        var map: ValueMap = ["step": .string(step), "cause": .string(cause)]
        if let level { map["level"] = .int(Int64(level)) }
        return .map(map)
    }
}
