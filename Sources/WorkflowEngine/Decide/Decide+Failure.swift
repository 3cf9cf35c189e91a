import EventModel

extension Decision {
    /// A step has failed for good.
    ///
    /// - Parameter endsInstance: whether, with no `on_failure` at hand, the instance fails rather
    ///   than pauses: so it is where the author has written that it shall.
    mutating func giveUp(
        _ spot: Spot,
        _ failure: ActionFailure,
        attempt: Int,
        endsInstance: Bool = false
    ) throws(Rejection) {
        let path = plan.path(spot)
        try closeChildren(inside: path)
        try emit(.stepFailed(failed(path, attempt, failure, willRetry: false)))
        try cancelTimers(inside: path)
        leave(spot)
        // What follows from it comes when the instance goes on; the state keeps that in mind.
        guard !state.isSuspended else { return }
        try passOn(failure, of: spot, cause: path, endsInstance: endsInstance)
    }

    /// Hands a failure to the nearest `on_failure` that has a way left, from a step outwards.
    mutating func passOn(
        _ failure: ActionFailure,
        of spot: Spot,
        cause: String,
        endsInstance: Bool
    ) throws(Rejection) {
        var current = spot
        while true {
            if let level = nextLevel(of: current, failure) {
                return try takeOver(current, level, failure, cause: cause, isOwn: current == spot)
            }
            let sequence = plan.nodes[current.node].sequence
            guard let owner = plan.owner(of: sequence, rounds: current.rounds) else { break }
            switch plan.sequences[sequence].role {
            case .branch:
                guard case .parallel(let parallel) = plan.nodes[owner.node].step.body,
                    parallel.keepsFailures
                else { break }
                let index = plan.sequences[sequence].index
                return try failBranch(index, of: owner, failure, cause: cause)
            case .round:
                guard case .loop(let loop) = plan.nodes[owner.node].step.body, !loop.failsFast,
                    let round = current.rounds.last
                else { break }
                return try failRound(round, of: owner, failure, cause: cause)
            case .compensation:
                // What is left undone needs a person, whatever the author wrote.
                return try emit(.instancePaused(.init(step: cause, failure: failure)))
            case .root, .way, .timeout, .rejection, .fallback:
                break
            }
            current = owner
        }
        guard state.ending == nil, endsInstance || definition.failsOnIncident else {
            return try emit(.instancePaused(.init(step: cause, failure: failure)))
        }
        try end(.failed(step: cause, failure))
    }

    /// The level of a step's `on_failure` that is tried next; nil if none is left or it is not for
    /// such a failure.
    private func nextLevel(of spot: Spot, _ failure: ActionFailure) -> Int? {
        guard let handler = plan.nodes[spot.node].step.onFailure else { return nil }
        let tried = state.steps[plan.path(spot)]?.level ?? 0
        guard tried < handler.levels.count, tried > 0 || handler.handles(failure.code) else {
            return nil
        }
        return tried
    }

    /// - Parameter isOwn: whether the step itself has failed, and has said so.
    private mutating func takeOver(
        _ spot: Spot,
        _ level: Int,
        _ failure: ActionFailure,
        cause: String,
        isOwn: Bool
    ) throws(Rejection) {
        guard let handler = plan.nodes[spot.node].step.onFailure else { return }
        let path = plan.path(spot)
        if !isOwn {
            try closeChildren(inside: path)
            try cancelTimers(inside: path)
            try emit(.stepFailed(failed(path, 0, failure, willRetry: false)))
            leave(spot)
        }
        let event = InstanceEvent.FallbackEntered(
            step: path,
            cause: cause,
            level: handler.levels.count == 1 ? nil : level + 1
        )
        try emit(.fallbackEntered(event))
        if plan.nodes[spot.node].fallbacks.indices.contains(level) {
            enter(plan.nodes[spot.node].fallbacks[level], rounds: spot.rounds)
        }
    }

    /// Every step of a level is over.
    mutating func finishFallback(of spot: Spot, level index: Int) throws(Rejection) {
        let step = plan.nodes[spot.node].step
        let path = plan.path(spot)
        let failure = state.steps[path]?.failure ?? Decision.unknownFailure
        let cause = state.steps[path]?.cause ?? path
        guard let level = step.onFailure?.levels[index], level.sequel == .proceed else {
            return try passOn(failure, of: spot, cause: cause, endsInstance: true)
        }
        var output = Value.null
        if let template = level.output {
            var variables = variables(at: spot)
            addError(of: path, to: &variables)
            switch evaluate(template, with: variables) {
            case .success(let value): output = value
            case .failure(let failure):
                return try passOn(failure, of: spot, cause: path, endsInstance: false)
            }
        } else if level.kind != .steps {
            output = lastOutput(of: plan.nodes[spot.node].fallbacks[index], rounds: spot.rounds)
        }
        if level.kind == .human, output["approved"] != true {
            // Nobody has taken over, so the next level has to, or the failure stays one.
            return try passOn(failure, of: spot, cause: cause, endsInstance: true)
        }
        try finishStep(spot, output)
    }

    /// What the last step of a sequence gave.
    private func lastOutput(of sequence: Int, rounds: [Int]) -> Value {
        guard let last = plan.sequences[sequence].nodes.last else { return .null }
        let path = plan.path(Spot(node: last, rounds: rounds))
        let name = InstanceState.name(ofPath: path)
        guard let round = RoundPath(around: path) else { return state.outputs[name] ?? .null }
        return state.loops[round.loop]?.open[round.round]?.outputs[name] ?? .null
    }
}
