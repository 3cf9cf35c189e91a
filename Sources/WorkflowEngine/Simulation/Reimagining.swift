public import EventModel

/// An instance run again in simulated time, with a recorded world in place of the real one.
///
/// Waits take no time, timers fire when they are due, and nothing is appended or called. It ends
/// where the world is asked something that no record answers.
public struct Reimagining: Sendable {
    /// What an instance begins with.
    public struct Start: Sendable {
        public var instance: EventID
        public var input: Value
        public var trigger: Value
        public var at: Timestamp

        public init(instance: EventID, input: Value, trigger: Value, at: Timestamp) {
            self.instance = instance
            self.input = input
            self.trigger = trigger
            self.at = at
        }
    }

    /// A call that the workflow would have made.
    public struct Call: Sendable {
        public var call: WorkflowSimulation.Call
        /// What answers it; nil if no record does.
        public var found: RecordedWorld.Found?
    }

    /// The longest time that is simulated; longer than a workflow may wait.
    private static let horizon = Duration.seconds(100 * 365 * 86_400)

    public private(set) var state = InstanceState.initial
    public private(set) var history: [(event: InstanceEvent, at: Timestamp)] = []
    public private(set) var calls: [Call] = []
    /// The call that ended it, because no record answers it.
    public private(set) var unanswered: Call?
    /// Why it stands still, a sentence each; empty if the instance has ended.
    public private(set) var standstill: [String] = []

    /// Whether the instance would have come to its end.
    public var isEnded: Bool { state.status.isEnded }

    /// Whether it was broken off where the record does not say how the world goes on.
    public var isBrokenOff: Bool { unanswered != nil || (!isEnded && state.incidents.isEmpty) }

    /// Runs a workflow in a recorded world.
    ///
    /// - Parameters:
    ///   - definition: the workflow.
    ///   - start: what the instance begins with.
    ///   - world: what answers its calls.
    ///   - recordEnd: until when the record tells what the world did.
    /// - Throws: why the kernel refuses to start it.
    public init(
        _ definition: WorkflowDefinition,
        from start: Start,
        in world: RecordedWorld,
        recordEnd: Timestamp
    ) throws(Rejection) {
        var simulation = WorkflowSimulation(
            definition,
            instance: start.instance,
            now: start.at
        )
        try simulation.start(input: start.input, trigger: start.trigger)
        var answers = Answers(world: world)
        for request in world.requests where request.at <= recordEnd && !answers.isBroken {
            simulation.run(until: request.at) { answers.answer($0) }
            guard !answers.isBroken, !simulation.state.status.isEnded else { break }
            simulation.advance(to: request.at)
            // What does not fit any more, such as going on after no failure, has no effect.
            try? simulation.send(request.command)
        }
        if !answers.isBroken { simulation.run(until: recordEnd) { answers.answer($0) } }
        // Beyond the record time goes on only if nobody is still to be heard.
        if !answers.isBroken, !answers.hasOpen {
            simulation.run(until: start.at + Self.horizon) { answers.answer($0) }
        }
        state = simulation.state
        history = simulation.history
        calls = answers.calls
        unanswered = answers.unanswered
        if let step = cutAtUnknownSilence(world) {
            standstill = ["'\(step)' waits for something, and the record holds nothing about that"]
        } else {
            standstill = isEnded ? [] : reasons(limit: history.count)
        }
    }

    /// The end of a wait for something outside is known only if the record has it too; everything
    /// from there on is taken back.
    ///
    /// - Returns: the step that waits.
    private mutating func cutAtUnknownSilence(_ world: RecordedWorld) -> String? {
        var deadlines: Set<String> = []
        let first = history.firstIndex { event, _ in
            if case .timerSet(let timer) = event, timer.purpose.rawValue == "deadline" {
                deadlines.insert(timer.timer)
            }
            guard case .timerFired(let timer) = event else { return false }
            return deadlines.contains(timer.timer) && !world.firedTimers.contains(timer.timer)
        }
        guard let first, case .timerFired(let timer) = history[first].event else { return nil }
        history.removeSubrange(first...)
        state = .initial
        var callCount = 0
        for (event, at) in history {
            state.evolve(event, recordedAt: at)
            if case .stepStarted(let start) = event, start.attempt > 0 { callCount += 1 }
        }
        calls = Array(calls.prefix(callCount))
        unanswered = nil
        return timer.step
    }

    /// Looks up what answers calls, and remembers them.
    private struct Answers {
        let world: RecordedWorld
        var calls: [Call] = []
        var unanswered: Call?
        var hasOpen = false
        var isBroken: Bool { unanswered != nil }

        mutating func answer(_ call: WorkflowSimulation.Call) -> WorkflowSimulation.Answer? {
            let found = world.find(
                step: call.step,
                action: call.action,
                attempt: call.attempt,
                input: call.input
            )
            calls.append(Call(call: call, found: found))
            guard let found else {
                unanswered = calls.last
                return nil
            }
            switch found.call.outcome {
            case .succeeded(let output):
                return WorkflowSimulation.Answer(
                    after: found.call.duration,
                    .success(output)
                )
            case .failed(let failure):
                return WorkflowSimulation.Answer(
                    after: found.call.duration,
                    .failure(failure)
                )
            case .silent: return WorkflowSimulation.Answer(nil)
            case .open:
                hasOpen = true
                return WorkflowSimulation.Answer(nil)
            }
        }
    }

    private func reasons(limit count: Int) -> [String] {
        if let unanswered {
            let call = unanswered.call
            return [
                "'\(call.step)' would call \(call.action) (attempt \(call.attempt)), and nothing in "
                    + "the record answers that"
            ]
        }
        guard count < WorkflowSimulation.eventsMax else {
            return ["it was broken off after \(WorkflowSimulation.eventsMax) events"]
        }
        let over: Set<String> = ["completed", "skipped", "failed", "abandoned"]
        let live = state.steps.filter { !over.contains($0.value.phase.rawValue) }
        let inner = live.filter { path, _ in !live.keys.contains { $0.hasPrefix(path + ".") } }
        let sentences = inner.sorted { $0.key < $1.key }.map { path, step -> String in
            if step.phase.isOpen {
                return "'\(path)' called \(step.call?.action ?? "?") (attempt \(step.attempt)), "
                    + "and the record holds no answer"
            }
            if step.phase == .incident {
                let failure = step.failure.map { ": \($0.code): \($0.message)" } ?? ""
                return "'\(path)' is an incident and waits for a person\(failure)"
            }
            return "'\(path)' is \(step.phase.rawValue), and nothing in the record ends that"
        }
        return sentences.isEmpty ? ["nothing in the record makes it go on"] : sentences
    }
}
