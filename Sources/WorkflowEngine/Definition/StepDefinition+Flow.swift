extension StepDefinition {
    /// Whether no step behind this one can ever run.
    var neverGoesOn: Bool {
        guard condition == nil else { return false }
        switch body {
        case .stop:
            return true
        case .fail:
            return !mayRecover
        case .choice(let choice):
            return !mayRecover && StepDefinition.neverGoOn(choice.then)
                && StepDefinition.neverGoOn(choice.otherwise)
        case .parallel(let parallel):
            let stuck = parallel.branches.count { StepDefinition.neverGoOn($0.steps) }
            return !mayRecover && parallel.branches.count - stuck < parallel.needed
        case .action, .set, .wait, .loop, .approval, .call:
            return false
        }
    }

    private var mayRecover: Bool {
        guard let onFailure else { return false }
        if case .fail(let code, _) = body, !onFailure.handles(code) { return false }
        return onFailure.levels.contains { level in
            level.sequel == .proceed && !StepDefinition.neverGoOn(level.steps)
        }
    }

    private static func neverGoOn(_ steps: [StepDefinition]) -> Bool {
        steps.contains(where: \.neverGoesOn)
    }

    /// The members of what the step gives, where they are known; nil where they are not.
    func outputNames(_ actions: ActionCatalogue?) -> [String]? {
        let own: [String]?
        switch body {
        case .set(.map(let members)):
            own = members.map(\.key)
        case .action(let call):
            let fields = actions?[call.name]?.descriptor.outputs ?? []
            own = fields.isEmpty ? nil : fields.map(\.name)
        case .wait(.duration), .wait(.until), .choice, .parallel:
            own = []
        case .approval:
            own = ["approved", "timed_out", "outcome", "comment", "actor", "decided_at"]
        case .call(let call):
            own = call.waits ? ["instance", "outcome", "output"] : ["instance"]
        case .wait(.event(let wait)):
            own = wait.source.outputNames
        case .set, .loop, .stop, .fail:
            own = nil
        }
        return givesOwnOutput ? own : nil
    }

    /// Whether nothing else can stand in the place of what the step itself gives; a level can.
    var givesOwnOutput: Bool { onFailure?.levels.allSatisfy { $0.kind == .steps } ?? true }
}

extension StepDefinition.EventWait.Source {
    /// What a wait's condition knows beside what every expression knows.
    var names: Set<String> {
        switch self {
        case .event: ["event", "data"]
        case .record: ["record", "before", "after", "changes"]
        case .webhook: ["payload"]
        case .signal: ["signal", "data"]
        }
    }

    /// The members of what the wait gives.
    var outputNames: [String] {
        switch self {
        case .event:
            [
                "timed_out", "id", "type", "stream", "entity", "actor", "recorded_at", "data",
            ]
        case .record: ["timed_out", "id", "record", "change", "changes"]
        case .webhook: ["timed_out", "source", "event", "payload"]
        case .signal: ["timed_out", "name", "actor", "data"]
        }
    }
}
