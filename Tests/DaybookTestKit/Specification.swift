public import EventModel
public import WorkflowEngine

/// Drives one instance of a workflow by hand: given these events, when this command, then those
/// events.
public struct Specification {
    /// Something that happens to an instance.
    public enum Move: Sendable {
        case starts(Value)
        /// The current attempt of a step is marked as started.
        case begins(String)
        /// The current attempt of a step succeeds.
        case succeeds(String, Value)
        /// The current attempt of a step fails.
        case fails(String, ActionFailure)
        /// A timer fires at the moment it is due, or now if that is past.
        case fires(String)
        case cancels(String)
        case resumes
        /// A signal comes, from `user:ana`.
        case signals(String, Value)
        /// `user:ana` answers the only open approval.
        case answers(ApprovalState.Outcome)
        /// Time goes by.
        case passes(Duration)
        case command(InstanceCommand)
    }

    public let definition: WorkflowDefinition
    public let instance: EventID
    public var now: Timestamp
    public private(set) var state = InstanceState.initial
    /// Every event so far, with its time.
    public private(set) var history: [(event: InstanceEvent, at: Timestamp)] = []

    /// Begins with nothing: an instance that does not exist yet.
    public init(
        _ definition: WorkflowDefinition,
        instance: EventID = EventID(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_0001),
        now: Timestamp = Timestamp(seconds: 1_764_000_000)
    ) {
        self.definition = definition
        self.instance = instance
        self.now = now
    }

    /// Takes events as given.
    public mutating func given(_ events: [InstanceEvent]) {
        for event in events {
            state.evolve(event, recordedAt: now)
            history.append((event, now))
        }
    }

    /// Makes a move and takes its events in.
    ///
    /// - Returns: the events that followed; none if time went by.
    /// - Throws: the rejection.
    @discardableResult
    public mutating func when(_ move: Move) throws(Rejection) -> [InstanceEvent] {
        guard let command = command(move) else { return [] }
        let events = try InstanceDecider.decide(
            command,
            state: state,
            instance: instance,
            definition: definition,
            at: now
        )
        given(events)
        return events
    }

    /// Makes moves one after the other and tells the events of the last one, or its rejection, in
    /// short form.
    public mutating func play(_ moves: [Move]) -> [String] {
        var summary: [String] = []
        for move in moves {
            do throws(Rejection) {
                summary = try when(move).map(\.summary)
            } catch {
                summary = ["Rejection \(error.code.rawValue)"]
            }
        }
        return summary
    }

    /// The state that the whole history folds to, from nothing.
    public var refolded: InstanceState {
        var state = InstanceState.initial
        for (event, instant) in history { state.evolve(event, recordedAt: instant) }
        return state
    }

    /// The command that starts the instance by hand.
    public func startCommand(_ input: Value) -> InstanceCommand {
        .start(
            InstanceCommand.Start(
                workflow: definition.name,
                definition: definition.hash,
                input: input,
                entity: definition.entity,
                trigger: ["kind": "manual"]
            )
        )
    }

    private mutating func command(_ move: Move) -> InstanceCommand? {
        switch move {
        case .starts(let input):
            return startCommand(input)
        case .begins(let step):
            return .markStepStarted(step: step, attempt: attempt(step))
        case .succeeds(let step, let output):
            return .completeStep(step: step, attempt: attempt(step), output: output)
        case .fails(let step, let failure):
            return .failStep(step: step, attempt: attempt(step), failure: failure)
        case .fires(let timer):
            if let due = state.timers[timer]?.due { now = max(now, due) }
            return .fireTimer(timer: timer)
        case .cancels(let reason):
            return .cancel(reason: reason)
        case .resumes:
            return .resume
        case .signals(let name, let data):
            return .signal(name: name, data: data, actor: "user:ana")
        case .answers(let outcome):
            return .approve(
                InstanceCommand.Answer(
                    step: nil,
                    outcome: outcome,
                    comment: nil,
                    actor: "user:ana"
                )
            )
        case .passes(let duration):
            now = now + duration
            return nil
        case .command(let command):
            return command
        }
    }

    private func attempt(_ step: String) -> Int { state.steps[step]?.attempt ?? 1 }
}

extension InstanceEvent {
    /// The event in short: its type, what it is about, and the one word that matters.
    public var summary: String {
        switch self {
        case .instanceStarted: type
        case .conditionEvaluated(let event): "\(type) \(event.step) \(event.result)"
        case .stepScheduled(let event): "\(type) \(event.step) \(event.attempt)"
        case .stepStarted(let event): "\(type) \(event.step) \(event.attempt)"
        case .stepCompleted(let event): "\(type) \(event.step) \(event.attempt)"
        case .stepFailed(let event):
            "\(type) \(event.step) \(event.attempt) \(event.failure.code)"
                + (event.willRetry ? " again" : "")
        case .stepSkipped(let event): "\(type) \(event.step)"
        case .fallbackEntered(let event):
            event.step == event.cause
                ? "\(type) \(event.step)" : "\(type) \(event.step) \(event.cause)"
        case .timerSet(let event): "\(type) \(event.timer)"
        case .timerFired(let event), .timerCancelled(let event): "\(type) \(event.timer)"
        case .instanceCompleted(let event): "\(type) \(event.outcome)"
        case .instanceFailed(let event), .instancePaused(let event):
            "\(type) \(event.step) \(event.failure.code)"
        case .instanceResumed(let event): "\(type) \(event.step)"
        case .instanceCancelled: type
        case .resultRefused(let event): "\(type) \(event.step) \(event.attempt)"
        case .roundStarted(let event): "\(type) \(event.step) \(event.round)"
        case .roundEnded(let event): "\(type) \(event.step) \(event.round)"
        case .roundFailed(let event): "\(type) \(event.step) \(event.round) \(event.cause)"
        case .branchFailed(let event): "\(type) \(event.step) \(event.branch) \(event.cause)"
        case .loopStarted, .stepsAbandoned, .eventAwaited, .approvalRequested, .signalTaken,
            .childRequested, .childCloseRequested, .stepHeard, .compensationEntered,
            .stepCompensated:
            "\(type) \(data["step"]?.stringValue ?? "")"
        case .approvalReminded(let event): "\(type) \(event.step) \(event.number)"
        case .approvalDecided(let event): "\(type) \(event.step) \(event.outcome.rawValue)"
        case .signalReceived(let event): "\(type) \(event.name)"
        case .childEnded(let event): "\(type) \(event.step) \(event.status.rawValue)"
        case .instanceReset(let event): "\(type) \(event.count)"
        case .compensationStarted, .instanceQueued, .instanceAdmitted, .instanceSuspended,
            .instanceContinued, .instanceTerminated, .instanceMigrated:
            type
        }
    }
}

extension ActionFailure {
    /// A failure that trying again may mend.
    public static func passing(_ code: String = "unavailable") -> ActionFailure {
        ActionFailure(code: code, message: "it did not answer", isRetryable: true)
    }

    /// A failure that stays.
    public static func lasting(_ code: String, details: Value = .null) -> ActionFailure {
        ActionFailure(code: code, message: "it said no", isRetryable: false, details: details)
    }
}
