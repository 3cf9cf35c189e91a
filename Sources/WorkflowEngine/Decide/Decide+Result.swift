import EventModel

extension Decision {
    mutating func markStarted(_ path: String, attempt: Int) throws(Rejection) {
        guard !state.status.isEnded else { throw ended() }
        guard let step = state.steps[path], step.attempt == attempt, step.phase == .scheduled
        else {
            throw Rejection(
                .stale,
                "attempt \(attempt) of '\(path)' is not waiting to be started"
            )
        }
        try emit(.stepStarted(.init(step: path, attempt: attempt)))
    }

    mutating func completeStep(
        _ path: String,
        attempt: Int,
        output: Value
    ) throws(Rejection) {
        guard let node = try current(path, attempt: attempt) else {
            let known = state.outputs[InstanceState.name(ofPath: path)]
            return try refuse(path, attempt: attempt) { $0.phase == .completed && known == output }
        }
        try emit(.stepCompleted(.init(step: path, attempt: attempt, output: output)))
        try cancelTimers(of: path)
        goOn(behind: node)
    }

    mutating func failStep(
        _ path: String,
        attempt: Int,
        failure: ActionFailure
    ) throws(Rejection) {
        guard let node = try current(path, attempt: attempt) else {
            return try refuse(path, attempt: attempt) { $0.failure == failure }
        }
        try failAttempt(node, failure, attempt: attempt)
    }

    /// The step, if its result is awaited from this very attempt.
    private func current(_ path: String, attempt: Int) throws(Rejection) -> Int? {
        guard let node = plan.indexByPath[path] else {
            throw Rejection(.missing, "the workflow '\(definition.name)' has no step '\(path)'")
        }
        guard !state.status.isEnded, let step = state.steps[path], step.attempt == attempt,
            step.phase.isOpen
        else { return nil }
        return node
    }

    /// Records a result that comes too late, once.
    ///
    /// What repeats the recorded result of the newest attempt says nothing new and is only
    /// rejected; so is any further result of an attempt whose late result was recorded already.
    private mutating func refuse(
        _ path: String,
        attempt: Int,
        unlessRepeated isRepeated: (StepState) -> Bool
    ) throws(Rejection) {
        let code: Rejection.Code = state.status.isEnded ? .ended : .stale
        guard let step = state.steps[path], attempt >= 1, attempt <= step.attempt else {
            throw Rejection(code, "attempt \(attempt) of '\(path)' was never scheduled")
        }
        guard !(attempt == step.attempt && isRepeated(step)) else {
            throw Rejection(code, "the result of attempt \(attempt) of '\(path)' is known already")
        }
        guard !step.refused.contains(attempt) else {
            throw Rejection(
                code,
                "a late result of attempt \(attempt) of '\(path)' is recorded already"
            )
        }
        try emit(
            .resultRefused(
                .init(step: path, attempt: attempt, reason: reason(step, attempt: attempt))
            )
        )
    }

    private func reason(_ step: StepState, attempt: Int) -> String {
        if attempt < step.attempt { return "attempt \(step.attempt) has taken its place" }
        if state.status.isEnded { return "the instance is \(state.status.rawValue)" }
        return "the step is \(step.phase.rawValue)"
    }

    // MARK: Failures

    /// An attempt has failed: it is made again, or the step is given up.
    mutating func failAttempt(
        _ node: Int,
        _ failure: ActionFailure,
        attempt: Int
    ) throws(Rejection) {
        let step = plan.nodes[node].step
        let made = attempt - (state.steps[step.path]?.attemptsBefore ?? 0)
        guard step.retry.allows(failure, attemptsMade: made) else {
            return try giveUp(node, failure, attempt: attempt)
        }
        try emit(.stepFailed(failed(step.path, attempt, failure, willRetry: true)))
        try cancelTimers(of: step.path)
        let pause = step.retry.pause(
            after: failure,
            attemptsMade: made,
            attempt: attempt,
            step: step.path,
            instance: instance
        )
        let due = (at + pause).roundedUpToMilliseconds
        try setTimer("retry\(attempt + 1)", .retry, due: due, step: step.path)
    }

    /// A step has failed for good.
    ///
    /// - Parameter endsInstance: whether, with no `on_failure` at hand, the instance fails rather
    ///   than pauses: so it is where the author has written that it shall.
    mutating func giveUp(
        _ node: Int,
        _ failure: ActionFailure,
        attempt: Int,
        endsInstance: Bool = false
    ) throws(Rejection) {
        let path = plan.nodes[node].step.path
        try emit(.stepFailed(failed(path, attempt, failure, willRetry: false)))
        try cancelTimers(inside: path)
        leave(node)
        try passOn(failure, of: node, cause: path, endsInstance: endsInstance, ownHasRun: false)
    }

    /// Hands a failure to the nearest `on_failure`, from a step outwards.
    ///
    /// - Parameter ownHasRun: whether the step's own has come to its end already.
    mutating func passOn(
        _ failure: ActionFailure,
        of node: Int,
        cause: String,
        endsInstance: Bool,
        ownHasRun: Bool
    ) throws(Rejection) {
        let handler = plan.handlers(of: node).first { candidate in
            guard candidate != node || !ownHasRun else { return false }
            return plan.nodes[candidate].step.onFailure?.handles(failure.code) ?? false
        }
        guard let handler else {
            if endsInstance {
                try cancelAllTimers()
                return try emit(.instanceFailed(.init(step: cause, failure: failure)))
            }
            return try emit(.instancePaused(.init(step: cause, failure: failure)))
        }
        let path = plan.nodes[handler].step.path
        if handler != node {
            try cancelTimers(inside: path)
            try emit(.stepFailed(failed(path, 0, failure, willRetry: false)))
            leave(handler)
        }
        try emit(.fallbackEntered(.init(step: path, cause: cause)))
        if let fallback = plan.nodes[handler].fallback { enter(fallback) }
    }

    /// Forgets the places inside a step that the flow had reached in this decision.
    private mutating func leave(_ node: Int) {
        let plan = plan
        places.removeAll { plan.isSequence($0.sequence, inside: node) }
    }

    private func failed(
        _ step: String,
        _ attempt: Int,
        _ failure: ActionFailure,
        willRetry: Bool
    ) -> InstanceEvent.StepFailed {
        InstanceEvent.StepFailed(
            step: step,
            attempt: attempt,
            failure: failure,
            willRetry: willRetry
        )
    }
}
