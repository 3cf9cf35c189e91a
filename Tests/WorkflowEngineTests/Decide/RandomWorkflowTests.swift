import DaybookTestKit
import EventModel
import Foundation
import Testing
import WorkflowEngine

/// Random workflows against a random world; a run is known by its seed alone.
@Suite struct RandomWorkflowTests {
    private static let runs = 400

    @Test func keepEveryPromiseWhateverTheWorldDoes() throws {
        let text = ProcessInfo.processInfo.environment["DAYBOOK_SEED"]
        let first = text.flatMap(UInt64.init) ?? 20_260_101
        print("random workflows: seeds \(first) to \(first + UInt64(RandomWorkflowTests.runs) - 1)")
        var totals = Totals()
        for seed in first..<(first + UInt64(RandomWorkflowTests.runs)) {
            var run = try RandomRun(seed: seed)
            run.play()
            totals.add(run)
            guard let broken = run.broken.first else { continue }
            Issue.record(
                """
                \(broken)
                repeat with DAYBOOK_SEED=\(seed)
                \(run.text)
                \(run.specification.history.map(\.event.summary).joined(separator: "\n"))
                """
            )
            return
        }
        print("random workflows: \(totals.description)")
        // Runs that never meet the hard cases would prove nothing.
        #expect(totals.isEverythingMet)
    }

    /// What happened in all runs together.
    private struct Totals {
        var events = 0
        var types: Set<String> = []
        var statuses: [InstanceState.Status: Int] = [:]

        mutating func add(_ run: RandomRun) {
            events += run.specification.history.count
            types.formUnion(run.specification.history.map(\.event.type))
            statuses[run.specification.state.status, default: 0] += 1
        }

        var isEverythingMet: Bool {
            types == Set(InstanceEvent.eventTypes.map(\.type))
                && statuses[.completed, default: 0] > 50 && statuses[.failed, default: 0] > 5
                && statuses[.cancelled, default: 0] > 5
        }

        var description: String {
            let ends = statuses.map { "\($0.key.rawValue) \($0.value)" }.sorted()
            return "\(events) events of \(types.count) types; \(ends.joined(separator: ", "))"
        }
    }
}

/// One instance of a random workflow, played to its end.
private struct RandomRun {
    let text: String
    var specification: Specification
    /// The promises that did not hold.
    var broken: [String] = []
    private var lots: Lots
    /// Results that were given once, to be given again.
    private var givenResults: [InstanceCommand] = []
    private var completed: Set<String> = []
    private var ended: Set<String> = []
    private var lastAttempts: [String: Int] = [:]
    private var timers: Set<String> = []

    init(seed: UInt64) throws {
        lots = Lots(seed: seed &* 31)
        var workflow = RandomWorkflow(seed: seed)
        text = workflow.text()
        let definition = try WorkflowDefinition.parse(text, file: "by_lot.yaml", actions: nil)
        let instance = EventID.build(unixMilliseconds: 1_764_000_000_000, randA: 1, randB: seed)
        specification = Specification(definition, instance: instance)
    }

    mutating func play() {
        move(.starts(["x": .int(Int64.random(in: 0...5, using: &lots))]))
        for _ in 0..<60 where broken.isEmpty && !specification.state.status.isEnded {
            specification.now =
                specification.now + .milliseconds(Int64.random(in: 0...900, using: &lots))
            randomMove()
        }
        // A world that behaves from now on must bring the instance to its end.
        for _ in 0..<2_000 where broken.isEmpty && !specification.state.status.isEnded {
            kindMove()
        }
        if broken.isEmpty, !specification.state.status.isEnded { broken.append("it never ends") }
        for command in givenResults.shuffled(using: &lots).prefix(10) { move(.command(command)) }
        if specification.refolded.digest != specification.state.digest {
            broken.append("the whole history folds to another state")
        }
    }

    private mutating func randomMove() {
        let state = specification.state
        let open = state.openSteps.randomElement(using: &lots)
        switch Int.random(in: 0..<20, using: &lots) {
        case 0...1:
            if let open { move(.begins(open.step)) }
        case 2...6:
            if let open {
                give(.completeStep(step: open.step, attempt: open.attempt, output: output()))
            }
        case 7...10:
            guard let open else { return }
            let failure =
                lots.one(in: 3) ? ActionFailure.lasting("refused") : ActionFailure.passing()
            give(.failStep(step: open.step, attempt: open.attempt, failure: failure))
        case 11...14:
            if let timer = state.waitingTimers.first { move(.fires(timer.timer)) }
        case 15:
            if let timer = timers.sorted().randomElement(using: &lots) {
                move(.command(.fireTimer(timer: timer)))
            }
        case 16...17:
            if let command = givenResults.randomElement(using: &lots) { move(.command(command)) }
        case 18:
            guard
                let (step, attempt) = lastAttempts.sorted(by: { $0.key < $1.key })
                    .randomElement(using: &lots)
            else { return }
            let older = Int.random(in: 1...attempt, using: &lots)
            give(.completeStep(step: step, attempt: older, output: output()))
        default:
            move(lots.one(in: 4) ? .cancels("by lot") : .resumes)
        }
    }

