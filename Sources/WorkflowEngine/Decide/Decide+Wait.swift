import EventModel

extension Decision {
    mutating func wait(_ rule: StepDefinition.WaitRule, _ node: Int) throws(Rejection) {
        let path = plan.nodes[node].step.path
        let due: Timestamp
        switch self.due(rule, node) {
        case .failure(let failure): return try giveUp(node, failure, attempt: 0)
        case .success(let instant): due = instant.roundedUpToMilliseconds
        }
        guard due > at else {
            try emit(.stepCompleted(.init(step: path, attempt: 0, output: .null)))
            return goOn(behind: node)
        }
        try setTimer("wait", .wait, due: due, step: path)
    }

    private func due(
        _ rule: StepDefinition.WaitRule,
        _ node: Int
    ) -> Result<Timestamp, ActionFailure> {
        switch rule {
        case .duration(let template):
            evaluate(template, at: node).flatMap { value in
                let text = value.stringValue.flatMap(TimeText.duration)
                guard let length = value.durationValue ?? text else {
                    return .failure(.wrongType("'for'", "a length of time", value))
                }
                guard length <= WorkflowLimits.durationMax else {
                    return .failure(.tooFar("'for' is longer than ten years"))
                }
                return .success(at + max(length, .zero))
            }
        case .until(let template):
            evaluate(template, at: node).flatMap { value in
                let text = value.stringValue.flatMap(TimeText.timestamp)
                guard let instant = value.timestampValue ?? text else {
                    return .failure(.wrongType("'until'", "an instant", value))
                }
                guard instant <= at + WorkflowLimits.durationMax else {
                    return .failure(.tooFar("'until' is more than ten years away"))
                }
                return .success(instant)
            }
        }
    }

    mutating func fire(_ name: String) throws(Rejection) {
        guard let timer = state.timers[name] else {
            throw Rejection(
                .noTimer,
                "the timer '\(name)' is not set; it has fired or was cancelled"
            )
        }
        guard timer.due <= at else {
            throw Rejection(.noTimer, "the timer '\(name)' is not due yet")
        }
        guard let node = plan.indexByPath[timer.step] else {
            throw Rejection(.missing, "the workflow has no step '\(timer.step)'")
        }
        try emit(.timerFired(.init(timer: name, step: timer.step)))
        switch timer.purpose {
        case .wait:
            try emit(.stepCompleted(.init(step: timer.step, attempt: 0, output: .null)))
            goOn(behind: node)
        case .retry:
            try repeatCall(node)
        case .timeout:
            try timeOut(node)
        }
    }

    private mutating func timeOut(_ node: Int) throws(Rejection) {
        let step = plan.nodes[node].step
        let limit = step.timeout.map { "\($0)" } ?? "its time"
        let failure = ActionFailure(
            code: "timeout",
            message: "'\(step.name)' took longer than \(limit)",
            isRetryable: true
        )
        if let attempt = state.steps[step.path].flatMap({ $0.phase.isOpen ? $0.attempt : nil }) {
            return try failAttempt(node, failure, attempt: attempt)
        }
        // Only steps that hold others are left: all that is inside is given up first.
        try giveUp(node, failure, attempt: 0)
    }

    /// Calls the action again with the input of the call before.
    mutating func repeatCall(_ node: Int) throws(Rejection) {
        guard let call = state.steps[plan.nodes[node].step.path]?.call else {
            return try begin(node)
        }
        try callAction(call.action, input: call.input, node)
    }
}

extension ActionFailure {
    static func tooFar(_ message: String) -> ActionFailure {
        ActionFailure(code: "expression_error", message: message, isRetryable: false)
    }
}
