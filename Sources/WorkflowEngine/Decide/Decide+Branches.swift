import EventModel

extension Decision {
    /// A branch of a `parallel` is over; the step is, too, if enough of them are.
    mutating func joinBranches(of spot: Spot) throws(Rejection) {
        guard case .parallel(let parallel) = plan.nodes[spot.node].step.body else { return }
        let path = plan.path(spot)
        guard state.steps[path]?.phase == .entered else { return }
        let branches = plan.nodes[spot.node].branches
        let done = branches.count { isOver($0, rounds: spot.rounds) }
        let failed = state.steps[path]?.failedBranches.count ?? 0
        let open = branches.count - done - failed
        if done >= parallel.needed {
            if open > 0 { try abandon(spot, because: "enough branches have completed") }
            return try finishStep(spot, .null)
        }
        guard parallel.keepsFailures else { return }
        let cannotBeEnough = done + open < parallel.needed
        guard open == 0 || (parallel.failsFast && cannotBeEnough) else { return }
        let failure = state.steps[path]?.failure ?? Decision.unknownFailure
        // The step itself is what a person resumes, since its branches are given up.
        try giveUp(spot, failure, attempt: 0)
    }

    private func isOver(_ sequence: Int, rounds: [Int]) -> Bool {
        guard let last = plan.sequences[sequence].nodes.last else { return true }
        let path = plan.path(Spot(node: last, rounds: rounds))
        return state.steps[path]?.phase.isDone ?? false
    }

    /// Gives up what is still open inside a step that itself goes on.
    private mutating func abandon(_ spot: Spot, because reason: String) throws(Rejection) {
        let path = plan.path(spot)
        try closeChildren(inside: path)
        try cancelTimers(inside: path)
        leave(spot)
        try emit(.stepsAbandoned(.init(step: path, reason: reason)))
    }

    /// A branch has failed, and the others may still be enough.
    mutating func failBranch(
        _ index: Int,
        of spot: Spot,
        _ failure: ActionFailure,
        cause: String
    ) throws(Rejection) {
        guard case .parallel(let parallel) = plan.nodes[spot.node].step.body else { return }
        let path = plan.path(spot)
        let name = parallel.branches[index].name
        try closeChildren(inside: "\(path).\(name)")
        try cancelTimers(inside: "\(path).\(name)")
        let sequence = plan.nodes[spot.node].branches[index]
        let plan = plan
        places.removeAll { place in
            plan.isSequence(place.sequence, within: sequence)
                && place.rounds.starts(with: spot.rounds)
        }
        let event = InstanceEvent.BranchFailed(
            step: path,
            branch: name,
            cause: cause,
            failure: failure
        )
        try emit(.branchFailed(event))
        try joinBranches(of: spot)
    }

    static let unknownFailure = ActionFailure(
        code: "unknown",
        message: "the failure was not recorded",
        isRetryable: false
    )
}

extension Plan {
    /// Whether a sequence is another one or stands somewhere inside it.
    func isSequence(_ sequence: Int, within other: Int) -> Bool {
        var current = sequence
        while current != other {
            guard let owner = sequences[current].owner else { return false }
            current = nodes[owner].sequence
        }
        return true
    }
}
