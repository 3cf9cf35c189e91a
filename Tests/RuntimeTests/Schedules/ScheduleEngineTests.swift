import DaybookTestKit
import EventLog
import EventModel
import Runtime
import Schedules
import Testing
import WorkflowEngine

/// Schedules in a whole engine, under virtual time.
@Suite struct ScheduleEngineTests {
    // 2026-06-01T08:00:00Z, a Monday.
    private static let begin = Timestamp(seconds: 1_780_300_800)
    private static let hour: Int64 = 3600

    private static func workflow(_ trigger: String, steps: String? = nil) -> String {
        """
        workflow: report
        triggers:
          - \(trigger)
        steps:
        \(steps ?? "  - {name: note, set: {x: 1}}")
        """
    }

    private static let slow = "  - {name: pause, wait: {for: 30h}}"

    private func instant(_ hours: Int64) -> Timestamp {
        Self.begin + .seconds(hours * Self.hour)
    }

    /// The decisions in the log, `9 fired`: hours since the beginning of the day of `begin`.
    private func decisions(_ store: InMemoryEventStore) throws -> [String] {
        try store.events.compactMap { event in
            guard event.type == "ScheduleTickDecided" else { return nil }
            let due = try #require(event.data["due"]?.timestampValue)
            let hours = (due.seconds - Self.begin.seconds) / Self.hour + 8
            return "\(hours) \(event.data["decision"]?.stringValue ?? "?")"
        }
    }

    private func starts(_ store: InMemoryEventStore) -> Int {
        store.events.count { $0.type == "InstanceStarted" }
    }

    private func deploy(_ harness: EngineHarness, _ text: String) async throws {
        _ = try await harness.engine.deploy(text: text, file: "report.yaml", actor: "user:ana")
        await harness.engine.waitUntilIdle()
    }

