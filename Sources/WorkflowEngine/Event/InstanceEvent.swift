public import EventModel

/// What can happen to an instance, each case an event type of `Schemas/events/`.
///
/// Everything that an operator may want to ask later is in here: `decide` puts in what it found,
/// and `evolve` works out nothing anew.
public enum InstanceEvent: Sendable, Hashable {
    case instanceStarted(InstanceStarted)
    /// A condition was looked at: an `if` of a step (false skips it) or of an `if/then/else`.
    case conditionEvaluated(ConditionEvaluated)
    /// An action must be called from outside, with fully resolved input.
    case stepScheduled(StepScheduled)
    /// The call is about to be made; with attempt 0, the kernel entered a step that holds others.
    case stepStarted(StepAttempt)
    case stepCompleted(StepCompleted)
    /// An attempt failed. `willRetry` tells whether a timer for the next one follows.
    case stepFailed(StepFailed)
    case stepSkipped(StepSkipped)
    /// The step failed for good and its `on_failure` took over.
    case fallbackEntered(FallbackEntered)
    case timerSet(TimerSet)
    case timerFired(TimerEnded)
    case timerCancelled(TimerEnded)
    case instanceCompleted(InstanceCompleted)
    case instanceFailed(InstanceFailed)
    /// An incident: attempts ran out and the workflow says nothing else; it waits for a person.
    case instancePaused(InstanceFailed)
    case instanceResumed(InstanceResumed)
    case instanceCancelled(InstanceCancelled)
    /// A late or repeated result was refused; kept because the outside effect may be real.
    case resultRefused(ResultRefused)
    /// A for_each begins; its items are worked out.
    case loopStarted(LoopStarted)
    /// A round of a for_each begins.
    case roundStarted(LoopRound)
    /// A round of a for_each is over.
    case roundEnded(RoundEnded)
    /// A round of a for_each has failed; the other rounds go on.
    case roundFailed(RoundFailed)
    /// A branch of a parallel has failed; the other branches go on.
    case branchFailed(BranchFailed)
    /// What still ran inside a step is given up.
    case stepsAbandoned(StepsAbandoned)
    /// A step waits for an event, a change of a record, a webhook or a signal.
    case eventAwaited(EventAwaited)
    /// People are asked to approve something.
    case approvalRequested(ApprovalRequested)
    /// A reminder of an open approval is due.
    case approvalReminded(ApprovalReminded)
    /// A person has approved or rejected.
    case approvalDecided(ApprovalDecided)
    /// A signal was sent to the instance.
    case signalReceived(SignalReceived)
    /// A step has taken a signal that came before it waited.
    case signalTaken(SignalTaken)
    /// An instance of another workflow must be started as a child.
    case childRequested(ChildRequested)
    /// A child has ended, or could not be started.
    case childEnded(ChildEnded)
    /// A child must end, because its parent has ended or goes on without it.
    case childCloseRequested(ChildCloseRequested)
    /// An attempt has given a sign of life.
    case stepHeard(StepHeard)
    /// The instance ends; what it did is undone first, the newest first.
    case compensationStarted(CompensationStarted)
    /// The undoing of a step begins.
    case compensationEntered(CompensationStep)
    /// A step is undone.
    case stepCompensated(CompensationStep)
    /// The instance waits for its turn to begin.
    case instanceQueued(InstanceQueued)
    /// The instance may begin.
    case instanceAdmitted(InstanceAdmitted)
    /// Somebody has told the instance to stand still.
    case instanceSuspended(InstanceCancelled)
    /// An instance that stood still goes on.
    case instanceContinued(InstanceAdmitted)
    /// The instance was ended at once; nothing was undone.
    case instanceTerminated(InstanceCancelled)
    /// The instance has the state of an earlier event from here on, perhaps with changed data.
    case instanceReset(InstanceReset)
    /// The instance keeps to another version of its workflow from here on.
    case instanceMigrated(InstanceMigrated)

    /// How an instance began.
    public struct InstanceStarted: Sendable, Hashable {
        public var workflow: String
        public var definition: Digest
        public var entity: String?
        public var input: Value
        public var trigger: Value

        public init(
            workflow: String,
            definition: Digest,
            entity: String? = nil,
            input: Value,
            trigger: Value
        ) {
            self.workflow = workflow
            self.definition = definition
            self.entity = entity
            self.input = input
            self.trigger = trigger
        }
    }

    /// What a condition came to.
    public struct ConditionEvaluated: Sendable, Hashable {
        public var step: String
        public var expression: String
        public var result: Bool

        public init(step: String, expression: String, result: Bool) {
            self.step = step
            self.expression = expression
            self.result = result
        }
    }

