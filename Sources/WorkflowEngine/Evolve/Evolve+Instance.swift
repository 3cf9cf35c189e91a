import EventModel

extension InstanceState {
    mutating func evolve(started event: InstanceEvent.InstanceStarted, at instant: Timestamp) {
        status = .running
        workflow = event.workflow
        definition = event.definition
        entity = event.entity
        input = event.input
        trigger = event.trigger
        startedAt = instant
    }

    mutating func evolve(completed event: InstanceEvent.InstanceCompleted, at instant: Timestamp) {
        output = event.output
        outcome = event.outcome
        failure = nil
        failedStep = nil
        end(.completed, at: instant)
    }

    mutating func evolve(failed event: InstanceEvent.InstanceFailed, at instant: Timestamp) {
        failure = event.failure
        failedStep = event.step
        end(.failed, at: instant)
    }

    mutating func evolve(cancelled event: InstanceEvent.InstanceCancelled, at instant: Timestamp) {
        outcome = event.reason
        end(.cancelled, at: instant)
    }

    mutating func evolve(paused event: InstanceEvent.InstanceFailed) {
        status = .paused
        failure = event.failure
        failedStep = event.step
        steps[event.step, default: StepState(phase: .incident)].phase = .incident
    }

    mutating func evolve(resumed event: InstanceEvent.InstanceResumed) {
        abandonSteps(inside: event.step, doneToo: true)
        steps[event.step, default: StepState(phase: .resumed)].phase = .resumed
        if let attempt = steps[event.step]?.attempt { steps[event.step]?.attemptsBefore = attempt }
        leavePauseIfClear()
    }

    /// An incident can also end because what was around it has failed or fallen back.
    mutating func leavePauseIfClear() {
        guard status == .paused, !steps.values.contains(where: { $0.phase == .incident })
        else { return }
        status = .running
        failure = nil
        failedStep = nil
    }

    /// Marks what is inside a step as over; attempts stay known, so that late results are
    /// recognised.
    mutating func abandonSteps(inside path: String, doneToo: Bool) {
        let prefix = path + "."
        for key in Array(steps.keys) where key.hasPrefix(prefix) {
            guard let phase = steps[key]?.phase else { continue }
            guard doneToo || !(phase.isDone || phase == .failed) else { continue }
            steps[key]?.phase = .abandoned
            steps[key]?.call = nil
            // What begins again with the step around it has all its attempts before it, too.
            if doneToo, let attempt = steps[key]?.attempt { steps[key]?.attemptsBefore = attempt }
        }
    }

    private mutating func end(_ status: Status, at instant: Timestamp) {
        self.status = status
        endedAt = instant
        timers = [:]
        for key in Array(steps.keys) {
            guard let phase = steps[key]?.phase, !phase.isDone, phase != .failed else { continue }
            steps[key]?.phase = .abandoned
            steps[key]?.call = nil
        }
    }
}
