public import EventModel

/// The world as recorded instances met it: what their calls were answered, and what was asked of
/// them from outside.
///
/// A call is answered only by what was recorded for the same attempt of the same call; nothing is
/// made up.
public struct RecordedWorld: Sendable {
    /// How a recorded call ended.
    public enum Outcome: Sendable, Hashable {
        case succeeded(Value)
        case failed(ActionFailure)
        /// It had no answer within its time.
        case silent
        /// The record ends, or went on, before it was answered.
        case open
    }

    /// One attempt that was made.
    public struct Call: Sendable, Hashable {
        /// The step's path.
        public var step: String
        public var action: String
        public var attempt: Int
        public var input: Value
        public var scheduledAt: Timestamp
        public var outcome: Outcome
        /// How long the answer took.
        public var duration: Duration
    }

    /// By what a recorded call stands in for another.
    public enum Match: String, Sendable, Hashable, CaseIterable {
        /// The step of the same path or name called the same action.
        case step
        /// Another step called the same action with the same input.
        case input
    }

    /// What answers a call.
    public struct Found: Sendable, Hashable {
        public var call: Call
        public var match: Match
        /// Whether the recorded call had the same input, but for instants that are close.
        public var isInputSame: Bool
    }

    /// Something that was asked of an instance from outside.
    public struct Request: Sendable, Hashable {
        public var at: Timestamp
        public var command: InstanceCommand
    }

    /// Every recorded call, in order.
    public private(set) var calls: [Call] = []
    /// What was asked from outside, in order.
    public private(set) var requests: [Request] = []
    /// The timers that fired: what they waited for did not come.
    private(set) var firedTimers: Set<String> = []
    private var byStep: [String: [Int]] = [:]
    private var byContent: [Content: [Int]] = [:]

    private struct Content: Hashable {
        var action: String
        var input: Value
    }

    /// A world that answers nothing.
    public init() {}

    /// Adds what an instance met.
    ///
    /// Of several instances the ones that were added first go before.
    ///
    /// - Parameters:
    ///   - history: its events in order, each with its time.
    ///   - takesRequests: whether what was asked of it from outside is asked again.
    public mutating func add(
        _ history: [(event: InstanceEvent, at: Timestamp)],
        takesRequests: Bool = true
    ) {
        var open: [String: Int] = [:]
        var previous: InstanceEvent?
        for (event, at) in history {
            if case .stepScheduled(let call) = event {
                open[call.step] = calls.count
                append(call, at)
            } else if case .stepCompleted(let end) = event, end.attempt > 0 {
                close(open[end.step], end.attempt, .succeeded(end.output), at)
            } else if case .stepFailed(let end) = event, end.attempt > 0 {
                // The kernel itself failed the attempt, because the world was silent.
                let isSilence: Bool =
                    if case .timerFired(let timer)? = previous { timer.step == end.step } else {
                        false
                    }
                close(open[end.step], end.attempt, isSilence ? .silent : .failed(end.failure), at)
            } else if takesRequests, let command = Self.command(event) {
                requests.append(Request(at: at, command: command))
            }
            if case .timerFired(let timer) = event { firedTimers.insert(timer.timer) }
            previous = event
        }
    }

    private mutating func append(_ call: InstanceEvent.StepScheduled, _ at: Timestamp) {
        let index = calls.count
        calls.append(
            Call(
                step: call.step,
                action: call.action,
                attempt: call.attempt,
                input: call.input,
                scheduledAt: at,
                outcome: .open,
                duration: .zero
            )
        )
        byStep[call.step, default: []].append(index)
        let name = StepName.of(call.step)
        if name != call.step { byStep[name, default: []].append(index) }
        byContent[Content(action: call.action, input: call.input), default: []].append(index)
    }

    private mutating func close(
        _ index: Int?,
        _ attempt: Int,
        _ outcome: Outcome,
        _ at: Timestamp
    ) {
        guard let index, calls[index].attempt == attempt, calls[index].outcome == .open else {
            return
        }
        calls[index].outcome = outcome
        calls[index].duration = at - calls[index].scheduledAt
    }

    /// The command that an event answered, if it came from outside.
    private static func command(_ event: InstanceEvent) -> InstanceCommand? {
        if case .instanceCancelled(let end) = event { return .cancel(reason: end.reason) }
        if case .instanceTerminated(let end) = event { return .terminate(reason: end.reason) }
        if case .instanceSuspended(let end) = event { return .suspend(reason: end.reason) }
        if case .instanceContinued = event { return .resume }
        if case .instanceResumed = event { return .resume }
        if case .signalReceived(let signal) = event {
            return .signal(name: signal.name, data: signal.payload, actor: signal.actor)
        }
        if case .approvalDecided(let answer) = event {
            return .approve(
                InstanceCommand.Answer(
                    step: answer.step,
                    outcome: answer.outcome,
                    comment: answer.comment,
                    actor: answer.actor
                )
            )
        }
        if case .stepHeard(let sign) = event {
            return .heartbeat(step: sign.step, attempt: sign.attempt, details: sign.details)
        }
        if case .childEnded(let end) = event {
            return .childEnded(
                InstanceCommand.ChildEnd(
                    child: end.child,
                    status: end.status,
                    outcome: end.outcome,
                    output: end.output,
                    failure: end.failure
                )
            )
        }
        return nil
    }

    /// What answers a call: the same attempt of the same step, else of another step that called the
    /// same action with the same input.
    public func find(step: String, action: String, attempt: Int, input: Value) -> Found? {
        let places = [step, StepName.of(step)]
        for place in places {
            let same = byStep[place, default: []].lazy.map { calls[$0] }
            if let call = same.first(where: { $0.action == action && $0.attempt == attempt }) {
                return Found(
                    call: call,
                    match: .step,
                    isInputSame: HistoryDifference.isAlike(call.input, input)
                )
            }
        }
        let same = byContent[Content(action: action, input: input), default: []].lazy
            .map { calls[$0] }
        return same.first { $0.attempt == attempt }
            .map { Found(call: $0, match: .input, isInputSame: true) }
    }
}

/// The name in a step's path, with the rounds that lead to it: `send` of `each[3].send` is
/// `[3]send`, so that a step that moved within the workflow is known again.
enum StepName {
    static func of(_ path: String) -> String {
        let parts = path.split(separator: ".")
        guard parts.count > 1, let name = parts.last else { return path }
        let rounds = parts.dropLast().compactMap { part in
            part.firstIndex(of: "[").map { String(part[$0...]) }
        }
        return rounds.joined() + String(name)
    }
}
