import EventModel

extension Decision {
    mutating func start(_ start: InstanceCommand.Start) throws(Rejection) {
        try beginInstance(start)
        guard let rules = definition.admission else {
            return enter(Plan.rootSequence, rounds: [])
        }
        switch rules.admission(of: self) {
        case .success(let admission): try emit(.instanceQueued(.init(admission: admission)))
        case .failure(let failure): try end(.failed(step: "concurrency", failure))
        }
    }

    mutating func beginInstance(_ start: InstanceCommand.Start) throws(Rejection) {
        guard state.status == .absent else {
            throw Rejection(.exists, "the instance \(instance.text) was started already")
        }
        guard start.definition == definition.hash else {
            throw Rejection(
                .wrongStatus,
                "asked to start definition \(start.definition.hexadecimal) with "
                    + "\(definition.hash.hexadecimal) at hand"
            )
        }
        try emit(
            .instanceStarted(
                InstanceEvent.InstanceStarted(
                    workflow: start.workflow,
                    definition: start.definition,
                    entity: start.entity,
                    input: start.input,
                    trigger: start.trigger
                )
            )
        )
    }

    /// Its turn has come.
    mutating func admit() throws(Rejection) {
        guard state.status == .queued else {
            throw Rejection(
                .wrongStatus,
                "the instance \(instance.text) is \(state.status.rawValue), not queued"
            )
        }
        try emit(.instanceAdmitted(.init()))
        enter(Plan.rootSequence, rounds: [])
    }

    // MARK: Standing still

    mutating func suspend(_ reason: String) throws(Rejection) {
        guard !state.isSuspended, state.status != .queued else {
            throw Rejection(
                .wrongStatus,
                "the instance \(instance.text) is \(state.status.rawValue) already"
            )
        }
        try emit(.instanceSuspended(.init(reason: reason)))
    }

    /// Lets an instance that stands still go on; otherwise lets every incident begin again.
    mutating func resume() throws(Rejection) {
        guard !state.isSuspended else { return try goOnAfterSuspension() }
        let incidents = state.incidents
        guard !incidents.isEmpty else {
            throw Rejection(
                .wrongStatus,
                "the instance \(instance.text) is \(state.status.rawValue), not paused"
            )
        }
        for path in incidents where state.steps[path]?.phase == .incident {
            let spot = try spot(path)
            try emit(.instanceResumed(.init(step: path)))
            try repeatCall(spot)
            try drain()
            if state.status.isEnded { return }
        }
    }

    private mutating func goOnAfterSuspension() throws(Rejection) {
        let held = state.held
        try emit(.instanceContinued(.init()))
        for path in held {
            guard !state.status.isEnded, let step = state.steps[path] else { continue }
            let spot = try spot(path)
            // What was held back earlier may have given up what was around it.
            guard isLive(spot) else { continue }
            if step.phase.isDone {
                goOn(behind: spot)
            } else if step.phase == .failed {
                let failure = step.failure ?? Decision.unknownFailure
                try passOn(failure, of: spot, cause: path, endsInstance: false)
            }
            try drain()
        }
    }

    /// Passes over a step that runs, waits or has failed.
    ///
    /// - Parameter output: what it gives instead; nil for nothing.
    mutating func skip(_ path: String, reason: String, _ output: Value?) throws(Rejection) {
        let spot = try spot(path)
        guard let step = state.steps[path], !step.phase.isOver, !state.isSuspended else {
            throw Rejection(
                .wrongStatus,
                state.isSuspended
                    ? "the instance \(instance.text) stands still; resume it first"
                    : "'\(path)' does not run, wait or lie still, so it cannot be skipped"
            )
        }
        try closeChildren(inside: path)
        try cancelTimers(inside: path)
        leave(spot)
        try emit(.stepsAbandoned(.init(step: path, reason: reason)))
        if let output {
            // No attempt gave it, so it has a number that none had.
            try finishStep(spot, output, attempt: state.nextAttempt(of: path))
        } else {
            try emit(.stepSkipped(.init(step: path, reason: reason)))
            goOn(behind: spot)
        }
    }
}
