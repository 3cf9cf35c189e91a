import DaybookTestKit
import EventModel
import WorkflowEngine

/// One instance of a random workflow in a random world, played to its end.
struct RandomRun {
    let text: String
    var specification: Specification
    /// The promises that did not hold.
    var broken: [String] = []
    var books: RunBooks
    private var lots: Lots
    /// Results that were given once, to be given again.
    private var givenResults: [InstanceCommand] = []
    private var resumeCounts: [String: Int] = [:]

    init(seed: UInt64) throws {
        lots = Lots(seed: seed &* 31)
        var workflow = RandomWorkflow(seed: seed)
        text = workflow.text()
        let definition = try WorkflowDefinition.parse(text, file: "by_lot.yaml", actions: nil)
        let instance = EventID.build(unixMilliseconds: 1_764_000_000_000, randA: 1, randB: seed)
        specification = Specification(definition, instance: instance)
        books = RunBooks()
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

    // MARK: What the world does

    private mutating func randomMove() {
        let state = specification.state
        let open = state.openSteps.randomElement(using: &lots)
        switch Int.random(in: 0..<30, using: &lots) {
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
        case 11...13:
            if let timer = state.waitingTimers.first { move(.fires(timer.timer)) }
        case 14:
            if let timer = books.timers.sorted().randomElement(using: &lots) {
                move(.command(.fireTimer(timer: timer)))
            }
        case 15...16:
            if let command = givenResults.randomElement(using: &lots) { move(.command(command)) }
        case 17:
            guard let (step, attempt) = books.anyAttempt(&lots) else { return }
            let older = Int.random(in: 1...attempt, using: &lots)
            give(.completeStep(step: step, attempt: older, output: output()))
        case 18: move(lots.one(in: 4) ? .cancels("by lot") : .resumes)
        case 19...23: outsideMove(state)
        case 24: operatorMove(state)
        case 25:
            guard let open else { return }
            let command = InstanceCommand.heartbeat(
                step: open.step,
                attempt: open.attempt,
                details: .null
            )
            move(.command(command))
        default: if state.status == .queued { move(.command(.admit)) }
        }
    }

    /// Something that comes from outside: signals, events, answers, ends of children.
    private mutating func outsideMove(_ state: InstanceState) {
        switch Int.random(in: 0..<4, using: &lots) {
        case 0:
            let x = Int64.random(in: 0...5, using: &lots)
            move(.signals("go", ["x": .int(x)]))
        case 1:
            if let waiting = state.awaitedEvents.randomElement(using: &lots) {
                deliver(waiting, x: Int64.random(in: 0...5, using: &lots))
            }
        case 2: move(.answers(lots.one(in: 2) ? .approved : .rejected))
        default:
            if let child = state.children.keys.sorted().randomElement(using: &lots) {
                let ends = InstanceEvent.ChildEnd.allCases
                endChild(child, ends.randomElement(using: &lots) ?? .completed)
            }
        }
    }

    /// Something that an operator does.
    private mutating func operatorMove(_ state: InstanceState) {
        switch Int.random(in: 0..<2, using: &lots) {
        case 0: move(.command(.suspend(reason: "by lot")))
        default: if lots.one(in: 3) { move(.command(.terminate(reason: "by lot"))) }
        }
    }

    private mutating func kindMove() {
        let state = specification.state
        if state.status == .queued {
            move(.command(.admit))
        } else if let open = state.openSteps.first {
            give(.completeStep(step: open.step, attempt: open.attempt, output: output()))
        } else if state.status == .suspended {
            move(.resumes)
        } else if let incident = state.incidents.first {
            resumeCounts[incident, default: 0] += 1
            // What fails again and again is passed over by a person.
            let isHopeless = resumeCounts[incident, default: 0] > 2
            let skip = InstanceCommand.skip(step: incident, reason: "by hand", output: nil)
            move(isHopeless ? .command(skip) : .resumes)
        } else if let approval = state.openApprovals.first {
            let answer = InstanceCommand.Answer(
                step: approval.step,
                outcome: .approved,
                comment: nil,
                actor: "user:ana"
            )
            move(.command(.approve(answer)))
        } else if let child = state.children.first(where: { $0.value.waits })?.key {
            endChild(child, .completed)
        } else if let waiting = state.awaitedEvents.first {
            guard let x = waiting.event.match["x"]?.intValue ?? state.input["x"]?.intValue else {
                return broken.append("\(waiting.step) waits for nothing that is known")
            }
            if waiting.event.kind == .signal {
                move(.signals("go", ["x": .int(x)]))
            } else {
                deliver(waiting, x: x)
            }
        } else if let timer = state.waitingTimers.first {
            move(.fires(timer.timer))
        } else {
            broken.append("nothing is awaited, but the instance is \(state.status.rawValue)")
        }
    }

    private mutating func deliver(_ waiting: AwaitingStep, x: Int64) {
        let data: Value = ["x": .int(x)]
        let delivery = InstanceCommand.Delivery(
            step: waiting.step,
            kind: waiting.event.kind,
            name: waiting.event.name,
            word: waiting.event.words.first,
            data: data,
            variables: ["data": data],
            output: ["timed_out": false, "data": data]
        )
        move(.command(.deliver(delivery)))
    }

    private mutating func endChild(_ child: String, _ status: InstanceEvent.ChildEnd) {
        guard let child = EventID(child) else { return broken.append("'\(child)' is no id") }
        let end = InstanceCommand.ChildEnd(child: child, status: status, output: output())
        give(.childEnded(end))
    }

    private mutating func output() -> Value {
        ["n": .int(Int64.random(in: 0...3, using: &lots))]
    }

    private mutating func give(_ command: InstanceCommand) {
        givenResults.append(command)
        move(.command(command))
    }

    // MARK: What must hold

    private mutating func move(_ move: Specification.Move) {
        let before = specification
        // What is asked twice is answered twice in the same way; to ask every time would take long.
        let isAskedTwice = lots.one(in: 4)
        var twin = before
        let events: [InstanceEvent]
        do throws(Rejection) {
            events = try specification.when(move)
        } catch {
            if isAskedTwice, (try? twin.when(move)) != nil {
                broken.append("it was rejected once, not twice")
            }
            if specification.state != before.state {
                broken.append("a rejection changed the state")
            }
            return
        }
        if isAskedTwice, (try? twin.when(move)) != events { broken.append("two decisions differ") }
        if events.isEmpty { broken.append("a command was accepted and nothing happened") }
        checkSnapshots(before: before.state, events)
        for event in events { books.note(event, specification.state) }
        broken += books.broken
        broken += books.check(specification.state)
    }

    /// A snapshot at any event, continued, must give what the live state has: so it is after a crash.
    private mutating func checkSnapshots(before: InstanceState, _ events: [InstanceEvent]) {
        var live = before
        for event in events {
            guard lots.one(in: 6) else {
                live.evolve(event, recordedAt: specification.now)
                continue
            }
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
}
