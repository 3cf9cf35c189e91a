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
        failure = event.failure
        failedStep = event.step
        steps[event.step, default: StepState(phase: .incident)].phase = .incident
        status = isSuspended ? .suspended : .paused
    }

    mutating func evolve(resumed event: InstanceEvent.InstanceResumed) {
        // What is inside begins anew, also rounds that are over and of which nothing is known.
        let isContainer = steps.keys.contains { InstanceState.isInside($0, event.step) }
        if isContainer { attemptFloor += InstanceState.attemptsPerReturn }
        abandonSteps(inside: event.step, doneToo: true)
        steps[event.step, default: StepState(phase: .resumed)].phase = .resumed
        steps[event.step]?.level = 0
        steps[event.step]?.failedBranches = []
        if let attempt = steps[event.step]?.attempt { steps[event.step]?.attemptsBefore = attempt }
        settleAfterLoss()
    }

    /// Marks what is inside a step as over; attempts stay known, so that late results are
    /// recognised.
    mutating func abandonSteps(inside path: String, doneToo: Bool) {
        for key in Array(steps.keys) where InstanceState.isInside(key, path) {
            guard let phase = steps[key]?.phase else { continue }
            guard doneToo || !(phase.isDone || phase == .failed) else { continue }
            steps[key]?.phase = .abandoned
            steps[key]?.call = nil
            steps[key]?.pending = nil
            // What begins again with the step around it has all its attempts before it, too.
            guard doneToo else { continue }
            steps[key]?.level = 0
            steps[key]?.failedBranches = []
            if let attempt = steps[key]?.attempt { steps[key]?.attemptsBefore = attempt }
        }
        guard !loops.isEmpty else { return }
        let count = loops.count
        dropLoops { $0 == path || InstanceState.isInside($0, path) }
        // Should the loop begin anew, its rounds must not be taken for those that were given up.
        if loops.count < count { attemptFloor += InstanceState.attemptsPerReturn }
    }

    /// Whether a path lies inside a step, a branch or a loop: behind a dot, or behind a round.
    static func isInside(_ path: String, _ step: String) -> Bool {
        guard path.utf8.count > step.utf8.count, path.hasPrefix(step) else { return false }
        let next = path.utf8[path.utf8.index(path.utf8.startIndex, offsetBy: step.utf8.count)]
        return next == UInt8(ascii: ".") || next == UInt8(ascii: "[")
    }

    mutating func end(_ status: Status, at instant: Timestamp) {
        self.status = status
        endedAt = instant
        abandonEverything()
        // Nothing can go on or be undone any more, so what was kept for that is dropped.
        signals = []
        children = [:]
        compensations = []
        ending = nil
        isSuspended = false
        held = []
    }
}
