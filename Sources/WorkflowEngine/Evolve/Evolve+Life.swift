import EventModel

extension InstanceState {
    mutating func evolve(queued event: InstanceEvent.InstanceQueued) {
        status = .queued
        admission = event.admission
    }

    mutating func evolveAdmitted() {
        status = .running
        admission?.isAdmitted = true
    }

    mutating func evolveSuspended() {
        isSuspended = true
        settleStatus()
    }

    mutating func evolveContinued() {
        isSuspended = false
        held = []
        settleStatus()
    }

    mutating func evolve(
        terminated event: InstanceEvent.InstanceCancelled,
        at instant: Timestamp
    ) {
        outcome = event.reason
        end(.terminated, at: instant)
    }

    mutating func evolve(compensation event: InstanceEvent.CompensationStarted) {
        if let failure = event.failure {
            ending = .failed(step: event.step ?? "", failure)
        } else {
            ending = .cancelled(reason: event.reason ?? "")
        }
        abandonEverything()
        isSuspended = false
        held = []
        status = .compensating
    }

    mutating func evolve(undoing event: InstanceEvent.CompensationStep) {
        guard let last = compensations.indices.last else { return }
        compensations[last].isRunning = true
    }

    mutating func evolve(undone event: InstanceEvent.CompensationStep) {
        if compensations.last?.step == event.step { compensations.removeLast() }
    }

    /// The state is in the event whole, so that a replay needs no earlier event.
    mutating func evolve(reset event: InstanceEvent.InstanceReset, at instant: Timestamp) {
        guard var base = try? InstanceState(value: event.state) else { return }
        base.eventCount = eventCount
        base.updatedAt = instant
        base.workflow = workflow
        base.definition = definition
        base.entity = entity
        base.trigger = trigger
        base.startedAt = startedAt
        base.attemptFloor = attemptFloor + InstanceState.attemptsPerReturn
        self = base
    }

    /// More attempts than a step in a round makes between two returns to earlier events.
    static let attemptsPerReturn = 100_000

    /// Marks every step that is not over as over, with all that it waited for.
    mutating func abandonEverything() {
        timers = [:]
        dropLoops { _ in true }
        for key in Array(steps.keys) {
            guard let phase = steps[key]?.phase, !phase.isDone, phase != .failed else { continue }
            steps[key]?.phase = .abandoned
            steps[key]?.call = nil
            steps[key]?.pending = nil
        }
    }
}
