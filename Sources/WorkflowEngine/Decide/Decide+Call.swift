import EventModel

extension Decision {
    /// An instance of another workflow must be started.
    mutating func callChild(
        _ call: StepDefinition.ChildCall,
        _ spot: Spot
    ) throws(Rejection) {
        let input: Value
        switch evaluate(call.input, at: spot) {
        case .failure(let failure): return try giveUp(spot, failure, attempt: 0)
        case .success(let value): input = value
        }
        let path = plan.path(spot)
        let attempt = state.nextAttempt(of: path)
        let child = EventID.derived(from: instance, "child/\(path)/\(attempt)")
        let event = InstanceEvent.ChildRequested(
            step: path,
            attempt: attempt,
            child: child,
            workflow: call.workflow,
            input: input,
            waits: call.waits,
            parentClose: call.parentClose
        )
        try emit(.childRequested(event))
        guard call.waits else {
            return try finishStep(spot, ["instance": .string(child.text)], attempt: attempt)
        }
        try setTimeout(of: spot)
    }

    /// A child has ended, or could not be started.
    mutating func childEnded(_ end: InstanceCommand.ChildEnd) throws(Rejection) {
        guard !state.status.isEnded else { throw ended() }
        guard let child = state.children[end.child.text] else {
            throw Rejection(.stale, "nobody waits for the child \(end.child.text) any more")
        }
        let event = InstanceEvent.ChildEnded(
            step: child.step,
            child: end.child,
            status: end.status,
            outcome: end.outcome,
            output: end.output,
            failure: end.failure
        )
        try emit(.childEnded(event))
        guard state.steps[child.step]?.phase == .calling,
            state.steps[child.step]?.pending == .child(end.child)
        else { return }
        let spot = try spot(child.step)
        let attempt = state.steps[child.step]?.attempt ?? 1
        guard end.status == .completed else {
            return try failAttempt(spot, end.failureOfCall, attempt: attempt)
        }
        let output: Value = [
            "instance": .string(end.child.text), "outcome": end.outcome.map(Value.string) ?? .null,
            "output": end.output,
        ]
        try finishStep(spot, output, attempt: attempt)
    }

    /// Asks for the end of children whose parent goes on without them, as their policy says.
    mutating func closeChildren(inside path: String) throws(Rejection) {
        try closeChildren { $0 == path || InstanceState.isInside($0, path) }
    }

    mutating func closeChildren(where matches: (String) -> Bool) throws(Rejection) {
        guard !state.children.isEmpty else { return }
        for (id, child) in state.children.sorted(by: { $0.key < $1.key }) {
            guard matches(child.step), child.parentClose != .abandon, let id = EventID(id) else {
                continue
            }
            let event = InstanceEvent.ChildCloseRequested(
                step: child.step,
                child: id,
                how: child.parentClose
            )
            try emit(.childCloseRequested(event))
        }
    }
}

extension InstanceCommand.ChildEnd {
    /// The failure of the step that waited for the child.
    var failureOfCall: ActionFailure {
        var details: ValueMap = [
            "instance": .string(child.text), "status": .string(status.rawValue),
        ]
        if let failure {
            details["code"] = .string(failure.code)
            details["details"] = failure.details
        }
        let reason = failure?.message ?? outcome ?? "no reason was given"
        return ActionFailure(
            code: status == .refused ? "child_refused" : "child_failed",
            message: "the called instance is \(status.rawValue): \(reason)",
            isRetryable: status == .failed,
            details: .map(details)
        )
    }
}
