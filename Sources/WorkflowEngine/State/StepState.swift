public import EventModel

/// Where one step of an instance stands.
public struct StepState: Sendable, Hashable {
    /// What a step is doing.
    public enum Phase: String, Sendable, Hashable, CaseIterable {
        /// Its condition was looked at, or the steps inside it run.
        case entered
        /// An action must be called.
        case scheduled
        /// The call is being made, or was when the engine stopped.
        case started
        /// The next attempt waits for its timer.
        case retrying
        /// A `wait` waits for its timer or for what it is about.
        case waiting
        /// A person's answer is awaited.
        case approving
        /// The end of a child is awaited.
        case calling
        /// The steps of its `on_failure` run.
        case fallback
        /// A person must look at it.
        case incident
        /// An incident was resumed; the step begins again.
        case resumed
        case completed
        case skipped
        case failed
        /// What was around it ended first.
        case abandoned

        /// Whether the step is over and the next one may run.
        public var isDone: Bool {
            switch self {
            case .completed, .skipped: true
            case .entered, .scheduled, .started, .retrying, .waiting, .approving, .calling,
                .fallback, .incident, .resumed, .failed, .abandoned:
                false
            }
        }

        /// Whether nothing more happens in the step by itself.
        public var isOver: Bool { isDone || self == .failed || self == .abandoned }

        /// Whether an action's result is still awaited.
        public var isOpen: Bool { self == .scheduled || self == .started }
    }

    public var phase: Phase
    /// The newest attempt; 0 if no action was ever called.
    public var attempt: Int
    /// The attempts made before the step was last resumed; they do not count against `retry`.
    public var attemptsBefore: Int
    /// The latest call, kept until the step is over, because every attempt repeats it.
    public var call: Call?
    /// What its condition came to.
    public var condition: Bool?
    /// How the latest attempt failed.
    public var failure: ActionFailure?
    /// The step inside whose failure was the reason; nil if there was none.
    public var cause: String?
    /// The attempts whose late results were refused, so that each refusal is recorded once.
    public var refused: [Int]
    /// How many levels of its `on_failure` were entered.
    public var level = 0
    /// The branches of a `parallel` that have failed while the others go on.
    public var failedBranches: [String] = []
    /// What the step waits for, beside timers and the result of an action.
    public var pending: Pending?
    /// When the current attempt last gave a sign of life; nil before the first.
    public var heardAt: Timestamp?

    public init(
        phase: Phase,
        attempt: Int = 0,
        attemptsBefore: Int = 0,
        call: Call? = nil,
        condition: Bool? = nil,
        failure: ActionFailure? = nil,
        cause: String? = nil,
        refused: [Int] = []
    ) {
        self.phase = phase
        self.attempt = attempt
        self.attemptsBefore = attemptsBefore
        self.call = call
        self.condition = condition
        self.failure = failure
        self.cause = cause
        self.refused = refused
    }

    /// What a step waits for outside.
    public indirect enum Pending: Sendable, Hashable {
        case event(AwaitedEvent)
        case approval(ApprovalState)
        case child(EventID)
    }

    /// A call of an action, resolved.
    public struct Call: Sendable, Hashable {
        public var action: String
        public var input: Value
        public var idempotencyKey: String
        public var deadline: Timestamp?

        public init(action: String, input: Value, idempotencyKey: String, deadline: Timestamp?) {
            self.action = action
            self.input = input
            self.idempotencyKey = idempotencyKey
            self.deadline = deadline
        }
    }
}

/// A timer that is set.
public struct TimerState: Sendable, Hashable {
    public var step: String
    public var purpose: InstanceEvent.TimerSet.Purpose
    public var due: Timestamp

    public init(step: String, purpose: InstanceEvent.TimerSet.Purpose, due: Timestamp) {
        self.step = step
        self.purpose = purpose
        self.due = due
    }
}
