import CEL
import EventModel

extension Decision {
    /// The flow has reached a step.
    mutating func begin(_ spot: Spot) throws(Rejection) {
        let step = plan.nodes[spot.node].step
        if let condition = step.condition {
            switch evaluate(condition, at: spot) {
            case .failure(let failure):
                return try giveUp(spot, failure, attempt: 0)
            case .success(let truth):
                try emitCondition(condition, truth, of: spot)
                guard truth else {
                    let reason = "the condition is false: \(condition.expression.source)"
                    try emit(.stepSkipped(.init(step: plan.path(spot), reason: reason)))
                    return goOn(behind: spot)
                }
            }
        }
        switch step.body {
        case .action(let call): try schedule(call, spot)
        case .set(let template): try set(template, spot)
        case .wait(let rule): try wait(rule, spot)
        case .choice(let choice): try choose(choice, spot)
        case .parallel: try enterBranches(spot)
        case .loop(let loop): try enter(loop, spot)
        case .approval(let approval): try ask(approval, spot)
        case .call(let call): try callChild(call, spot)
        case .stop(let outcome, let output): try stop(outcome, output, spot)
        case .fail(let code, let message): try fail(code, message, spot)
        }
    }

    mutating func emitCondition(
        _ condition: StepDefinition.Condition,
        _ result: Bool,
        of spot: Spot
    ) throws(Rejection) {
        let event = InstanceEvent.ConditionEvaluated(
            step: plan.path(spot),
            expression: condition.expression.source,
            result: result
        )
        try emit(.conditionEvaluated(event))
    }

    private mutating func schedule(
        _ call: StepDefinition.ActionCall,
        _ spot: Spot
    ) throws(Rejection) {
        switch evaluate(call.input, at: spot) {
        case .failure(let failure):
            try giveUp(spot, failure, attempt: 0)
        case .success(let input):
            try callAction(call.name, input: input, spot)
        }
    }

    /// Schedules the step's next attempt, with the input that all its attempts share.
    mutating func callAction(_ action: String, input: Value, _ spot: Spot) throws(Rejection) {
        let limits = plan.nodes[spot.node].step.limits
        let path = plan.path(spot)
        let attempt = state.nextAttempt(of: path)
        let deadline = limits.attempt.map { (at + $0).roundedUpToMilliseconds }
        try emit(
            .stepScheduled(
                InstanceEvent.StepScheduled(
                    step: path,
                    attempt: attempt,
                    action: action,
                    input: input,
                    idempotencyKey: "\(instance.text)/\(path)",
                    deadline: deadline
                )
            )
        )
        if let deadline {
            try setTimer("timeout\(attempt)", .timeout, due: deadline, step: path)
        }
        if let patience = limits.scheduleToStart {
            let due = (at + patience).roundedUpToMilliseconds
            try setTimer("start\(attempt)", .start, due: due, step: path)
        }
    }

    private mutating func set(_ template: ValueTemplate, _ spot: Spot) throws(Rejection) {
        switch evaluate(template, at: spot) {
        case .failure(let failure): try giveUp(spot, failure, attempt: 0)
        case .success(let output): try finishStep(spot, output)
        }
    }

    private mutating func choose(
        _ choice: StepDefinition.Choice,
        _ spot: Spot
    ) throws(Rejection) {
        let here = plan.nodes[spot.node]
        switch evaluate(choice.condition, at: spot) {
        case .failure(let failure):
            try giveUp(spot, failure, attempt: 0)
        case .success(let truth):
            try emitCondition(choice.condition, truth, of: spot)
            try setTimeout(of: spot)
            if let way = truth ? here.then : here.otherwise { enter(way, rounds: spot.rounds) }
        }
    }

    private mutating func enterBranches(_ spot: Spot) throws(Rejection) {
        try emit(.stepStarted(.init(step: plan.path(spot), attempt: 0)))
        try setTimeout(of: spot)
        for branch in plan.nodes[spot.node].branches.reversed() {
            enter(branch, rounds: spot.rounds)
        }
    }

    /// Limits all that happens inside a step.
    mutating func setTimeout(of spot: Spot) throws(Rejection) {
        guard let timeout = plan.nodes[spot.node].step.limits.attempt else { return }
        let due = (at + timeout).roundedUpToMilliseconds
        try setTimer("timeout", .timeout, due: due, step: plan.path(spot))
    }

    private mutating func stop(
        _ outcome: ValueTemplate?,
        _ output: ValueTemplate?,
        _ spot: Spot
    ) throws(Rejection) {
        var word = Value.string("stopped")
        var result = Value.null
        if let outcome {
            switch evaluate(outcome, at: spot) {
            case .failure(let failure): return try giveUp(spot, failure, attempt: 0)
            case .success(let value): word = value
            }
        }
        if let output {
            switch evaluate(output, at: spot) {
            case .failure(let failure): return try giveUp(spot, failure, attempt: 0)
            case .success(let value): result = value
            }
        }
        guard let word = word.stringValue else {
            let failure = ActionFailure.wrongType("the outcome", "a text", word)
            return try giveUp(spot, failure, attempt: 0)
        }
        // While things are undone, the end is decided already.
        guard state.ending == nil else { return try finishStep(spot, .null) }
        let path = plan.path(spot)
        try emit(.stepCompleted(.init(step: path, attempt: 0, output: .null)))
        try complete(output: result, outcome: word)
    }

    private mutating func fail(
        _ code: String,
        _ message: ValueTemplate,
        _ spot: Spot
    ) throws(Rejection) {
        switch evaluate(message, at: spot) {
        case .failure(let failure):
            try giveUp(spot, failure, attempt: 0)
        case .success(let value):
            let failure = ActionFailure(
                code: code,
                message: value.stringValue ?? "\(code): \(value.typeName)",
                isRetryable: false,
                details: value.stringValue == nil ? value : .null
            )
            try giveUp(spot, failure, attempt: 0, endsInstance: true)
        }
    }
}

extension ActionFailure {
    /// An expression gave a value of a type that cannot be used there.
    static func wrongType(_ what: String, _ wanted: String, _ value: Value) -> ActionFailure {
        ActionFailure(
            code: "expression_error",
            message: "\(what) must be \(wanted), not \(value.typeName)",
            isRetryable: false
        )
    }
}

extension Timestamp {
    /// The first whole millisecond that is not before this; clocks of timers are no finer.
    var roundedUpToMilliseconds: Timestamp {
        let whole = Timestamp(milliseconds: milliseconds)
        return whole < self ? whole + .milliseconds(1) : whole
    }
}