    /// An attempt that must be made outside.
    public struct StepScheduled: Sendable, Hashable {
        public var step: String
        public var attempt: Int
        public var action: String
        public var input: Value
        public var idempotencyKey: String
        /// When the attempt's time is over, or nil; a timer of purpose `timeout` stands beside it.
        public var deadline: Timestamp?

        public init(
            step: String,
            attempt: Int,
            action: String,
            input: Value,
            idempotencyKey: String,
            deadline: Timestamp? = nil
        ) {
            self.step = step
            self.attempt = attempt
            self.action = action
            self.input = input
            self.idempotencyKey = idempotencyKey
            self.deadline = deadline
        }
    }

    /// Which attempt of which step.
    public struct StepAttempt: Sendable, Hashable {
        public var step: String
        public var attempt: Int

        public init(step: String, attempt: Int) {
            self.step = step
            self.attempt = attempt
        }
    }

    /// What a step gave.
    public struct StepCompleted: Sendable, Hashable {
        public var step: String
        /// 0 for steps that the kernel runs inline.
        public var attempt: Int
        public var output: Value
        /// Whether the step can be undone.
        public var isCompensable: Bool

        public init(step: String, attempt: Int, output: Value, isCompensable: Bool = false) {
            self.step = step
            self.attempt = attempt
            self.output = output
            self.isCompensable = isCompensable
        }
    }

    /// Why an attempt failed, and whether another follows.
    public struct StepFailed: Sendable, Hashable {
        public var step: String
        public var attempt: Int
        public var failure: ActionFailure
        public var willRetry: Bool

        public init(step: String, attempt: Int, failure: ActionFailure, willRetry: Bool) {
            self.step = step
            self.attempt = attempt
            self.failure = failure
            self.willRetry = willRetry
        }
    }

    /// Why a step was passed over.
    public struct StepSkipped: Sendable, Hashable {
        public var step: String
        public var reason: String

        public init(step: String, reason: String) {
            self.step = step
            self.reason = reason
        }
    }

    /// Whose `on_failure` took over.
    public struct FallbackEntered: Sendable, Hashable {
        public var step: String
        /// The step whose failure led here: `step` itself or one inside it.
        public var cause: String
        /// How many levels of it were entered, this one counted; nil in older events, which know one.
        public var level: Int?

        public init(step: String, cause: String, level: Int? = nil) {
            self.step = step
            self.cause = cause
            self.level = level
        }
    }

    /// A timer that waits.
    public struct TimerSet: Sendable, Hashable {
        /// What a timer is for.
        public enum Purpose: String, Sendable, Hashable, CaseIterable {
            case wait, retry, timeout
            /// The time of a wait for something, or of an approval, is over.
            case deadline
            /// People are to be reminded of an approval.
            case reminder
            /// A long loop goes on in a decision of its own.
            case next
            /// Nobody has begun an attempt in time.
            case start
            /// An attempt has not given a sign of life in time.
            case heartbeat
        }

        /// Unique within the instance: `reminders.day_before#wait`, `client_lookup#retry2`.
        public var timer: String
        public var step: String
        public var purpose: Purpose
        public var due: Timestamp

        public init(timer: String, step: String, purpose: Purpose, due: Timestamp) {
            self.timer = timer
            self.step = step
            self.purpose = purpose
            self.due = due
        }
    }

    /// A timer that waits no more.
    public struct TimerEnded: Sendable, Hashable {
        public var timer: String
        public var step: String

        public init(timer: String, step: String) {
            self.timer = timer
            self.step = step
        }
    }

    /// How an instance ended in order.
    public struct InstanceCompleted: Sendable, Hashable {
        public var output: Value
        /// `completed`, or the word of the `stop` step that ended it.
        public var outcome: String

        public init(output: Value, outcome: String) {
            self.output = output
            self.outcome = outcome
        }
    }

    /// Where and why an instance stands still or has failed.
    public struct InstanceFailed: Sendable, Hashable {
        public var step: String
        public var failure: ActionFailure

        public init(step: String, failure: ActionFailure) {
            self.step = step
            self.failure = failure
        }
    }

    /// Where an instance goes on.
    public struct InstanceResumed: Sendable, Hashable {
        public var step: String

        public init(step: String) {
            self.step = step
        }
    }

    /// Why an instance was ended from outside.
    public struct InstanceCancelled: Sendable, Hashable {
        public var reason: String

        public init(reason: String) {
            self.reason = reason
        }
    }

    /// A result that came too late to count.
    public struct ResultRefused: Sendable, Hashable {
        public var step: String
        public var attempt: Int
        public var reason: String

        public init(step: String, attempt: Int, reason: String) {
            self.step = step
            self.attempt = attempt
            self.reason = reason
        }
    }
}
