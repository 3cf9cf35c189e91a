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

    private struct Pending {
        var call: Call
        var due: Timestamp
        var order: Int
        var result: Result<Value, ActionFailure>
    }

    public let definition: WorkflowDefinition
    public let instance: EventID
    public private(set) var now: Timestamp
    public private(set) var state = InstanceState.initial
    /// Every event, with its time.
    public private(set) var history: [(event: InstanceEvent, at: Timestamp)] = []
    /// Every call, in order.
    public private(set) var calls: [Call] = []
    private var pending: [Pending] = []

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
    }

    /// Lets time pass to an instant that is not past.
    public mutating func advance(to instant: Timestamp) { now = max(now, instant) }

    /// Runs until the instance has ended, or nothing more happens by itself before an instant.
    ///
    /// - Parameters:
    ///   - limit: the instant.
    ///   - answer: how a call ends; nil breaks the run off, with no time passing any more.
    public mutating func run(until limit: Timestamp, _ answer: (Call) -> Answer?) {
        while !state.status.isEnded, history.count < Self.eventsMax {
            // Nobody else is there, so it is always its turn.
            if state.status == .queued { try? send(.admit) }
            guard makeCalls(answer), let next = nextCommand(before: limit) else { return }
            now = max(now, next.due)
            // What comes too late is refused, as it would be in the engine.
            try? send(next.command)
        }
    }

    /// Makes the calls that are due; false if one of them broke the run off.
    private mutating func makeCalls(_ answer: (Call) -> Answer?) -> Bool {
        for open in state.openSteps where !open.isStarted {
            let call = Call(
                step: open.step,
                action: open.action,
                attempt: open.attempt,
                input: open.input,
                at: now
            )
            guard (try? send(.markStepStarted(step: open.step, attempt: open.attempt))) != nil
            else { continue }
            calls.append(call)
            guard let answer = answer(call) else { return false }
            guard let result = answer.result else { continue }
            pending.append(
                Pending(call: call, due: now + answer.after, order: calls.count, result: result)
            )
        }
        return true
    }

    /// What is due first: a result, or a timer; of the same moment the result.
    private mutating func nextCommand(
        before limit: Timestamp
    ) -> (command: InstanceCommand, due: Timestamp)? {
        let timer = state.waitingTimers.first
        let first = pending.indices.min {
            (pending[$0].due, pending[$0].order) < (pending[$1].due, pending[$1].order)
        }
        if let first, pending[first].due <= limit, pending[first].due <= timer?.due ?? limit {
            let next = pending.remove(at: first)
            let (step, attempt) = (next.call.step, next.call.attempt)
            switch next.result {
            case .success(let output):
                return (.completeStep(step: step, attempt: attempt, output: output), next.due)
            case .failure(let failure):
                return (.failStep(step: step, attempt: attempt, failure: failure), next.due)
            }
        }
        guard let timer, timer.due <= limit else { return nil }
        return (.fireTimer(timer: timer.timer), timer.due)
    }
}
