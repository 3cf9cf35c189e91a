public import CEL
public import Documents
import EventModel

/// One step of a workflow, as its author wrote it.
public struct StepDefinition: Sendable {
    /// Unique in the workflow, also among branches.
    public var name: String
    /// The names of the steps around it and its own, joined by dots.
    ///
    /// Events call the step so; inside a `for_each` they put the round behind the loop's name, as in
    /// `clients[3].greet`.
    public var path: String
    public var description: String
    /// The step is skipped if this is false; nil for steps that always run.
    public var condition: Condition?
    public var body: Body
    public var retry: RetryPolicy
    public var limits: StepLimits
    public var onFailure: FailureHandler?
    /// What undoes the step once it has completed; empty if nothing does.
    public var compensation: [StepDefinition]
    public var place: Place

    /// How long one attempt, or all that is inside the step, may take.
    public var timeout: Duration? { limits.attempt }

    /// What a step does.
    public enum Body: Sendable {
        case action(ActionCall)
        /// Puts values into `vars`; always a map.
        case set(ValueTemplate)
        case wait(WaitRule)
        case choice(Choice)
        case parallel(Parallel)
        case loop(Loop)
        case approval(Approval)
        case call(ChildCall)
        case stop(outcome: ValueTemplate?, output: ValueTemplate?)
        case fail(code: String, message: ValueTemplate)
    }

    /// An expression that must be true or false, with its place.
    public struct Condition: Sendable {
        public var expression: Expression
        public var place: Place
    }

    /// A call of an action.
    public struct ActionCall: Sendable {
        public var name: String
        public var input: ValueTemplate
    }

    /// An `if` with its two ways.
    public struct Choice: Sendable {
        public var condition: Condition
        public var then: [StepDefinition]
        public var otherwise: [StepDefinition]
    }

    /// The word that says what the step does: `action`, `set`, `wait`, `if`, `parallel`, `for_each`,
    /// `approval`, `call`, `stop`, `fail`.
    public var kind: String {
        switch body {
        case .action: "action"
        case .set: "set"
        case .wait: "wait"
        case .choice: "if"
        case .parallel: "parallel"
        case .loop: "for_each"
        case .approval: "approval"
        case .call: "call"
        case .stop: "stop"
        case .fail: "fail"
        }
    }

    /// The steps directly inside, in the order of the document, those of `on_failure` and of
    /// `compensate` last.
    public var children: [StepDefinition] {
        let inner: [StepDefinition] =
            switch body {
            case .choice(let choice): choice.then + choice.otherwise
            case .parallel(let parallel): parallel.branches.flatMap(\.steps)
            case .loop(let loop): loop.steps
            case .approval(let approval): approval.onRejected + approval.onTimeout
            case .wait(.event(let wait)): wait.onTimeout
            case .action, .set, .wait, .call, .stop, .fail: []
            }
        return inner + (onFailure?.levels.flatMap(\.steps) ?? []) + compensation
    }
}

/// How long a step may take; nil where there is no limit.
public struct StepLimits: Sendable, Hashable {
    /// One attempt from its scheduling on; for a step that holds others, all that is inside.
    public var attempt: Duration?
    /// From the scheduling of an attempt until somebody begins it.
    public var scheduleToStart: Duration?
    /// From the beginning of an attempt to its result.
    public var startToClose: Duration?
    /// From one sign of life of an attempt to the next.
    public var heartbeat: Duration?

    public init(
        attempt: Duration? = nil,
        scheduleToStart: Duration? = nil,
        startToClose: Duration? = nil,
        heartbeat: Duration? = nil
    ) {
        self.attempt = attempt
        self.scheduleToStart = scheduleToStart
        self.startToClose = startToClose
        self.heartbeat = heartbeat
    }
}
