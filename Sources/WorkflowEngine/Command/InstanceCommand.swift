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
    /// An attempt gives a sign of life. Refused as `unneeded` if none is needed now.
    case heartbeat(step: String, attempt: Int, details: Value)
    /// A timer is due. Refused if it was cancelled or has fired.
    case fireTimer(timer: String)
    /// Something has come that a step may be waiting for. Refused as `unneeded` if it waits for
    /// something else.
    case deliver(Delivery)
    /// Somebody tells the instance something; kept if no step waits for it yet.
    case signal(name: String, data: Value, actor: String)
    /// A person answers an approval.
    case approve(Answer)
    /// A child has ended, or could not be started.
    case childEnded(ChildEnd)
    /// Its turn has come: it begins after it was queued.
    case admit
    /// End in order: what was done is undone first where the workflow says how.
    case cancel(reason: String)
    /// End at once; what was done stays done.
    case terminate(reason: String)
    /// Stand still: calls in flight may end, nothing new begins.
    case suspend(reason: String)
    /// Go on after standing still, or after an incident: the failed step is tried again with fresh
    /// attempts.
    case resume
    /// Pass over a step that runs, waits or is an incident; with an output, as if it had given that.
    case skip(step: String, reason: String, output: Value?)
    /// Go back to an earlier state, by appending.
    case reset(Reset)
    /// Begin where another instance once stood. Refused if the instance exists.
    case fork(Fork)
    /// Keep to another version of the workflow, if that fits where the instance stands.
    case migrate(from: WorkflowDefinition, reason: String)

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

    /// Something that a step may be waiting for.
    public struct Delivery: Sendable, Hashable {
        public var step: String
        public var kind: AwaitedEvent.Kind
        public var name: String
        /// What happened to a record, or the webhook's event; nil for other kinds.
        public var word: String?
        /// What `match` looks at.
        public var data: Value
        /// What the wait's condition can speak of, beside what every expression knows.
        public var variables: ValueMap
        /// What the step gives.
        public var output: Value

        public init(
            step: String,
            kind: AwaitedEvent.Kind,
            name: String,
            word: String?,
            data: Value,
            variables: ValueMap,
            output: Value
        ) {
            self.step = step
            self.kind = kind
            self.name = name
            self.word = word
            self.data = data
            self.variables = variables
            self.output = output
        }
    }

    /// A person's answer.
    public struct Answer: Sendable, Hashable {
        /// The step that asks; nil if only one does.
        public var step: String?
        public var outcome: ApprovalState.Outcome
        public var comment: String?
        public var actor: String

        public init(
            step: String?,
            outcome: ApprovalState.Outcome,
            comment: String?,
            actor: String
        ) {
            self.step = step
            self.outcome = outcome
            self.comment = comment
            self.actor = actor
        }
    }

    /// How a child ended.
    public struct ChildEnd: Sendable, Hashable {
        public var child: EventID
        public var status: InstanceEvent.ChildEnd
        public var outcome: String?
        public var output: Value
        public var failure: ActionFailure?

        public init(
            child: EventID,
            status: InstanceEvent.ChildEnd,
            outcome: String? = nil,
            output: Value = .null,
            failure: ActionFailure? = nil
        ) {
            self.child = child
            self.status = status
            self.outcome = outcome
            self.output = output
            self.failure = failure
        }
    }

    /// Where to go back to.
    public struct Reset: Sendable, Hashable {
        /// How many events make the earlier state.
        public var count: Int
        /// The state after so many events.
        public var base: InstanceState
        public var reason: String
        /// What takes the place of the input; nil for the same.
        public var input: Value?
        /// Variables that are set on top of those of the earlier state.
        public var variables: ValueMap

        public init(
            count: Int,
            base: InstanceState,
            reason: String,
            input: Value? = nil,
            variables: ValueMap = ValueMap()
        ) {
            self.count = count
            self.base = base
            self.reason = reason
            self.input = input
            self.variables = variables
        }
    }

    /// A new instance that begins where another one once stood.
    public struct Fork: Sendable, Hashable {
        public var start: Start
        public var reset: Reset

        public init(start: Start, reset: Reset) {
            self.start = start
            self.reset = reset
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
        /// Nothing is wrong, but nothing needs to be done either.
        case unneeded
        /// Several steps could be meant.
        case ambiguous
        /// The actor may not do that.
        case notAllowed = "not_allowed"
    }

    public var code: Code
    public var message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { message }
}
