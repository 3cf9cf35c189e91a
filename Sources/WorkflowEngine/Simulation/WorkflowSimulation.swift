public import EventModel

/// One instance run by the kernel in simulated time: waits take no time, and calls are answered by
/// whoever runs it.
public struct WorkflowSimulation {
    /// A call of an action that the kernel asks for.
    public struct Call: Sendable, Hashable {
        /// The step's path.
        public var step: String
        public var action: String
        public var attempt: Int
        public var input: Value
        public var at: Timestamp
    }

    /// How a call ends.
    public struct Answer: Sendable {
        /// How long it takes.
        public var after: Duration
        /// What it gives; nil if it never answers.
        public var result: Result<Value, ActionFailure>?

        public init(after: Duration = .zero, _ result: Result<Value, ActionFailure>?) {
            self.after = after
            self.result = result
        }
    }

    /// Something that a step waits for and that is neither a call nor the time: people, an event,
    /// the end of a child.
    public struct Question: Sendable, Hashable {
        /// The step's path.
        public var step: String
        public var pending: StepState.Pending
        public var at: Timestamp
    }

    /// What comes for a question.
    public struct Reply: Sendable {
        /// How long it takes.
        public var after: Duration
        public var command: InstanceCommand

        public init(after: Duration = .zero, _ command: InstanceCommand) {
            self.after = after
            self.command = command
        }
    }

    /// What comes in later.
    private struct Pending {
        var command: InstanceCommand
        var due: Timestamp
        var order: Int
        /// The step of the question that it answers; nil for the result of a call.
        var replyTo: String?
    }

    public let definition: WorkflowDefinition
    public let instance: EventID
    public private(set) var now: Timestamp
    public private(set) var state = InstanceState.initial
    /// Every event, with its time.
    public private(set) var history: [(event: InstanceEvent, at: Timestamp)] = []
    /// How many events there were after each command that led to any; what one command leads to is
    /// appended at once, or not at all.
    public private(set) var appends: [Int] = []
    /// Every call, in order.
    public private(set) var calls: [Call] = []
    /// Every question, in order.
    public private(set) var questions: [Question] = []
    /// Replies that the kernel refused: the step and the reason.
    public private(set) var refusals: [(step: String, reason: Rejection)] = []
    private var pending: [Pending] = []
    private var lastOrder = 0
    private var asked: [String: StepState.Pending] = [:]
    /// Calls that were made before a crash and must be made again.
    private var repeated: Set<String> = []

    /// How many events a simulated instance can have.
    public static let eventsMax = 100_000

    public init(_ definition: WorkflowDefinition, instance: EventID, now: Timestamp) {
        self.definition = definition
        self.instance = instance
        self.now = now
    }

    /// Begins the instance.
    ///
    /// - Throws: why the kernel refuses that.
    public mutating func start(input: Value, trigger: Value) throws(Rejection) {
        try send(
            .start(
                InstanceCommand.Start(
                    workflow: definition.name,
                    definition: definition.hash,
                    input: input,
                    entity: definition.entity,
                    trigger: trigger
                )
            )
        )
    }

    /// Takes a command in at the present simulated time.
    ///
    /// - Throws: why the kernel refuses it.
    public mutating func send(_ command: InstanceCommand) throws(Rejection) {
        let events = try InstanceDecider.decide(
            command,
            state: state,
            instance: instance,
            definition: definition,
            at: now
        )
        for event in events {
            state.evolve(event, recordedAt: now)
            history.append((event, now))
        }
        if !events.isEmpty { appends.append(history.count) }
    }

    /// Lets time pass to an instant that is not past.
    public mutating func advance(to instant: Timestamp) { now = max(now, instant) }

    /// Runs until the instance has ended, or nothing more happens by itself before an instant.
    ///
    /// - Parameters:
    ///   - limit: the instant.
    ///   - reply: what comes for a question; nil if nothing ever does.
    ///   - answer: how a call ends; nil breaks the run off, with no time passing any more.
    public mutating func run(
        until limit: Timestamp,
        reply: (Question) -> Reply? = { _ in nil },
        _ answer: (Call) -> Answer?
    ) {
        while !state.status.isEnded, history.count < Self.eventsMax {
            // Nobody else is there, so it is always its turn.
            if state.status == .queued { try? send(.admit) }
            guard makeCalls(answer) else { return }
            ask(reply)
            guard let next = nextCommand(before: limit) else { return }
            now = max(now, next.due)
            do throws(Rejection) {
                try send(next.command)
            } catch {
                // What comes too late is refused, as it would be in the engine.
                if let step = next.replyTo, error.code != .stale { refusals.append((step, error)) }
            }
        }
    }

