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
    ///   - definition: the workflow, the very one that the instance keeps to; for a migration the one
    ///     that it shall keep to.
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
        case .fork(let fork): try decision.fork(fork)
        case .migrate(let previous, let reason):
            try decision.migrate(from: previous, reason: reason)
        case .markStepStarted, .completeStep, .failStep, .heartbeat, .reset, .childEnded:
            try decision.requireInstance()
            try decision.take(command)
        case .fireTimer, .deliver, .signal, .approve, .admit, .cancel, .terminate, .suspend,
            .resume, .skip:
            try decision.requireLive()
            try decision.take(command)
        }
        try decision.drain()
        return decision.events
    }
}

extension Decision {
    /// Dispatches what is asked of an instance that is there.
    fileprivate mutating func take(_ command: InstanceCommand) throws(Rejection) {
        switch command {
        case .markStepStarted(let step, let attempt): try markStarted(step, attempt: attempt)
        case .completeStep(let step, let attempt, let output):
            try completeStep(step, attempt: attempt, output: output)
        case .failStep(let step, let attempt, let failure):
            try failStep(step, attempt: attempt, failure: failure)
        case .heartbeat(let step, let attempt, let details):
            try hear(step, attempt: attempt, details: details)
        case .fireTimer(let timer): try fire(timer)
        case .deliver(let delivery): try deliver(delivery)
        case .signal(let name, let data, let actor): try signal(name, data, actor: actor)
        case .approve(let answer): try approve(answer)
        case .childEnded(let end): try childEnded(end)
        case .admit: try admit()
        case .cancel(let reason): try cancel(reason)
        case .terminate(let reason): try terminate(reason)
        case .suspend(let reason): try suspend(reason)
        case .resume: try resume()
        case .skip(let step, let reason, let output): try skip(step, reason: reason, output)
        case .reset(let reset): try self.reset(reset)
        case .start, .fork, .migrate: break
        }
    }
}