    @Test func startsAnInstanceAtEachTick() async throws {
        let folder = try TemporaryFolder()
        let harness = try EngineHarness(.init(), folder: folder, time: VirtualTime(now: Self.begin))
        await harness.start()
        try await deploy(
            harness,
            Self.workflow("{schedule: '0 9 * * *', input: {city: Berlin}}")
        )
        await harness.pass(until: instant(50))
        #expect(try decisions(harness.store) == ["9 fired", "33 fired", "57 fired"])
        let summaries = try harness.summaries()
        #expect(summaries.count == 3)
        #expect(summaries.allSatisfy { $0.status == .completed })
        let newest = try #require(summaries.first?.instance)
        let state = try #require(try InstanceReader(store: harness.store).state(of: newest))
        #expect(state.input == ["city": "Berlin"])
        #expect(state.trigger["kind"] == "schedule")
        #expect(state.trigger["schedule"] == "report")
        #expect(state.trigger["due"] == .timestamp(instant(49)))
        #expect(
            newest == ScheduleDecider.instance(of: instant(49), schedule: "report")
        )
        #expect(harness.engine.health.scheduleCount == 1)
        #expect(harness.engine.health.nextTick == instant(73))
        try await harness.stop()
    }

    @Test(arguments: [
        ("none", ["9 missed", "33 missed", "57 missed"], 0),
        ("last", ["9 missed", "33 missed", "57 caught_up"], 1),
        ("all", ["9 caught_up", "33 caught_up", "57 caught_up"], 3),
    ])
    func decidesWhatCameWhileItWasDown(
        catchUp: String,
        expected: [String],
        count: Int
    ) async throws {
        let folder = try TemporaryFolder()
        let time = VirtualTime(now: Self.begin)
        let first = try EngineHarness(.init(), folder: folder, time: time)
        await first.start()
        try await deploy(
            first,
            Self.workflow("{schedule: '0 9 * * *', catch_up: \(catchUp), overlap: allow}")
        )
        try await first.stop()
        time.advance(to: instant(60))
        let second = try EngineHarness(.init(), folder: folder, time: time, store: first.store)
        await second.start()
        #expect(try decisions(second.store) == expected)
        #expect(starts(second.store) == count)
        try await second.stop()
        // The views are lost and the clock stands earlier: nothing is decided or started again.
        let other = try TemporaryFolder()
        let earlier = VirtualTime(now: instant(20))
        let third = try EngineHarness(.init(), folder: other, time: earlier, store: first.store)
        await third.start()
        await third.pass(until: instant(60))
        #expect(try decisions(third.store) == expected)
        #expect(starts(third.store) == count)
        try await third.stop()
    }

    @Test func aQueuedTickRunsWhenTheOneBeforeItHasEnded() async throws {
        let folder = try TemporaryFolder()
        let harness = try EngineHarness(.init(), folder: folder, time: VirtualTime(now: Self.begin))
        await harness.start()
        try await deploy(
            harness,
            Self.workflow("{schedule: '0 9 * * *', overlap: queue}", steps: Self.slow)
        )
        await harness.pass(until: instant(26))
        #expect(try decisions(harness.store) == ["9 fired", "33 queued"])
        #expect(starts(harness.store) == 1)
        await harness.pass(until: instant(32))
        #expect(starts(harness.store) == 2)
        try await harness.stop()
    }

    @Test func cancelsTheInstanceThatRuns() async throws {
        let folder = try TemporaryFolder()
        let harness = try EngineHarness(.init(), folder: folder, time: VirtualTime(now: Self.begin))
        await harness.start()
        try await deploy(
            harness,
            Self.workflow("{schedule: '0 9 * * *', overlap: cancel}", steps: Self.slow)
        )
        await harness.pass(until: instant(26))
        #expect(try decisions(harness.store) == ["9 fired", "33 fired"])
        let statuses = try harness.summaries().map(\.status)
        #expect(statuses == [.running, .cancelled])
        try await harness.stop()
    }

    @Test func aLaterVersionWithoutItEndsIt() async throws {
        let folder = try TemporaryFolder()
        let harness = try EngineHarness(.init(), folder: folder, time: VirtualTime(now: Self.begin))
        await harness.start()
        try await deploy(harness, Self.workflow("{schedule: '0 9 * * *'}"))
        await harness.pass(until: instant(2))
        try await deploy(harness, Self.workflow("manual"))
        await harness.pass(until: instant(50))
        #expect(try decisions(harness.store) == ["9 fired"])
        try await deploy(harness, Self.workflow("{every: 24h}"))
        await harness.pass(until: instant(66))
        #expect(try decisions(harness.store) == ["9 fired", "72 fired"])
        try await harness.stop()
    }

    /// Kills the log before or after each append of three ticks; a second life goes on.
    @Test(arguments: [InMemoryEventStore.Death.beforeAppend, .afterAppend])
    func noTickIsLostOrStartedTwice(_ death: InMemoryEventStore.Death) async throws {
        let undisturbed = try await run(dyingAt: nil, death)
        #expect(undisturbed.decisions == ["9 fired", "33 fired", "57 fired"])
        var failures: [String] = []
        for position in 1...undisturbed.count {
            let outcome = try await run(dyingAt: Position(position), death)
            // What was interrupted is decided late, and then caught up.
            let ticks = outcome.decisions.map { String($0.prefix { $0 != " " }) }
            if ticks != ["9", "33", "57"] || outcome.starts != 3 {
                failures.append("\(position): \(outcome.decisions), \(outcome.starts) starts")
            }
        }
        #expect(failures == [])
    }

    private struct Outcome {
        var decisions: [String]
        var starts: Int
        var count: UInt64
    }

    private func run(
        dyingAt position: Position?,
        _ death: InMemoryEventStore.Death
    ) async throws -> Outcome {
        let folder = try TemporaryFolder()
        let time = VirtualTime(now: Self.begin)
        var store = InMemoryEventStore { time.now }
        if let position { store.die(at: position, death) }
        let text = Self.workflow("{schedule: '0 9 * * *', catch_up: all, overlap: allow}")
        for _ in 0..<2 {
            let harness = try EngineHarness(.init(), folder: folder, time: time, store: store)
            await harness.start()
            if !store.isClosed { try? await deploy(harness, text) }
            await harness.pass(until: instant(50))
            guard store.isClosed else {
                try await harness.stop()
                break
            }
            await harness.crash()
            store = InMemoryEventStore(events: store.events) { time.now }
        }
        return Outcome(
            decisions: try decisions(store),
            starts: starts(store),
            count: UInt64(store.events.count)
        )
    }
}
