import EventModel

extension Decision {
    /// The instance ends without success: what it did is undone first, the newest first.
    mutating func end(_ ending: Ending) throws(Rejection) {
        try closeChildren { _ in true }
        try cancelAllTimers()
        places = []
        guard !state.compensations.isEmpty else { return try emitEnd(ending) }
        let event: InstanceEvent.CompensationStarted
        switch ending {
        case .failed(let step, let failure):
            event = InstanceEvent.CompensationStarted(step: step, failure: failure)
        case .cancelled(let reason):
            event = InstanceEvent.CompensationStarted(reason: reason)
        }
        try emit(.compensationStarted(event))
        try undoNext()
    }

    private mutating func emitEnd(_ ending: Ending) throws(Rejection) {
        switch ending {
        case .failed(let step, let failure):
            try emit(.instanceFailed(.init(step: step, failure: failure)))
        case .cancelled(let reason):
            try emit(.instanceCancelled(.init(reason: reason)))
        }
    }

    /// Begins to undo the step that has completed last among those that are left.
    mutating func undoNext() throws(Rejection) {
        guard let entry = state.compensations.last else {
            guard let ending = state.ending else { return }
            try closeChildren { _ in true }
            try cancelAllTimers()
            return try emitEnd(ending)
        }
        let spot = try spot(entry.step)
        guard let sequence = plan.nodes[spot.node].compensation else {
            throw Rejection(.missing, "the workflow does not say how to undo '\(entry.step)'")
        }
        try emit(.compensationEntered(.init(step: entry.step)))
        enter(sequence, rounds: spot.rounds)
    }

    /// A step is undone.
    mutating func finishCompensation(of spot: Spot) throws(Rejection) {
        try emit(.stepCompensated(.init(step: plan.path(spot))))
        try undoNext()
    }

    mutating func cancel(_ reason: String) throws(Rejection) {
        guard state.ending == nil else {
            throw Rejection(
                .wrongStatus,
                "the instance \(instance.text) is being undone already; "
                    + "terminate it to end it at once"
            )
        }
        try end(.cancelled(reason: reason))
    }

    /// Ends at once; what it did stays done.
    mutating func terminate(_ reason: String) throws(Rejection) {
        try closeChildren { _ in true }
        try cancelAllTimers()
        try emit(.instanceTerminated(.init(reason: reason)))
    }
}
