import EventModel

extension Decision {
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
        guard !state.isSuspended else {
            throw Rejection(
                .wrongStatus,
                "the instance \(instance.text) stands still; its timers wait"
            )
        }
        let spot = try spot(timer.step)
        try emit(.timerFired(.init(timer: name, step: timer.step)))
        switch timer.purpose {
        case .wait: try finishStep(spot, .null)
        case .retry: try repeatCall(spot)
        case .timeout: try timeOut(spot)
        case .deadline: try expire(spot)
        case .reminder: try remind(spot)
        case .next: try advance(spot)
        case .start:
            try failOpen(spot, "nobody has begun '\(plan.nodes[spot.node].step.name)' in time")
        case .heartbeat:
            try failOpen(spot, "'\(plan.nodes[spot.node].step.name)' gives no sign of life")
        }
    }

    private mutating func timeOut(_ spot: Spot) throws(Rejection) {
        let step = plan.nodes[spot.node].step
        let path = plan.path(spot)
        if let state = state.steps[path], state.phase.isOpen {
            let isBegun = state.phase == .started
            let limit = step.limits.attempt ?? (isBegun ? step.limits.startToClose : nil)
            return try failOpen(
                spot,
                "'\(step.name)' took longer than \(limit.map { "\($0)" } ?? "its time")"
            )
        }
        // Only steps that hold others or wait for a child are left: what is inside is given up first.
        let limit = step.limits.attempt.map { "\($0)" } ?? "its time"
        let failure = ActionFailure(
            code: "timeout",
            message: "'\(step.name)' took longer than \(limit)",
            isRetryable: true
        )
        try giveUp(spot, failure, attempt: 0)
    }

    /// The current attempt of an action has taken too long, in one way or another.
    private mutating func failOpen(_ spot: Spot, _ message: String) throws(Rejection) {
        let failure = ActionFailure(code: "timeout", message: message, isRetryable: true)
        let attempt = state.steps[plan.path(spot)]?.attempt ?? 0
        try failAttempt(spot, failure, attempt: attempt)
    }

    /// Calls the action again with the input of the call before; anything else begins anew.
    mutating func repeatCall(_ spot: Spot) throws(Rejection) {
        guard let call = state.steps[plan.path(spot)]?.call else { return try begin(spot) }
        try callAction(call.action, input: call.input, spot)
    }
}