    private mutating func kindMove() {
        let state = specification.state
        if let open = state.openSteps.first {
            give(.completeStep(step: open.step, attempt: open.attempt, output: output()))
        } else if state.status == .paused {
            move(.resumes)
        } else if let timer = state.waitingTimers.first {
            move(.fires(timer.timer))
        } else {
            broken.append("nothing is awaited, but the instance is \(state.status.rawValue)")
        }
    }

    private mutating func output() -> Value {
        ["n": .int(Int64.random(in: 0...3, using: &lots))]
    }

    private mutating func give(_ command: InstanceCommand) {
        givenResults.append(command)
        move(.command(command))
    }

    private mutating func move(_ move: Specification.Move) {
        let before = specification
        var twin = before
        let events: [InstanceEvent]
        do throws(Rejection) {
            events = try specification.when(move)
        } catch {
            if (try? twin.when(move)) != nil { broken.append("it was rejected once, not twice") }
            if specification.state != before.state {
                broken.append("a rejection changed the state")
            }
            return
        }
        if (try? twin.when(move)) != events { broken.append("two decisions differ") }
        if events.isEmpty { broken.append("a command was accepted and nothing happened") }
        checkSnapshots(before: before.state, events)
        for event in events { note(event) }
        checkBooks()
    }

    /// A snapshot at every event, continued, must give what the live state has.
    private mutating func checkSnapshots(before: InstanceState, _ events: [InstanceEvent]) {
        var live = before
        for event in events {
            do {
                let data = try Value(canonicalBytes: event.data.canonicalBytes)
                if try InstanceEvent(type: event.type, data: data) != event {
                    broken.append("\(event.summary) reads back as another event")
                }
                let bytes = live.value.canonicalBytes
                var snapshot = try InstanceState(value: Value(canonicalBytes: bytes))
                if snapshot != live { broken.append("a snapshot reads back as another state") }
                live.evolve(event, recordedAt: specification.now)
                snapshot.evolve(event, recordedAt: specification.now)
                if snapshot != live { broken.append("\(event.summary) takes a snapshot elsewhere") }
            } catch {
                broken.append("\(event.summary): \(error)")
            }
        }
        if live != specification.state { broken.append("the decision's own fold differs") }
    }

    private mutating func note(_ event: InstanceEvent) {
        switch event {
        case .stepScheduled(let event):
            if event.attempt != lastAttempts[event.step, default: 0] + 1 {
                broken.append("attempt \(event.attempt) of \(event.step) is out of turn")
            }
            lastAttempts[event.step] = event.attempt
        case .stepCompleted(let event) where event.attempt > 0:
            if !completed.insert("\(event.step)#\(event.attempt)").inserted {
                broken.append("\(event.step) took attempt \(event.attempt) twice")
            }
            end(event.step, event.attempt)
        case .stepFailed(let event) where event.attempt > 0:
            end(event.step, event.attempt)
        case .timerSet(let event):
            if !timers.insert(event.timer).inserted { broken.append("\(event.timer) is set twice") }
        case .timerFired(let event), .timerCancelled(let event):
            if timers.remove(event.timer) == nil { broken.append("\(event.timer) was not set") }
        case .instanceStarted, .conditionEvaluated, .stepStarted, .stepCompleted, .stepFailed,
            .stepSkipped, .fallbackEntered, .instanceCompleted, .instanceFailed, .instancePaused,
            .instanceResumed, .instanceCancelled, .resultRefused:
            break
        }
    }

    private mutating func end(_ step: String, _ attempt: Int) {
        if !ended.insert("\(step)#\(attempt)").inserted {
            broken.append("attempt \(attempt) of \(step) ended twice")
        }
    }

    /// Everything that was begun must have ended or be accounted for.
    private mutating func checkBooks() {
        let state = specification.state
        if timers != Set(state.timers.keys) { broken.append("the timers do not add up") }
        for (step, attempt) in lastAttempts where !ended.contains("\(step)#\(attempt)") {
            let isAwaited = state.currentAttempts[step] == attempt
            guard !isAwaited, state.steps[step]?.phase != .abandoned else { continue }
            broken.append("attempt \(attempt) of \(step) is lost")
        }
        if state.status.isEnded, !state.openSteps.isEmpty || !state.timers.isEmpty {
            broken.append("an ended instance still waits")
        }
        for step in state.openSteps.map(\.step) + state.timers.values.map(\.step) {
            if let dead = deadStep(around: step, in: state) {
                broken.append("\(step) goes on inside \(dead), which is over")
            }
        }
        let waits = !state.openSteps.isEmpty || !state.timers.isEmpty || !state.incidents.isEmpty
        if !state.status.isEnded, !waits { broken.append("nothing is awaited") }
        if (state.status == .paused) != !state.incidents.isEmpty, !state.status.isEnded {
            broken.append("paused without an incident, or the other way round")
        }
    }

    private func deadStep(around path: String, in state: InstanceState) -> String? {
        var parts = path.split(separator: ".")
        while parts.popLast() != nil, !parts.isEmpty {
            let around = parts.joined(separator: ".")
            // A branch has a path but is no step.
            guard let phase = state.steps[around]?.phase else { continue }
            if phase != .entered, phase != .fallback { return around }
        }
        return nil
    }
}
