public import EventModel

/// What can happen to an instance. Each case is an event type of `Schemas/events/`.
///
/// Everything that an operator may want to ask later is in here: `decide` puts in what it found, and
/// `evolve` works out nothing anew.
public enum InstanceEvent: Sendable, Hashable {
    case instanceStarted(InstanceStarted)
    /// A condition was looked at: an `if` of a step (false skips it) or of an `if/then/else`.
    case conditionEvaluated(ConditionEvaluated)
    /// An action must be called from outside, with fully resolved input.
    case stepScheduled(StepScheduled)
    /// The call is about to be made.
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

    public struct InstanceStarted: Sendable, Hashable {
        public var workflow: String
        public var definition: Digest
        public var input: Value
        public var trigger: Value
    }

    public struct ConditionEvaluated: Sendable, Hashable {
        public var step: String
        public var expression: String
        public var result: Bool
    }

    public struct StepScheduled: Sendable, Hashable {
        public var step: String
        public var attempt: Int
        public var action: String
        public var input: Value
        public var idempotencyKey: String
        /// When the attempt's time is over, or nil; a timer of purpose `timeout` stands beside it.
        public var deadline: Timestamp?
    }

    public struct StepAttempt: Sendable, Hashable {
        public var step: String
        public var attempt: Int
    }

    public struct StepCompleted: Sendable, Hashable {
        public var step: String
        /// 0 for steps that the kernel runs inline.
        public var attempt: Int
        public var output: Value
    }

    public struct StepFailed: Sendable, Hashable {
        public var step: String
        public var attempt: Int
        public var failure: ActionFailure
        public var willRetry: Bool
    }

    public struct StepSkipped: Sendable, Hashable {
        public var step: String
        public var reason: String
    }

    public struct FallbackEntered: Sendable, Hashable {
        public var step: String
    }

    public struct TimerSet: Sendable, Hashable {
        /// What a timer is for.
        public enum Purpose: String, Sendable, Hashable, CaseIterable {
            case wait, retry, timeout
        }

        /// Unique within the instance: `reminders.day_before#wait`, `client_lookup#retry2`.
        public var timer: String
        public var step: String
        public var purpose: Purpose
        public var due: Timestamp
    }

    public struct TimerEnded: Sendable, Hashable {
        public var timer: String
        public var step: String
    }

    public struct InstanceCompleted: Sendable, Hashable {
        public var output: Value
        /// `completed`, or the word of the `stop` step that ended it.
        public var outcome: String
    }

    public struct InstanceFailed: Sendable, Hashable {
        public var step: String
        public var failure: ActionFailure
    }

    public struct InstanceResumed: Sendable, Hashable {
        public var step: String
    }

    public struct InstanceCancelled: Sendable, Hashable {
        public var reason: String
    }

    public struct ResultRefused: Sendable, Hashable {
        public var step: String
        public var attempt: Int
        public var reason: String
    }
}
