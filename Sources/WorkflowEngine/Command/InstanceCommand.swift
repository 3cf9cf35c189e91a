public import EventModel

/// A request to an instance that may be refused.
///
/// Commands carry the time at which they are made; `decide` knows no clock.
public enum InstanceCommand: Sendable, Hashable {
    /// Begin. Refused if the instance exists.
    case start(Start)
    /// An attempt is about to be made; recorded before the call, so that after a crash it is known
    /// which calls may have been made. Refused for any but the current attempt of a scheduled step.
    case markStepStarted(step: String, attempt: Int)
    /// An attempt succeeded. A result of an older attempt, or of a step that has ended, is refused.
    case completeStep(step: String, attempt: Int, output: Value)
    /// An attempt failed; retry, fallback or incident follow from the definition.
    case failStep(step: String, attempt: Int, failure: ActionFailure)
    /// A timer is due. Refused if it was cancelled or has fired.
    case fireTimer(timer: String)
    /// Stop for good; steps in flight are abandoned, timers cancelled.
    case cancel(reason: String)
    /// Go on after an incident: the failed step is tried again with fresh attempts.
    case resume

    /// What an instance begins with.
    public struct Start: Sendable, Hashable {
        public var workflow: String
        /// The content hash of the definition that the instance keeps to.
        public var definition: Digest
        public var input: Value
        public var entity: String?
        /// What started it: `{kind: "webhook", source: "booking_system", event: "018f…"}`.
        public var trigger: Value

        public init(
            workflow: String,
            definition: Digest,
            input: Value,
            entity: String?,
            trigger: Value
        ) {
            self.workflow = workflow
            self.definition = definition
            self.input = input
            self.entity = entity
            self.trigger = trigger
        }
    }
}

/// Why a command was refused; nothing has happened then.
public struct Rejection: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of refusal it is.
    public enum Code: String, Sendable, Hashable {
        case exists
        case missing
        /// The instance has ended.
        case ended
        /// A result or start of an attempt that is no longer the current one.
        case stale
        /// The timer is not set any more.
        case noTimer = "no_timer"
        /// The command does not fit the instance's status.
        case wrongStatus = "wrong_status"
        case limit
    }

    public var code: Code
    public var message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { message }
}
