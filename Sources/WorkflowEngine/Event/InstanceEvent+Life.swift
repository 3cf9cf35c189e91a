public import EventModel

extension InstanceEvent {
    /// How a child's story ended.
    public enum ChildEnd: String, Sendable, Hashable, CaseIterable {
        case completed, failed, cancelled, terminated
        /// It could not be started.
        case refused
    }

    /// A step takes a signal that was kept.
    public struct SignalTaken: Sendable, Hashable {
        public var step: String
        /// Which of the kept signals, from 0.
        public var index: Int

        public init(step: String, index: Int) {
            self.step = step
            self.index = index
        }
    }

    /// An instance of another workflow must be started.
    public struct ChildRequested: Sendable, Hashable {
        public var step: String
        public var attempt: Int
        /// The id that the child will have.
        public var child: EventID
        public var workflow: String
        public var input: Value
        /// Whether the step waits for its end.
        public var waits: Bool
        /// What becomes of it when its parent ends first.
        public var parentClose: StepDefinition.ChildCall.ParentClose

        public init(
            step: String,
            attempt: Int,
            child: EventID,
            workflow: String,
            input: Value,
            waits: Bool,
            parentClose: StepDefinition.ChildCall.ParentClose
        ) {
            self.step = step
            self.attempt = attempt
            self.child = child
            self.workflow = workflow
            self.input = input
            self.waits = waits
            self.parentClose = parentClose
        }
    }

    /// A child has ended, or could not be started.
    public struct ChildEnded: Sendable, Hashable {
        public var step: String
        public var child: EventID
        /// How it ended.
        public var status: ChildEnd
        public var outcome: String?
        public var output: Value
        public var failure: ActionFailure?

        public init(
            step: String,
            child: EventID,
            status: ChildEnd,
            outcome: String? = nil,
            output: Value = .null,
            failure: ActionFailure? = nil
        ) {
            self.step = step
            self.child = child
            self.status = status
            self.outcome = outcome
            self.output = output
            self.failure = failure
        }
    }

    /// A child must end, because its parent goes on without it.
    public struct ChildCloseRequested: Sendable, Hashable {
        public var step: String
        public var child: EventID
        /// Cancelled or terminated.
        public var how: StepDefinition.ChildCall.ParentClose

        public init(step: String, child: EventID, how: StepDefinition.ChildCall.ParentClose) {
            self.step = step
            self.child = child
            self.how = how
        }
    }

    /// An attempt has given a sign of life.
    public struct StepHeard: Sendable, Hashable {
        public var step: String
        public var attempt: Int
        /// How far it is; null if it does not say.
        public var details: Value

        public init(step: String, attempt: Int, details: Value = .null) {
            self.step = step
            self.attempt = attempt
            self.details = details
        }
    }

    /// The instance ends, and what it did is undone first.
    public struct CompensationStarted: Sendable, Hashable {
        /// The step that failed; nil if it was cancelled.
        public var step: String?
        public var failure: ActionFailure?
        /// Why it was cancelled; nil if it failed.
        public var reason: String?

        public init(step: String? = nil, failure: ActionFailure? = nil, reason: String? = nil) {
            self.step = step
            self.failure = failure
            self.reason = reason
        }
    }

    /// A step that has completed and its undoing.
    public struct CompensationStep: Sendable, Hashable {
        public var step: String

        public init(step: String) {
            self.step = step
        }
    }

    /// The instance waits for its turn.
    public struct InstanceQueued: Sendable, Hashable {
        public var admission: AdmissionState

        public init(admission: AdmissionState) {
            self.admission = admission
        }
    }

    /// The instance begins after it has waited.
    public struct InstanceAdmitted: Sendable, Hashable {
        public init() {}
    }

    /// The instance goes back to an earlier state.
    public struct InstanceReset: Sendable, Hashable {
        /// How many events made the earlier state; of the origin, if it is a fork.
        public var count: Int
        public var reason: String
        /// The state that it has from here on, see ``InstanceState/value``.
        public var state: Value

        public init(count: Int, reason: String, state: Value) {
            self.count = count
            self.reason = reason
            self.state = state
        }
    }

    /// The instance keeps to another version from here on.
    public struct InstanceMigrated: Sendable, Hashable {
        public var definition: Digest
        public var previous: Digest
        public var reason: String

        public init(definition: Digest, previous: Digest, reason: String) {
            self.definition = definition
            self.previous = previous
            self.reason = reason
        }
    }
}
