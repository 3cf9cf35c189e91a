import DaybookTestKit
import EventLog
import EventModel
import Runtime
import Testing
import WorkflowEngine

/// Kills the log at every position of a booking and goes on with a new engine.
@Suite struct CrashTests {
    // 2026-11-20T08:00:00Z, and after the session on 2026-12-01.
    private static let begin = Timestamp(seconds: 1_795_161_600)
    private static let end = Timestamp(seconds: 1_796_200_000)

    /// What survives a crash beside the log.
    enum Survivor: CaseIterable {
        case views, nothing
    }

    private struct Outcome {
        var state: Value
        var events: [Event]
    }

    @Test(arguments: Survivor.allCases, [InMemoryEventStore.Death.beforeAppend, .afterAppend])
    func endsAsIfNothingHadHappened(
        _ survivor: Survivor,
        _ death: InMemoryEventStore.Death
    ) async throws {
        let undisturbed = try await run(dyingAt: nil, death, survivor)
        let count = UInt64(undisturbed.events.count)
        #expect(count > 30)
        var failures: [String] = []
        for position in 1...count {
            let outcome = try await run(dyingAt: Position(position), death, survivor)
            if outcome.state != undisturbed.state {
                failures.append("position \(position): another end")
            }
            failures += Self.repetitions(in: outcome.events).map { "position \(position): \($0)" }
        }
        #expect(failures == [])
    }

    private func run(
        dyingAt position: Position?,
        _ death: InMemoryEventStore.Death,
        _ survivor: Survivor
    ) async throws -> Outcome {
        let folder = try TemporaryFolder()
        let time = VirtualTime(now: Self.begin)
        let secrets = InMemorySecrets()
        var store = InMemoryEventStore { time.now }
        if let position { store.die(at: position, death) }
        var instance: EventID?
        // The first life may end early; the second one always goes to the end.
        for _ in 0..<2 {
            let harness = try EngineHarness(
                Self.parts(),
                folder: folder,
                time: time,
                store: store,
                secrets: secrets
            )
            await harness.start()
            instance = await Self.book(harness) ?? instance
            await harness.pass(until: Self.end)
            guard store.isClosed else {
                try await harness.stop()
                break
            }
            await harness.crash()
            store = InMemoryEventStore(events: store.events) { time.now }
            if survivor == .nothing { try? folder.remove("views") }
        }
        let known = try #require(instance)
        let state = try #require(try InstanceReader(store: store).state(of: known))
        let views = try EngineViews.open(at: folder.file("views"), mode: .readOnly)
        #expect(try Replay.verify(store: store, views: views).isClean)
        await views.close()
        return Outcome(state: Self.timeless(state), events: store.events)
    }

    private static func parts() -> EngineHarness.Parts {
        let flaky = ScriptedAction(Booking.descriptor("records.find_or_create")) {
            request,
            _ throws(ActionFailure) in
            guard request.attempt > 1 else {
                throw ActionFailure(code: "unavailable", message: "not yet", isRetryable: true)
            }
            return ["id": "c-1", "created": true, "record": [:]]
        }
        var parts = EngineHarness.Parts()
        parts.actions = ActionCatalogue(Booking.actions([flaky]))
        parts.configuration.webhookSources = [Booking.source]
        return parts
    }

    /// Deploys and delivers, as senders do: again and again until it is answered.
    private static func book(_ harness: EngineHarness) async -> EventID? {
        do {
            _ = try await harness.engine.deploy(
                text: try Booking.text(),
                file: Booking.file,
                actor: "user:ana"
            )
            let answer = try await harness.engine.receive(
                Booking.delivery("msg_1", at: harness.time.now)
            )
            return answer.started.first?.instance
        } catch {
            return nil
        }
    }

    /// The state without what depends on the moment: instants, positions, deadlines.
    private static func timeless(_ state: InstanceState) -> Value {
        let steps = state.steps.mapValues { step -> Value in
            ["phase": .string(step.phase.rawValue), "attempt": .int(Int64(step.attempt))]
        }
        return .map([
            "status": .string(state.status.rawValue), "output": state.output,
            "outputs": .map(state.outputs), "variables": .map(state.variables),
            "input": state.input, "steps": .map(ValueMap(steps.map { ($0.key, $0.value) })),
        ])
    }

    /// What may be in the log only once and is there twice.
    private static func repetitions(in events: [Event]) -> [String] {
        var seen: Set<String> = []
        return events.compactMap { event in
            let step = event.data["step"]?.stringValue ?? ""
            let attempt = event.data["attempt"]?.intValue ?? 0
            let what: String
            switch event.type {
            case "StepCompleted", "StepFailed": what = "result of \(step) \(attempt)"
            case "InstanceStarted", "InstanceCompleted", "WebhookReceived": what = event.type
            case "StepScheduled", "StepStarted", "TimerFired":
                what = "\(event.type) \(step) \(attempt) \(event.data["timer"]?.stringValue ?? "")"
            default: return nil
            }
            return seen.insert("\(event.stream) \(what)").inserted ? nil : "two: \(what)"
        }
    }
}
