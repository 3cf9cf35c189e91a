import DaybookTestKit
import EventLog
import EventModel
import Runtime
import Testing
import WorkflowEngine

@Suite struct ViewsTests {
    private let begin = Timestamp(seconds: 1_795_161_600)

    private static let text = """
        workflow: sleeper
        title: Sleeper
        description: Sleeps.
        entity: the_7_space
        triggers: [manual]
        steps:
          - name: sleep
            wait: {for: 1h}
        """

    private func run(
        _ folder: TemporaryFolder,
        _ store: InMemoryEventStore?,
        instances: Int
    ) async throws -> EngineHarness {
        let harness = try EngineHarness(
            EngineHarness.Parts(),
            folder: folder,
            time: VirtualTime(now: begin),
            store: store
        )
        await harness.start()
        _ = try await harness.engine.deploy(text: Self.text, file: "s.yaml", actor: "user:ana")
        for number in 0..<instances {
            _ = try await harness.engine.start(
                workflow: "sleeper",
                input: [:],
                actor: "user:ana",
                idempotencyKey: "\(number)"
            )
        }
        await harness.engine.waitUntilIdle()
        return harness
    }

    @Test func buildsViewsAnewThatAreAheadOfTheLog() async throws {
        let folder = try TemporaryFolder()
        let first = try await run(folder, nil, instances: 5)
        try await first.stop()
        // The log is restored from a backup that ends after the second instance.
        let kept = first.store.events.prefix(6)
        let restored = InMemoryEventStore(events: Array(kept)) { begin }
        let second = try await run(folder, restored, instances: 0)
        let started = restored.events.filter { $0.type == "InstanceStarted" }.count
        #expect(try second.summaries().count == started)
        #expect(started < 5)
        #expect(try TimerTable.count(views: second.views) == started)
        #expect(try Replay.verify(store: restored, views: second.views).isClean)
        let event = try #require(restored.events.last { $0.type == "EngineStarted" })
        #expect(event.data["views_rebuilt"]?.listValue?.contains("instances") == true)
        try await second.stop()
    }

    @Test func buildsViewsAnewThatBelongToAnotherLog() async throws {
        let folder = try TemporaryFolder()
        let first = try await run(folder, nil, instances: 1)
        try await first.stop()
        // Another log, longer than the first one, with other events at the same positions.
        let elsewhere = try TemporaryFolder()
        let other = try await run(elsewhere, nil, instances: 9)
        try await other.stop()
        let second = try await run(folder, other.store, instances: 0)
        #expect(try second.summaries().count == 9)
        #expect(try Replay.verify(store: other.store, views: second.views).isClean)
        try await second.stop()
    }

    @Test func pagesThroughInstances() async throws {
        let folder = try TemporaryFolder()
        let harness = try await run(folder, nil, instances: 7)
        let directory = InstanceDirectory(views: harness.views)
        let reader = InstanceReader(store: harness.store)
        var before: Position?
        var seen: [EventID] = []
        while true {
            let filter = InstanceFilter(statuses: [.running], before: before, limit: 3)
            let page = try directory.summaries(filter)
            #expect(try reader.summaries(filter) == page)
            seen += page.map(\.instance)
            guard let last = page.last, page.count == 3 else { break }
            before = last.firstPosition
        }
        #expect(Set(seen).count == 7)
        #expect(seen.count == 7)
        #expect(try directory.summaries(InstanceFilter(workflow: "other")).isEmpty)
        try await harness.stop()
    }

    @Test func noticesALiveStateThatIsNotWhatTheLogSays() async throws {
        let folder = try TemporaryFolder()
        let harness = try await run(folder, nil, instances: 3)
        #expect(try Replay.verify(store: harness.store, views: harness.views).isClean)
        // The same ids with other histories: the views of one log beside another log.
        let summaries = try harness.summaries()
        let victim = try #require(summaries.first?.instance)
        var forged = harness.store.events
        for index in forged.indices where forged[index].stream.identifier == victim.text {
            if forged[index].type == "InstanceStarted" {
                forged[index].data = changed(forged[index].data, "input", ["amount": 1])
            }
        }
        let other = InMemoryEventStore(events: forged) { begin }
        let report = try Replay.verify(store: other, views: harness.views)
        #expect(report.mismatches.map(\.instance) == [victim])
        #expect(report.instanceCount == 3)
        try await harness.stop()
    }

    private func changed(_ value: Value, _ key: String, _ member: Value) -> Value {
        var map = value.mapValue ?? ValueMap()
        map[key] = member
        return .map(map)
    }
}
