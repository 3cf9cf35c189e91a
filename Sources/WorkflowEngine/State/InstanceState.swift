public import EventModel

/// Where one instance stands: the fold of its events.
///
/// The tree of what is running is spelt in the paths of `steps`: `a.b` runs inside `a`. A step's
/// entry stays when it is over, so the state is as big as the workflow, however many events there
/// were.
public struct InstanceState: Sendable, Hashable {
    /// What an instance is doing.
    public enum Status: String, Sendable, Hashable, CaseIterable {
        /// There is no such instance.
        case absent
        /// It waits for its turn: for a place, a rate or the end of another instance.
        case queued
        case running
        /// Somebody has told it to stand still.
        case suspended
        /// At least one step is an incident; other branches go on.
        case paused
        /// What it did is undone, the newest first, before it ends.
        case compensating
        case completed
        case failed
        case cancelled
        /// Ended at once, without undoing anything.
        case terminated

        /// Whether nothing will happen any more.
        public var isEnded: Bool {
            switch self {
            case .completed, .failed, .cancelled, .terminated: true
            case .absent, .queued, .running, .suspended, .paused, .compensating: false
            }
        }
    }

    public internal(set) var status: Status = .absent
    public internal(set) var workflow = ""
    /// The hash of the definition that the instance keeps to; nil while absent.
    public internal(set) var definition: Digest?
    public internal(set) var entity: String?
    public internal(set) var input: Value = .null
    public internal(set) var trigger: Value = .null
    public internal(set) var startedAt: Timestamp?
    public internal(set) var updatedAt: Timestamp?
    public internal(set) var endedAt: Timestamp?
    /// How many events made this state.
    public internal(set) var eventCount: UInt64 = 0
    /// By path: every step that has begun.
    public internal(set) var steps: [String: StepState] = [:]
    /// By name: the output of every step that has completed; what expressions see as `steps`.
    public internal(set) var outputs = ValueMap()
    /// What `set` steps have made; what expressions see as `vars`.
    public internal(set) var variables = ValueMap()
    /// By name: every timer that is set.
    public internal(set) var timers: [String: TimerState] = [:]
    /// What the instance gave, once completed.
    public internal(set) var output: Value = .null
    /// `completed` or the word of the `stop` that ended it; for a cancelled one the reason.
    public internal(set) var outcome: String?
    /// Why it failed, or the newest incident.
    public internal(set) var failure: ActionFailure?
    /// The step of `failure`.
    public internal(set) var failedStep: String?
    /// By path: every `for_each` that runs.
    public internal(set) var loops: [String: LoopState] = [:]
    /// Signals that nobody has waited for yet, the oldest first.
    public internal(set) var signals: [SignalState] = []
    /// By the child's id: every child whose end is awaited or that must end with this instance.
    public internal(set) var children: [String: ChildState] = [:]
    /// What can be undone, in the order of completion.
    public internal(set) var compensations: [CompensationState] = []
    /// Why it ends, while what it did is being undone.
    public internal(set) var ending: Ending?
    /// Whether somebody has told it to stand still.
    public internal(set) var isSuspended = false
    /// The steps that ended while it stood still, in order; what follows them comes later.
    public internal(set) var held: [String] = []
    /// Attempts of steps in rounds are above this: returns to earlier events begin rounds anew, and
    /// results of what was called before must not be taken for those of what is called after.
    public internal(set) var attemptFloor = 0
    /// What it waits for before it begins, and afterwards the places that it takes.
    public internal(set) var admission: AdmissionState?

    init() {}

    /// The state before the first event.
    public static let initial = InstanceState()
}

extension InstanceState {
    /// The number of a step's next attempt.
    func nextAttempt(of path: String) -> Int {
        max(steps[path]?.attempt ?? 0, floor(of: path)) + 1
    }

    /// The attempts that were made before the step began or was resumed.
    func attemptsBefore(of path: String) -> Int {
        max(steps[path]?.attemptsBefore ?? 0, floor(of: path))
    }

    private func floor(of path: String) -> Int {
        attemptFloor > 0 && path.utf8.contains(UInt8(ascii: "[")) ? attemptFloor : 0
    }

    /// What the status must be, if it has not ended.
    mutating func settleStatus() {
        guard !status.isEnded else { return }
        let hasIncident = steps.values.contains { $0.phase == .incident }
        if isSuspended {
            status = .suspended
        } else if hasIncident {
            status = .paused
        } else {
            status = ending == nil ? .running : .compensating
            failure = nil
            failedStep = nil
        }
    }

    /// The newest attempt of every step whose result is awaited, by path.
    public var currentAttempts: [String: Int] {
        steps.filter { $0.value.phase.isOpen }.mapValues(\.attempt)
    }

    /// Every timer that is set, the earliest first.
    public var waitingTimers: [WaitingTimer] {
        let timers = timers.map { name, timer in
            WaitingTimer(timer: name, step: timer.step, purpose: timer.purpose, due: timer.due)
        }
        return timers.sorted { ($0.due, $0.timer) < ($1.due, $1.timer) }
    }

    /// Every step whose action must be called or whose result is awaited, by path.
    public var openSteps: [OpenStep] {
        let open = steps.compactMap { path, step -> OpenStep? in
            guard step.phase.isOpen, let call = step.call else { return nil }
            return OpenStep(
                step: path,
                attempt: step.attempt,
                action: call.action,
                input: call.input,
                idempotencyKey: call.idempotencyKey,
                deadline: call.deadline,
                isStarted: step.phase == .started
            )
        }
        return open.sorted { $0.step < $1.step }
    }

    /// Everything outside that a step waits for, by path; signals, which come by themselves, too.
    public var awaitedEvents: [AwaitingStep] {
        let found = steps.compactMap { path, step -> AwaitingStep? in
            guard step.phase == .waiting, case .event(let event)? = step.pending else {
                return nil
            }
            return AwaitingStep(step: path, event: event)
        }
        return found.sorted { $0.step < $1.step }
    }

    /// Every question to people that is open, by path.
    public var openApprovals: [(step: String, approval: ApprovalState)] {
        let found = steps.compactMap { path, step -> (step: String, approval: ApprovalState)? in
            guard step.phase == .approving, case .approval(let approval)? = step.pending else {
                return nil
            }
            return (path, approval)
        }
        return found.sorted { $0.step < $1.step }
    }

    /// The steps that wait for a person, by path.
    public var incidents: [String] {
        steps.filter { $0.value.phase == .incident }.keys.sorted()
    }
}

/// A step that waits for something outside.
public struct AwaitingStep: Sendable, Hashable {
    public var step: String
    public var event: AwaitedEvent
}

/// A timer that must fire one day.
public struct WaitingTimer: Sendable, Hashable {
    public var timer: String
    public var step: String
    public var purpose: InstanceEvent.TimerSet.Purpose
    public var due: Timestamp
}

/// A step whose result is awaited.
public struct OpenStep: Sendable, Hashable {
    public var step: String
    public var attempt: Int
    public var action: String
    public var input: Value
    public var idempotencyKey: String
    public var deadline: Timestamp?
    /// Whether the call may have been made already.
    public var isStarted: Bool
}
