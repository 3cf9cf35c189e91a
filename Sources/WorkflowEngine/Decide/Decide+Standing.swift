import EventModel

/// Finds out what comes next from the state alone.
///
/// While events are decided this is never needed, because each decision goes on until everything
/// waits. An earlier event may lie in the middle of a decision, though, and what would have followed
/// it was not decided yet.
extension Decision {
    mutating func goOnWhereItStood() throws(Rejection) {
        guard state.ending != nil else { return try goOn(in: Plan.rootSequence, rounds: []) }
        guard let entry = state.compensations.last, entry.isRunning else { return try undoNext() }
        let spot = try spot(entry.step)
        if let sequence = plan.nodes[spot.node].compensation {
            try goOn(in: sequence, rounds: spot.rounds)
        }
    }

    /// Goes on with the first step of a sequence that is not over, unless it waits for something.
    private mutating func goOn(in sequence: Int, rounds: [Int]) throws(Rejection) {
        let nodes = plan.sequences[sequence].nodes
        for (offset, node) in nodes.enumerated() {
            let spot = Spot(node: node, rounds: rounds)
            let path = plan.path(spot)
            switch state.steps[path]?.phase {
            case .completed, .skipped:
                continue
            case nil, .abandoned, .resumed:
                return places.append(Place(sequence: sequence, offset: offset, rounds: rounds))
            case .waiting, .approving:
                guard state.steps[path]?.pending != nil else {
                    // A wait for an instant is over once its timer has fired.
                    let isSet = state.timers.values.contains { $0.step == path }
                    if !isSet { try finishStep(spot, .null) }
                    return
                }
                guard lacksDeadline(spot, path) else { return }
                return places.append(Place(sequence: sequence, offset: offset, rounds: rounds))
            case .scheduled, .started, .retrying, .calling, .incident:
                return
            case .failed:
                let failure = state.steps[path]?.failure ?? Decision.unknownFailure
                return try passOn(failure, of: spot, cause: path, endsInstance: false)
            case .fallback:
                let level = (state.steps[path]?.level ?? 1) - 1
                guard plan.nodes[node].fallbacks.indices.contains(level) else { return }
                return try goOn(in: plan.nodes[node].fallbacks[level], rounds: rounds)
            case .entered:
                return try goOn(inside: spot, sequence, offset)
            }
        }
        places.append(Place(sequence: sequence, offset: nodes.count, rounds: rounds))
    }

    /// Whether something is awaited without the timer that would end it: the event lies before the
    /// timer was set, or behind its firing.
    private func lacksDeadline(_ spot: Spot, _ path: String) -> Bool {
        let isWanted: Bool
        switch plan.nodes[spot.node].step.body {
        case .wait(.event(let wait)): isWanted = wait.timeout != nil
        case .approval(let approval): isWanted = approval.deadline != nil
        case .action, .set, .wait, .choice, .parallel, .loop, .call, .stop, .fail: return false
        }
        return isWanted
            && !state.timers.values.contains { $0.step == path && $0.purpose == .deadline }
    }

    /// Goes on inside a step that holds others, or begins one that does not.
    private mutating func goOn(
        inside spot: Spot,
        _ sequence: Int,
        _ offset: Int
    ) throws(Rejection) {
        let node = plan.nodes[spot.node]
        let path = plan.path(spot)
        let begin = Place(sequence: sequence, offset: offset, rounds: spot.rounds)
        switch node.step.body {
        case .choice:
            guard let way = state.steps[path]?.condition == true ? node.then : node.otherwise
            else { return places.append(begin) }
            try goOn(in: way, rounds: spot.rounds)
        case .parallel:
            let failed = state.steps[path]?.failedBranches ?? []
            for (index, branch) in node.branches.enumerated().reversed() {
                guard case .parallel(let parallel) = node.step.body,
                    !failed.contains(parallel.branches[index].name)
                else { continue }
                try goOn(in: branch, rounds: spot.rounds)
            }
            // If no branch is left to go on, the failed ones decide.
            if state.steps[path]?.phase == .entered { try joinBranches(of: spot) }
        case .loop(let loop):
            guard let current = state.loops[path], let inner = node.round else {
                return places.append(begin)
            }
            for round in current.open.keys.sorted(by: >) {
                try goOn(in: inner, rounds: spot.rounds + [round])
            }
            if current.open.count < loop.concurrency { try advance(spot) }
        case .approval, .wait:
            guard let pending = state.steps[path]?.pending else { return places.append(begin) }
            if case .approval(let approval) = pending, approval.outcome != nil {
                guard approval.outcome == .rejected, let denied = node.rejection else {
                    return try finishStep(spot, approvalOutput(path))
                }
                return try goOn(in: denied, rounds: spot.rounds)
            }
            if let late = node.timeout { try goOn(in: late, rounds: spot.rounds) }
        case .action, .set, .call, .stop, .fail:
            places.append(begin)
        }
    }

    /// Whether everything around a step still runs, so that what follows it may.
    func isLive(_ spot: Spot) -> Bool {
        var current = spot
        while true {
            let sequence = plan.nodes[current.node].sequence
            guard let owner = plan.owner(of: sequence, rounds: current.rounds) else {
                return state.ending == nil
            }
            let path = plan.path(owner)
            let step = state.steps[path]
            switch plan.sequences[sequence].role {
            case .root:
                return state.ending == nil
            case .compensation:
                return state.compensations.last.map { $0.step == path && $0.isRunning } ?? false
            case .fallback:
                guard step?.phase == .fallback else { return false }
            case .round:
                guard step?.phase == .entered, let round = current.rounds.last,
                    state.loops[path]?.open[round] != nil
                else { return false }
            case .branch:
                guard step?.phase == .entered,
                    case .parallel(let parallel) = plan.nodes[owner.node].step.body
                else { return false }
                let branch = parallel.branches[plan.sequences[sequence].index].name
                guard step?.failedBranches.contains(branch) == false else { return false }
            case .way, .timeout, .rejection:
                guard step?.phase == .entered else { return false }
            }
            current = owner
        }
    }
}
