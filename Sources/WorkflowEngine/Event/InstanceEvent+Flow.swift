public import EventModel

extension InstanceEvent {
    /// A `for_each` begins.
    public struct LoopStarted: Sendable, Hashable {
        public var step: String
        /// The items, a number of rounds, or null while a condition decides.
        public var items: Value

        public init(step: String, items: Value) {
            self.step = step
            self.items = items
        }
    }

    /// One round of a `for_each`.
    public struct LoopRound: Sendable, Hashable {
        public var step: String
        /// From 0.
        public var round: Int

        public init(step: String, round: Int) {
            self.step = step
            self.round = round
        }
    }

    /// A round of a `for_each` is over.
    public struct RoundEnded: Sendable, Hashable {
        public var step: String
        /// From 0.
        public var round: Int
        /// What was collected.
        public var output: Value

        public init(step: String, round: Int, output: Value = .null) {
            self.step = step
            self.round = round
            self.output = output
        }
    }

    /// A round has failed, but the loop goes on.
    public struct RoundFailed: Sendable, Hashable {
        public var step: String
        /// From 0.
        public var round: Int
        /// The step that failed.
        public var cause: String
        public var failure: ActionFailure

        public init(step: String, round: Int, cause: String, failure: ActionFailure) {
            self.step = step
            self.round = round
            self.cause = cause
            self.failure = failure
        }
    }

    /// A branch has failed, but others may be enough.
    public struct BranchFailed: Sendable, Hashable {
        public var step: String
        /// The branch by its name.
        public var branch: String
        /// The step that failed.
        public var cause: String
        public var failure: ActionFailure

        public init(step: String, branch: String, cause: String, failure: ActionFailure) {
            self.step = step
            self.branch = branch
            self.cause = cause
            self.failure = failure
        }
    }

    /// What is inside a step is given up.
    public struct StepsAbandoned: Sendable, Hashable {
        /// The step or branch.
        public var step: String
        public var reason: String

        public init(step: String, reason: String) {
            self.step = step
            self.reason = reason
        }
    }

    /// A step waits for something outside.
    public struct EventAwaited: Sendable, Hashable {
        public var step: String
        public var awaited: AwaitedEvent

        public init(step: String, awaited: AwaitedEvent) {
            self.step = step
            self.awaited = awaited
        }
    }

    /// People are asked.
    public struct ApprovalRequested: Sendable, Hashable {
        public var step: String
        public var title: String
        /// What they must know; empty if nothing.
        public var text: String
        /// Who may answer; empty for anybody.
        public var who: [String]
        public var deadline: Timestamp?

        public init(
            step: String,
            title: String,
            text: String,
            who: [String],
            deadline: Timestamp? = nil
        ) {
            self.step = step
            self.title = title
            self.text = text
            self.who = who
            self.deadline = deadline
        }
    }

    /// People are reminded.
    public struct ApprovalReminded: Sendable, Hashable {
        public var step: String
        /// 1 for the first reminder.
        public var number: Int

        public init(step: String, number: Int) {
            self.step = step
            self.number = number
        }
    }

    /// A person has answered.
    public struct ApprovalDecided: Sendable, Hashable {
        public var step: String
        public var outcome: ApprovalState.Outcome
        public var comment: String?
        /// Who answered.
        public var actor: String

        public init(
            step: String,
            outcome: ApprovalState.Outcome,
            comment: String? = nil,
            actor: String
        ) {
            self.step = step
            self.outcome = outcome
            self.comment = comment
            self.actor = actor
        }
    }

    /// A signal has come.
    public struct SignalReceived: Sendable, Hashable {
        public var name: String
        public var payload: Value
        /// Who sent it.
        public var actor: String
        /// The step that waited for it; nil if it is kept for later.
        public var step: String?

        public init(name: String, payload: Value, actor: String, step: String? = nil) {
            self.name = name
            self.payload = payload
            self.actor = actor
            self.step = step
        }
    }
}
