import CEL
import EventModel

extension Decision {
    /// What expressions at a step can speak of.
    ///
    /// - Parameter spot: the step; nil for the workflow's own output.
    func variables(at spot: Spot?) -> ValueMap {
        var instance: ValueMap = [
            "id": .string(self.instance.text), "workflow": .string(definition.name),
            "entity": state.entity.map { .string($0) } ?? .null,
        ]
        instance["started_at"] = state.startedAt.map { .timestamp($0) } ?? .null
        var variables: ValueMap = [
            "input": state.input, "trigger": state.trigger, "steps": .map(state.outputs),
            "vars": .map(state.variables), "now": .timestamp(at), "instance": .map(instance),
        ]
        guard let spot else { return variables }
        if !spot.rounds.isEmpty { addRounds(around: spot, to: &variables) }
        // What idempotency_key() gives: the key under which the step's action is called.
        let path = plan.path(spot)
        variables["idempotency_key"] = .string("\(self.instance.text)/\(path)")
        if let fallback = plan.sequence(around: spot.node, .fallback),
            let failed = plan.owner(of: fallback, rounds: spot.rounds)
        {
            addError(of: plan.path(failed), to: &variables)
        }
        return variables
    }

    /// The failure that an `on_failure` of a step is about.
    func addError(of path: String, to variables: inout ValueMap) {
        guard let step = state.steps[path], let failure = step.failure else { return }
        variables["error"] = [
            "step": .string(step.cause ?? path), "code": .string(failure.code),
            "message": .string(failure.message), "details": failure.details,
        ]
    }

    /// The items of the loops around a step, and what has happened in its rounds so far.
    private func addRounds(around spot: Spot, to variables: inout ValueMap) {
        let node = plan.nodes[spot.node]
        var outputs = state.outputs
        var inner = plan.sequence(around: spot.node, .round)
        var loops: [StepDefinition.Loop] = []
        while let sequence = inner, let owner = plan.sequences[sequence].owner {
            if case .loop(let loop) = plan.nodes[owner].step.body { loops.append(loop) }
            inner = plan.sequence(around: owner, .round)
        }
        for (depth, loop) in loops.reversed().enumerated() where depth < spot.rounds.count {
            let end = node.step.path.utf8.index(
                node.step.path.utf8.startIndex,
                offsetBy: node.roundPlaces[depth]
            )
            let path = Plan.path(
                String(node.step.path[..<end]),
                Array(node.roundPlaces.prefix(depth)),
                Array(spot.rounds.prefix(depth))
            )
            let round = RoundPath(loop: path, round: spot.rounds[depth])
            guard let known = known(round) else { continue }
            outputs = outputs.merging(known.outputs)
            variables[loop.variable] = known.item
            let total = state.loops[path]?.total
            variables["round"] = [
                "index": .int(Int64(round.round)), "item": known.item,
                "total": total.map { .int(Int64($0)) } ?? .null,
            ]
        }
        variables["steps"] = .map(outputs)
    }

    /// What a round knows, also one that is over and is being undone.
    private func known(_ round: RoundPath) -> RoundState? {
        state.loops[round.loop]?.open[round.round]
            ?? state.compensations.last { $0.isRunning }?.rounds[round.text]
    }

    func evaluate(_ template: ValueTemplate, at spot: Spot?) -> Result<Value, ActionFailure> {
        // Many templates hold no expression at all, and building the variables is the dear part.
        if case .literal(let value) = template { return .success(value) }
        return evaluate(template, with: variables(at: spot))
    }

    func evaluate(
        _ template: ValueTemplate,
        with variables: ValueMap
    ) -> Result<Value, ActionFailure> {
        do throws(CELError) {
            return .success(try template.evaluate(variables))
        } catch {
            return .failure(.expression(error))
        }
    }

    func evaluate(
        _ condition: StepDefinition.Condition,
        at spot: Spot
    ) -> Result<Bool, ActionFailure> {
        evaluate(condition, with: variables(at: spot))
    }

    func evaluate(
        _ condition: StepDefinition.Condition,
        with variables: ValueMap
    ) -> Result<Bool, ActionFailure> {
        do throws(CELError) {
            return .success(try condition.expression.truth(variables))
        } catch {
            return .failure(.expression(error))
        }
    }
}

extension ActionFailure {
    /// A mistake in an expression; trying again cannot help.
    static func expression(_ error: CELError) -> ActionFailure {
        ActionFailure(
            code: "expression_error",
            message: error.rendered,
            isRetryable: false,
            details: ["expression": .string(error.source), "reason": .string(error.code.rawValue)]
        )
    }
}
