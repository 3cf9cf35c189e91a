import EventModel

extension Decision {
    /// Goes back to an earlier state of the same instance, perhaps with changed data.
    mutating func reset(_ reset: InstanceCommand.Reset) throws(Rejection) {
        let known = Set(reset.base.compensations.map(\.step))
        let later = state.compensations.map(\.step).filter { !known.contains($0) }
        let gone = known.subtracting(state.compensations.map(\.step)).sorted()
        // Going back would forget what has to be undone, or undo it once more.
        guard later.isEmpty, gone.isEmpty else {
            let what =
                gone.isEmpty
                ? "would forget to undo \(later.joined(separator: ", ")), done since then"
                : "comes too late: \(gone.joined(separator: ", ")) was undone since then"
            throw Rejection(
                .wrongStatus,
                "a return to \(reset.count) events \(what); cancel the instance, or fork it"
            )
        }
        try closeChildren { _ in true }
        try take(reset)
    }

    /// Begins where another instance once stood.
    ///
    /// What the other has done stays the other's to undo.
    mutating func fork(_ fork: InstanceCommand.Fork) throws(Rejection) {
        try beginInstance(fork.start)
        var reset = fork.reset
        reset.base.compensations = []
        try take(reset)
    }

    private mutating func take(_ reset: InstanceCommand.Reset) throws(Rejection) {
        var base = reset.base
        guard base.status != .absent, !base.status.isEnded, base.status != .queued else {
            throw Rejection(
                .wrongStatus,
                "after \(reset.count) events the instance was \(base.status.rawValue); "
                    + "choose an event at which it was under way"
            )
        }
        for path in base.steps.keys.sorted() { _ = try spot(path) }
        let reopened = base.reopen(above: state)
        if let input = reset.input { base.input = input }
        base.variables = base.variables.merging(reset.variables)
        let event = InstanceEvent.InstanceReset(
            count: reset.count,
            reason: reset.reason,
            state: base.value
        )
        try emit(.instanceReset(event))
        for path in reopened {
            guard !state.status.isEnded else { return }
            try repeatCall(try spot(path))
            try drain()
        }
        guard !state.status.isEnded, !state.isSuspended else { return }
        try goOnWhereItStood()
    }

    /// Keeps to another version of the workflow from here on.
    mutating func migrate(
        from previous: WorkflowDefinition,
        reason: String
    ) throws(Rejection) {
        guard state.status != .absent else {
            throw Rejection(.missing, "there is no instance \(instance.text)")
        }
        guard !state.status.isEnded else { throw ended() }
        guard state.definition == previous.hash, previous.name == definition.name else {
            throw Rejection(
                .wrongStatus,
                "the instance \(instance.text) is of '\(state.workflow)', version "
                    + "\(state.definition?.hexadecimal.prefix(12) ?? "none")"
            )
        }
        guard previous.hash != definition.hash else {
            throw Rejection(.wrongStatus, "the instance keeps to this version already")
        }
        let misfits = misfits(previous)
        guard misfits.isEmpty else {
            throw Rejection(
                .wrongStatus,
                "the new version does not fit where the instance stands: "
                    + misfits.joined(separator: "; ")
            )
        }
        let event = InstanceEvent.InstanceMigrated(
            definition: definition.hash,
            previous: previous.hash,
            reason: reason
        )
        try emit(.instanceMigrated(event))
    }

    /// The steps that are under way or can be undone and are not the same in the new version.
    private func misfits(_ previous: WorkflowDefinition) -> [String] {
        var paths = Set(state.steps.filter { !$0.value.phase.isOver }.keys)
        paths.formUnion(state.compensations.map(\.step))
        paths.formUnion(state.held)
        return paths.sorted().compactMap { path in
            guard let new = plan.spot(path) else { return "it has no step '\(path)'" }
            guard let old = previous.plan.spot(path) else { return nil }
            let here = plan.nodes[new.node]
            let there = previous.plan.nodes[old.node]
            guard here.step.kind == there.step.kind else {
                return "'\(path)' is a '\(here.step.kind)', no '\(there.step.kind)'"
            }
            let (role, before) = (
                plan.sequences[here.sequence].role, previous.plan.sequences[there.sequence].role
            )
            guard role == before else { return "'\(path)' stands elsewhere" }
            // A branch more would never be entered, and the step would wait for it.
            guard here.branches.count == there.branches.count,
                (here.compensation == nil) == (there.compensation == nil)
            else { return "'\(path)' has other branches or another compensation" }
            return nil
        }
    }
}

extension InstanceState {
    /// Makes an earlier state one that can go on after a later one: attempts go on counting, so that
    /// late results are recognised, and what was being called is called anew.
    ///
    /// - Returns: the steps to begin again.
    mutating func reopen(above later: InstanceState) -> [String] {
        for (path, step) in later.steps where step.attempt > 0 {
            var kept = steps[path] ?? StepState(phase: .abandoned)
            kept.attempt = max(kept.attempt, step.attempt)
            kept.attemptsBefore = kept.attempt
            steps[path] = kept
        }
        let reopened = steps.filter { $0.value.phase.isReopened }.keys.sorted()
        for path in reopened {
            let attempt = steps[path]?.attempt ?? 0
            steps[path]?.attemptsBefore = attempt
            steps[path]?.pending = nil
        }
        // In the middle of a decision a timer may be left of a step that is over already.
        timers = timers.filter { steps[$0.value.step]?.phase.keepsTimers ?? false }
        children = [:]
        return reopened
    }
}

extension StepState.Phase {
    /// Whether the timers of a step that stood so are still wanted after a return to that state.
    var keepsTimers: Bool {
        switch self {
        case .entered, .waiting, .approving: true
        case .scheduled, .started, .retrying, .calling, .fallback, .incident, .resumed,
            .completed, .skipped, .failed, .abandoned:
            false
        }
    }

    /// Whether a step that stood so must be begun again after a return to that state.
    var isReopened: Bool {
        switch self {
        case .scheduled, .started, .retrying, .calling: true
        case .entered, .waiting, .approving, .fallback, .incident, .resumed, .completed, .skipped,
            .failed, .abandoned:
            false
        }
    }
}