    /// Puts the questions that are new; one that a step puts again later is new again.
    private mutating func ask(_ reply: (Question) -> Reply?) {
        let open = state.steps.compactMapValues { step in
            switch step.phase {
            case .waiting, .approving, .calling: step.pending
            case .entered, .scheduled, .started, .retrying, .fallback, .incident, .resumed,
                .completed, .skipped, .failed, .abandoned:
                nil
            }
        }
        for (step, pending) in open.sorted(by: { $0.key < $1.key })
        where asked[step].map({ !Self.isSame($0, pending) }) ?? true {
            let question = Question(step: step, pending: pending, at: now)
            questions.append(question)
            guard let reply = reply(question) else { continue }
            expect(reply.command, after: reply.after, replyTo: step)
        }
        asked = open
    }

    /// Whether two are the same question; reminders do not make it another one.
    private static func isSame(_ one: StepState.Pending, _ other: StepState.Pending) -> Bool {
        if case .approval(let one) = one, case .approval(let other) = other {
            return one.title == other.title && one.deadline == other.deadline
        }
        return one == other
    }

    private mutating func expect(
        _ command: InstanceCommand,
        after: Duration,
        replyTo: String? = nil
    ) {
        lastOrder += 1
        pending.append(
            Pending(command: command, due: now + after, order: lastOrder, replyTo: replyTo)
        )
    }

    /// Makes the calls that are due; false if one of them broke the run off.
    private mutating func makeCalls(_ answer: (Call) -> Answer?) -> Bool {
        for open in state.openSteps where !open.isStarted || repeated.contains(open.step) {
            let call = Call(
                step: open.step,
                action: open.action,
                attempt: open.attempt,
                input: open.input,
                at: now
            )
            if repeated.remove(open.step) == nil {
                let start = InstanceCommand.markStepStarted(step: open.step, attempt: open.attempt)
                guard (try? send(start)) != nil else { continue }
            }
            calls.append(call)
            guard let answer = answer(call) else { return false }
            let (step, attempt) = (call.step, call.attempt)
            let command: InstanceCommand
            switch answer.result {
            case .success(let output)?:
                command = .completeStep(step: step, attempt: attempt, output: output)
            case .failure(let failure)?:
                command = .failStep(step: step, attempt: attempt, failure: failure)
            case nil: continue
            }
            expect(command, after: answer.after)
        }
        return true
    }

    /// What is due first: a result, or a timer; of the same moment the result.
    private mutating func nextCommand(
        before limit: Timestamp
    ) -> (command: InstanceCommand, due: Timestamp, replyTo: String?)? {
        let timer = state.waitingTimers.first
        let first = pending.indices.min {
            (pending[$0].due, pending[$0].order) < (pending[$1].due, pending[$1].order)
        }
        if let first, pending[first].due <= limit, pending[first].due <= timer?.due ?? limit {
            let next = pending.remove(at: first)
            return (next.command, next.due, next.replyTo)
        }
        guard let timer, timer.due <= limit else { return nil }
        return (.fireTimer(timer: timer.timer), timer.due, nil)
    }

    /// The simulation as it stands when the engine starts anew after a crash: only the first events
    /// are there (``appends`` says how many there can be), the state is folded from what they are in the log, and calls without a result are
    /// made again.
    ///
    /// - Throws: that an event cannot be read back.
    public func restarted(after count: Int) throws(EventDataError) -> WorkflowSimulation {
        var copy = WorkflowSimulation(definition, instance: instance, now: now)
        for (event, at) in history.prefix(count) {
            let read = try InstanceEvent(type: event.type, data: event.data)
            copy.state.evolve(read, recordedAt: at)
            copy.history.append((read, at))
            copy.now = at
        }
        copy.repeated = Set(copy.state.openSteps.filter(\.isStarted).map(\.step))
        return copy
    }
}
