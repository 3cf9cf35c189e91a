import EventModel

extension InstanceState {
    mutating func evolve(awaited event: InstanceEvent.EventAwaited) {
        steps[event.step, default: StepState(phase: .waiting)].phase = .waiting
        steps[event.step]?.pending = .event(event.awaited)
    }

    mutating func evolve(requested event: InstanceEvent.ApprovalRequested) {
        steps[event.step, default: StepState(phase: .approving)].phase = .approving
        steps[event.step]?.pending = .approval(
            ApprovalState(
                title: event.title,
                text: event.text,
                who: event.who,
                deadline: event.deadline
            )
        )
    }

    mutating func evolve(reminded event: InstanceEvent.ApprovalReminded) {
        guard case .approval(var approval)? = steps[event.step]?.pending else { return }
        approval.remindersSent = event.number
        steps[event.step]?.pending = .approval(approval)
    }

    mutating func evolve(decided event: InstanceEvent.ApprovalDecided, at instant: Timestamp) {
        guard case .approval(var approval)? = steps[event.step]?.pending else { return }
        approval.outcome = event.outcome
        approval.comment = event.comment
        approval.actor = event.actor
        approval.decidedAt = instant
        steps[event.step]?.pending = .approval(approval)
        steps[event.step]?.phase = .entered
    }

    mutating func evolve(signal event: InstanceEvent.SignalReceived) {
        guard event.step == nil else { return }
        signals.append(SignalState(name: event.name, data: event.payload, actor: event.actor))
    }

    mutating func evolve(taken event: InstanceEvent.SignalTaken) {
        guard signals.indices.contains(event.index) else { return }
        signals.remove(at: event.index)
        // What the step gives then is what it waited for, and assigns no variables.
        steps[event.step, default: StepState(phase: .waiting)].phase = .waiting
    }

    mutating func evolve(child event: InstanceEvent.ChildRequested) {
        if event.waits {
            steps[event.step, default: StepState(phase: .calling)].phase = .calling
            steps[event.step]?.pending = .child(event.child)
        }
        steps[event.step, default: StepState(phase: .entered)].attempt = event.attempt
        guard event.waits || event.parentClose != .abandon else { return }
        children[event.child.text] = ChildState(
            step: event.step,
            workflow: event.workflow,
            waits: event.waits,
            parentClose: event.parentClose
        )
    }
}
