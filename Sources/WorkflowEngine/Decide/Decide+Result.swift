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
        let spot = try spot(path)
        try emit(.stepStarted(.init(step: path, attempt: attempt)))
        let limits = plan.nodes[spot.node].step.limits
        if limits.scheduleToStart != nil { try cancelTimer("\(path)#start\(attempt)") }
        if let limit = limits.startToClose {
            let due = (at + limit).roundedUpToMilliseconds
            try setTimer("close\(attempt)", .timeout, due: due, step: path)
        }
        if let limit = limits.heartbeat {
            let due = (at + limit).roundedUpToMilliseconds
            try setTimer("heartbeat\(attempt)", .heartbeat, due: due, step: path)
        }
    }

    private mutating func cancelTimer(_ name: String) throws(Rejection) {
        guard let timer = state.timers[name] else { return }
        try emit(.timerCancelled(.init(timer: name, step: timer.step)))
    }

    /// An attempt lives.
    ///
    /// Signs that come much more often than needed are not recorded.
    mutating func hear(
        _ path: String,
        attempt: Int,
        details: Value
    ) throws(Rejection) {
        guard let spot = try current(path, attempt: attempt) else {
            throw Rejection(
                state.status.isEnded ? .ended : .stale,
                "nobody waits for attempt \(attempt) of '\(path)' any more"
            )
        }
        guard let limit = plan.nodes[spot.node].step.limits.heartbeat,
            state.steps[path]?.phase == .started
        else {
            throw Rejection(.unneeded, "'\(path)' needs no sign of life")
        }
        if let last = state.steps[path]?.heardAt, at < last + limit / 3 {
            throw Rejection(.unneeded, "the last sign of life of '\(path)' is young enough")
        }
        try emit(.stepHeard(.init(step: path, attempt: attempt, details: details)))
        let due = (at + limit).roundedUpToMilliseconds
        try setTimer("heartbeat\(attempt)", .heartbeat, due: due, step: path)
    }

    mutating func completeStep(
        _ path: String,
        attempt: Int,
        output: Value
    ) throws(Rejection) {
        guard let spot = try current(path, attempt: attempt) else {
            let known = knownOutput(path)
            return try refuse(path, attempt: attempt) { $0.phase == .completed && known == output }
        }
        try finishStep(spot, output, attempt: attempt)
    }

    private func knownOutput(_ path: String) -> Value? {
        let name = InstanceState.name(ofPath: path)
        guard let round = RoundPath(around: path) else { return state.outputs[name] }
        return state.loops[round.loop]?.open[round.round]?.outputs[name]
    }

    mutating func failStep(
        _ path: String,
        attempt: Int,
        failure: ActionFailure
    ) throws(Rejection) {
        guard let spot = try current(path, attempt: attempt) else {
            return try refuse(path, attempt: attempt) { $0.failure == failure }
        }
        try failAttempt(spot, failure, attempt: attempt)
    }

    /// The step, if its result is awaited from this very attempt.
    private func current(_ path: String, attempt: Int) throws(Rejection) -> Spot? {
        let spot = try spot(path)
        guard !state.status.isEnded, let step = state.steps[path], step.attempt == attempt,
            step.phase.isOpen
        else { return nil }
        return spot
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

    /// An attempt has failed: it is made again, or the step is given up.
    mutating func failAttempt(
        _ spot: Spot,
        _ failure: ActionFailure,
        attempt: Int
    ) throws(Rejection) {
        let step = plan.nodes[spot.node].step
        let path = plan.path(spot)
        let made = attempt - state.attemptsBefore(of: path)
        guard step.retry.allows(failure, attemptsMade: made) else {
            return try giveUp(spot, failure, attempt: attempt)
        }
        try emit(.stepFailed(failed(path, attempt, failure, willRetry: true)))
        try cancelTimers(of: path)
        let pause = step.retry.pause(
            after: failure,
            attemptsMade: made,
            attempt: attempt,
            step: path,
            instance: instance
        )
        let due = (at + pause).roundedUpToMilliseconds
        try setTimer("retry\(attempt + 1)", .retry, due: due, step: path)
    }

    func failed(
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
