import CEL
import EventModel

extension Decision {
    /// The flow has reached a step.
    mutating func begin(_ node: Int) throws(Rejection) {
        let step = plan.nodes[node].step
        if let condition = step.condition {
            switch evaluate(condition, at: node) {
            case .failure(let failure):
                return try giveUp(node, failure, attempt: 0)
            case .success(let truth):
                try emitCondition(condition, truth, of: step)
                guard truth else {
                    let reason = "the condition is false: \(condition.expression.source)"
                    try emit(.stepSkipped(.init(step: step.path, reason: reason)))
                    return goOn(behind: node)
                }
            }
        }
        switch step.body {
        case .action(let call): try schedule(call, node)
        case .set(let template): try set(template, node)
        case .wait(let rule): try wait(rule, node)
        case .choice(let choice): try choose(choice, node)
        case .parallel: try enterBranches(node)
        case .stop(let outcome, let output): try stop(outcome, output, node)
        case .fail(let code, let message): try fail(code, message, node)
        }
    }

    private mutating func emitCondition(
        _ condition: StepDefinition.Condition,
        _ result: Bool,
        of step: StepDefinition
    ) throws(Rejection) {
        let source = condition.expression.source
        let event = InstanceEvent.ConditionEvaluated(
            step: step.path,
            expression: source,
            result: result
        )
        try emit(.conditionEvaluated(event))
    }

    private mutating func schedule(
        _ call: StepDefinition.ActionCall,
        _ node: Int
    ) throws(Rejection) {
        switch evaluate(call.input, at: node) {
        case .failure(let failure):
            try giveUp(node, failure, attempt: 0)
        case .success(let input):
            try callAction(call.name, input: input, node)
        }
    }

    /// Schedules the step's next attempt, with the input that all its attempts share.
    mutating func callAction(_ action: String, input: Value, _ node: Int) throws(Rejection) {
        let step = plan.nodes[node].step
        let attempt = (state.steps[step.path]?.attempt ?? 0) + 1
        let deadline = step.timeout.map { (at + $0).roundedUpToMilliseconds }
        try emit(
            .stepScheduled(
                InstanceEvent.StepScheduled(
                    step: step.path,
                    attempt: attempt,
                    action: action,
                    input: input,
                    idempotencyKey: "\(instance.text)/\(step.path)",
                    deadline: deadline
                )
            )
        )
        guard let deadline else { return }
        try setTimer("timeout\(attempt)", .timeout, due: deadline, step: step.path)
    }

    mutating func setTimer(
        _ suffix: String,
        _ purpose: InstanceEvent.TimerSet.Purpose,
        due: Timestamp,
        step: String
    ) throws(Rejection) {
        let event = InstanceEvent.TimerSet(
            timer: "\(step)#\(suffix)",
            step: step,
            purpose: purpose,
            due: due
        )
        try emit(.timerSet(event))
    }

    private mutating func set(_ template: ValueTemplate, _ node: Int) throws(Rejection) {
        switch evaluate(template, at: node) {
        case .failure(let failure):
            try giveUp(node, failure, attempt: 0)
        case .success(let output):
            let path = plan.nodes[node].step.path
            try emit(.stepCompleted(.init(step: path, attempt: 0, output: output)))
            goOn(behind: node)
        }
    }

    private mutating func choose(
        _ choice: StepDefinition.Choice,
        _ node: Int
    ) throws(Rejection) {
        let here = plan.nodes[node]
        switch evaluate(choice.condition, at: node) {
        case .failure(let failure):
            try giveUp(node, failure, attempt: 0)
        case .success(let truth):
            try emitCondition(choice.condition, truth, of: here.step)
            try setTimeout(of: here.step)
            if let way = truth ? here.then : here.otherwise { enter(way) }
        }
    }

    private mutating func enterBranches(_ node: Int) throws(Rejection) {
        let here = plan.nodes[node]
        try emit(.stepStarted(.init(step: here.step.path, attempt: 0)))
        try setTimeout(of: here.step)
        for branch in here.branches.reversed() { enter(branch) }
    }

    private mutating func setTimeout(of step: StepDefinition) throws(Rejection) {
        guard let timeout = step.timeout else { return }
        let due = (at + timeout).roundedUpToMilliseconds
        try setTimer("timeout", .timeout, due: due, step: step.path)
    }

    private mutating func stop(
        _ outcome: ValueTemplate?,
        _ output: ValueTemplate?,
        _ node: Int
    ) throws(Rejection) {
        var word = Value.string("stopped")
        var result = Value.null
        if let outcome {
            switch evaluate(outcome, at: node) {
            case .failure(let failure): return try giveUp(node, failure, attempt: 0)
            case .success(let value): word = value
            }
        }
        if let output {
            switch evaluate(output, at: node) {
            case .failure(let failure): return try giveUp(node, failure, attempt: 0)
            case .success(let value): result = value
            }
        }
        guard let word = word.stringValue else {
            let failure = ActionFailure.wrongType("the outcome", "a text", word)
            return try giveUp(node, failure, attempt: 0)
        }
        let path = plan.nodes[node].step.path
        try emit(.stepCompleted(.init(step: path, attempt: 0, output: .null)))
        try cancelAllTimers()
        try emit(.instanceCompleted(.init(output: result, outcome: word)))
    }

    private mutating func fail(
        _ code: String,
        _ message: ValueTemplate,
        _ node: Int
    ) throws(Rejection) {
        switch evaluate(message, at: node) {
        case .failure(let failure):
            try giveUp(node, failure, attempt: 0)
        case .success(let value):
            let failure = ActionFailure(
                code: code,
                message: value.stringValue ?? "\(code): \(value.typeName)",
                isRetryable: false,
                details: value.stringValue == nil ? value : .null
            )
            try giveUp(node, failure, attempt: 0, endsInstance: true)
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
