public import EventModel

/// Answers commands with events: the one place where expressions are evaluated and policies
/// applied.
public enum InstanceDecider {
    /// Decides what follows from a command, until everything waits.
    ///
    /// - Parameters:
    ///   - command: what is asked for.
    ///   - state: the fold of the instance's events so far.
    ///   - instance: the instance's identity.
    ///   - definition: the workflow, the very one that the instance keeps to.
    ///   - at: the present; what expressions see as `now`.
    /// - Returns: the events to append, in order and all at once; never empty.
    /// - Throws: why the command is refused; nothing has happened then.
    public static func decide(
        _ command: InstanceCommand,
        state: InstanceState,
        instance: EventID,
        definition: WorkflowDefinition,
        at: Timestamp
    ) throws(Rejection) -> [InstanceEvent] {
        var decision = Decision(state: state, instance: instance, definition: definition, at: at)
        switch command {
        case .start(let start): try decision.start(start)
        case .markStepStarted(let step, let attempt):
            try decision.requireInstance()
            try decision.markStarted(step, attempt: attempt)
        case .completeStep(let step, let attempt, let output):
            try decision.requireInstance()
            try decision.completeStep(step, attempt: attempt, output: output)
        case .failStep(let step, let attempt, let failure):
            try decision.requireInstance()
            try decision.failStep(step, attempt: attempt, failure: failure)
        case .fireTimer(let timer):
            try decision.requireLive()
            try decision.fire(timer)
        case .cancel(let reason):
            try decision.requireLive()
            try decision.cancel(reason)
        case .resume:
            try decision.requireLive()
            try decision.resume()
        }
        try decision.drain()
        return decision.events
    }
}
