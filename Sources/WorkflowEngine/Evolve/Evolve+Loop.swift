import EventModel

extension InstanceState {
    mutating func evolve(loop event: InstanceEvent.LoopStarted) {
        let total: Int?
        switch event.items {
        case .list(let items): total = items.count
        case .int(let count): total = Int(clamping: max(0, count))
        case .null, .bool, .uint, .double, .string, .bytes, .timestamp, .duration, .map:
            total = nil
        }
        loops[event.step] = LoopState(items: event.items.listValue, total: total)
        steps[event.step, default: StepState(phase: .entered)].phase = .entered
    }

    mutating func evolve(roundStarted event: InstanceEvent.LoopRound) {
        guard let item = loops[event.step]?.item(event.round) else { return }
        loops[event.step]?.open[event.round] = RoundState(item: item)
        loops[event.step]?.next = event.round + 1
    }

    mutating func evolve(roundEnded event: InstanceEvent.RoundEnded) {
        let round = RoundPath(loop: event.step, round: event.round)
        keepForCompensation(round)
        forget(round)
        guard !event.output.isNull else { return }
        loops[event.step]?.collect(event.output, round: event.round)
    }

    mutating func evolve(roundFailed event: InstanceEvent.RoundFailed) {
        let round = RoundPath(loop: event.step, round: event.round)
        keepForCompensation(round)
        forget(round)
        loops[event.step]?.note(event.failure, step: event.cause, round: event.round)
        settleAfterLoss()
    }

    mutating func evolve(branchFailed event: InstanceEvent.BranchFailed) {
        abandonSteps(inside: "\(event.step).\(event.branch)", doneToo: false)
        steps[event.step]?.failedBranches.append(event.branch)
        steps[event.step]?.failure = event.failure
        steps[event.step]?.cause = event.cause
        settleAfterLoss()
    }

    /// Takes away all that a round has left, so that loops stay as small as what runs in them.
    private mutating func forget(_ round: RoundPath) {
        let prefix = round.text + "."
        for key in Array(steps.keys) where key.hasPrefix(prefix) { steps[key] = nil }
        if loops.count > 1 { dropLoops { $0.hasPrefix(prefix) } }
        loops[round.loop]?.open[round.round] = nil
    }

    /// Takes loops away that are over or given up.
    mutating func dropLoops(where isOver: (String) -> Bool) {
        for key in Array(loops.keys) where isOver(key) {
            if !compensations.isEmpty {
                for round in loops[key]?.open.keys.sorted() ?? [] {
                    keepForCompensation(RoundPath(loop: key, round: round))
                }
            }
            loops[key] = nil
        }
    }

    /// What can be undone later must still know what its round knew.
    private mutating func keepForCompensation(_ round: RoundPath) {
        guard !compensations.isEmpty, let known = loops[round.loop]?.open[round.round] else {
            return
        }
        let prefix = round.text + "."
        for index in compensations.indices where compensations[index].step.hasPrefix(prefix) {
            compensations[index].rounds[round.text] = known
        }
    }

    /// Gives a step's output to whom it belongs: its round, or the instance.
    mutating func keepOutput(_ output: Value, of path: String) {
        let name = InstanceState.name(ofPath: path)
        guard let round = RoundPath(around: path) else {
            outputs[name] = output
            return
        }
        if loops[round.loop]?.open[round.round] != nil {
            loops[round.loop]?.open[round.round]?.outputs[name] = output
        } else if let last = compensations.indices.last(where: { compensations[$0].isRunning }) {
            compensations[last].rounds[round.text]?.outputs[name] = output
        }
    }

    /// An incident can also end because what was around it was given up.
    func hasIncident() -> Bool { steps.values.contains { $0.phase == .incident } }

    mutating func settleAfterLoss() {
        guard status == .paused, !hasIncident() else { return }
        settleStatus()
    }
}
