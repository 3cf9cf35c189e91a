import EventModel

extension InstanceState {
    mutating func evolve(scheduled event: InstanceEvent.StepScheduled) {
        steps[event.step, default: StepState(phase: .scheduled)].phase = .scheduled
        steps[event.step]?.attempt = event.attempt
        steps[event.step]?.call = StepState.Call(
            action: event.action,
            input: event.input,
            idempotencyKey: event.idempotencyKey,
            deadline: event.deadline
        )
        steps[event.step]?.heardAt = nil
    }

    /// Attempt 0 says that the kernel entered a step that holds others.
    mutating func evolve(stepStarted event: InstanceEvent.StepAttempt) {
        let phase: StepState.Phase = event.attempt == 0 ? .entered : .started
        steps[event.step, default: StepState(phase: phase)].phase = phase
    }

    /// An output of attempt 0 that is a map is what a `set` step assigned; steps that held others or
    /// waited for something give maps as well, which are no variables.
    mutating func evolve(completed event: InstanceEvent.StepCompleted) {
        let before = steps[event.step]
        steps[event.step, default: StepState(phase: .completed)].phase = .completed
        steps[event.step]?.call = nil
        steps[event.step]?.pending = nil
        // A person may have given what no attempt gave; what comes later counts on from there.
        if let last = before?.attempt, event.attempt > last {
            steps[event.step]?.attempt = event.attempt
        }
        keepOutput(event.output, of: event.step)
        if event.attempt == 0, case .map(let assigned) = event.output,
            before?.pending == nil, isAssignment(before?.phase)
        {
            variables = variables.isEmpty ? assigned : variables.merging(assigned)
        }
        if !loops.isEmpty { dropLoops { $0 == event.step } }
        if event.isCompensable { compensations.append(CompensationState(step: event.step)) }
        if isSuspended { held.append(event.step) }
    }

    private func isAssignment(_ phase: StepState.Phase?) -> Bool {
        switch phase {
        case nil, .entered, .resumed, .abandoned, .completed, .skipped, .failed, .incident: true
        case .scheduled, .started, .retrying, .waiting, .approving, .calling, .fallback: false
        }
    }

    mutating func evolve(skipped event: InstanceEvent.StepSkipped) {
        steps[event.step, default: StepState(phase: .skipped)].phase = .skipped
        steps[event.step]?.call = nil
        steps[event.step]?.pending = nil
        settleAfterLoss()
        if isSuspended { held.append(event.step) }
    }

    mutating func evolve(failed event: InstanceEvent.StepFailed) {
        let phase: StepState.Phase = event.willRetry ? .retrying : .failed
        steps[event.step, default: StepState(phase: phase)].phase = phase
        steps[event.step]?.failure = event.failure
        if !event.willRetry {
            steps[event.step]?.pending = nil
            if isSuspended { held.append(event.step) }
        }
        guard event.attempt == 0 else { return }
        abandonSteps(inside: event.step, doneToo: false)
        settleAfterLoss()
    }

    /// An event without a level is older than levels: it knew one.
    mutating func evolve(fallback event: InstanceEvent.FallbackEntered) {
        steps[event.step, default: StepState(phase: .fallback)].phase = .fallback
        steps[event.step]?.cause = event.cause
        steps[event.step]?.call = nil
        steps[event.step]?.level = event.level ?? 1
    }

    mutating func evolve(condition event: InstanceEvent.ConditionEvaluated) {
        steps[event.step, default: StepState(phase: .entered)].phase = .entered
        steps[event.step]?.condition = event.result
        // A loop whose condition does not hold has had its last round.
        if !event.result, let next = loops[event.step]?.next { loops[event.step]?.total = next }
    }

    mutating func evolve(refused event: InstanceEvent.ResultRefused) {
        steps[event.step]?.refused.append(event.attempt)
    }

    /// The last part of a path.
    static func name(ofPath path: String) -> String {
        guard let dot = path.utf8.lastIndex(of: UInt8(ascii: ".")) else { return path }
        return String(path[path.utf8.index(after: dot)...])
    }
}
