import EventModel

extension Decision {
    mutating func start(_ start: InstanceCommand.Start) throws(Rejection) {
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
        enter(Plan.rootSequence)
    }

    mutating func cancel(_ reason: String) throws(Rejection) {
        try cancelAllTimers()
        try emit(.instanceCancelled(.init(reason: reason)))
    }

    /// Lets every incident begin again.
    mutating func resume() throws(Rejection) {
        let incidents = state.incidents
        guard !incidents.isEmpty else {
            throw Rejection(
                .wrongStatus,
                "the instance \(instance.text) is \(state.status.rawValue), not paused"
            )
        }
        for path in incidents where state.steps[path]?.phase == .incident {
            guard let node = plan.indexByPath[path] else {
                throw Rejection(.missing, "the workflow has no step '\(path)'")
            }
            try emit(.instanceResumed(.init(step: path)))
            try repeatCall(node)
            try drain()
            if state.status.isEnded { return }
        }
    }
}
