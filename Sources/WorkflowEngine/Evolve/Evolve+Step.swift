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
    }

    /// Attempt 0 says that the kernel entered a step that holds others.
    mutating func evolve(stepStarted event: InstanceEvent.StepAttempt) {
        let phase: StepState.Phase = event.attempt == 0 ? .entered : .started
        steps[event.step, default: StepState(phase: phase)].phase = phase
    }

    /// An output of attempt 0 that is a map is what a `set` step assigned.
    mutating func evolve(completed event: InstanceEvent.StepCompleted) {
        steps[event.step, default: StepState(phase: .completed)].phase = .completed
        steps[event.step]?.call = nil
        outputs[InstanceState.name(ofPath: event.step)] = event.output
        if event.attempt == 0, case .map(let assigned) = event.output {
            variables = variables.isEmpty ? assigned : variables.merging(assigned)
        }
    }

    mutating func evolve(skipped event: InstanceEvent.StepSkipped) {
        steps[event.step, default: StepState(phase: .skipped)].phase = .skipped
    }

    mutating func evolve(failed event: InstanceEvent.StepFailed) {
        let phase: StepState.Phase = event.willRetry ? .retrying : .failed
        steps[event.step, default: StepState(phase: phase)].phase = phase
        steps[event.step]?.failure = event.failure
        guard event.attempt == 0 else { return }
        abandonSteps(inside: event.step, doneToo: false)
        leavePauseIfClear()
    }

    mutating func evolve(fallback event: InstanceEvent.FallbackEntered) {
        steps[event.step, default: StepState(phase: .fallback)].phase = .fallback
        steps[event.step]?.cause = event.cause
        steps[event.step]?.call = nil
    }

    mutating func evolve(condition event: InstanceEvent.ConditionEvaluated) {
        steps[event.step, default: StepState(phase: .entered)].phase = .entered
        steps[event.step]?.condition = event.result
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
