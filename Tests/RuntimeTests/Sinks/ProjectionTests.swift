import DaybookTestKit
import EventLog
import EventModel
import Projections
import Records
import Runtime
import Testing
import WorkflowEngine

@Suite struct ProjectionTests {
    private let begin = Timestamp(seconds: 1_795_161_600)

    private static func notes(title: String = "event.data.title") throws -> ProjectionDefinition {
        try ProjectionDefinition.parse(
            """
            projection: notes
            description: Notes.
            version: 1
            source:
              categories: [note]
            key: event.key
            on:
              NoteTaken:
                columns: {title: "\(title)", visits: event.data.visits}
            sinks:
              - {kind: notion, target: contacts, fields: {title: name, visits: visits}}
            """,
            file: "notes.yaml"
        )
    }

    private func harness(
        _ definitions: [ProjectionDefinition],
        _ sinks: [ScriptedSink],
        _ folder: TemporaryFolder,
        time: VirtualTime,
        store: InMemoryEventStore? = nil,
        source: ScriptedSource? = nil
    ) throws -> EngineHarness {
        var parts = EngineHarness.Parts()
        parts.projections = definitions
        parts.sinks = sinks
        parts.databases = .sample
        parts.source = source
        parts.configuration.polledDatabases = []
        parts.configuration.sinkRetryDelayMax = .seconds(60)
        return try EngineHarness(parts, folder: folder, time: time, store: store)
    }

    private func take(
        _ harness: EngineHarness,
        _ key: String,
        _ title: Value,
        visits: Int64 = 1
    ) async throws {
        let data: Value = ["title": title, "visits": .int(visits)]
        let count = harness.store.head.value
        let event = ProposedEvent(
            id: .derived(from: EventID(high: 0x7000, low: 1 << 63), "\(key)/\(count)"),
            type: "NoteTaken",
            actor: "user:ana",
            data: data
        )
        let stream = StreamName(category: "note", key)
        _ = try await harness.store.append([
            StreamWrite(stream: stream, expected: .any, events: [event])
        ])
        await harness.engine.waitUntilIdle()
    }

    @Test func pushesTheLatestStateOfEachRow() async throws {
        let folder = try TemporaryFolder()
        let sink = ScriptedSink()
        let harness = try harness(
            [Self.notes()],
            [sink],
            folder,
            time: VirtualTime(now: begin)
        )
        await harness.start()
        try await take(harness, "a", "one")
        try await take(harness, "b", "two")
        try await take(harness, "a", "three")
        let tables = ProjectionTables(views: harness.views)
        #expect(try tables.rows("notes").map(\.key) == ["a", "b"])
        #expect(try tables.count("notes") == 2)
        #expect(try tables.rows("notes", where: ["title": "two"]).map(\.key) == ["b"])
        #expect(sink.rows["a"]?["title"] == "three")
        #expect(harness.engine.health.sinks.map(\.rowCount) == [0])
        try await harness.stop()
    }

    @Test func buildsUpAVisibleDebtAndPaysTheOldestFirst() async throws {
        let folder = try TemporaryFolder()
        let sink = ScriptedSink(batchRowsMax: 2)
        let harness = try harness(
            [Self.notes()],
            [sink],
            folder,
            time: VirtualTime(now: begin)
        )
        await harness.start()
        let down = SinkFailure(message: "down")
        sink.fail([down, down, SinkFailure(message: "slow down", retryAfter: .seconds(45))])
        for key in ["c", "a", "b"] { try await take(harness, key, "x") }
        try await take(harness, "c", "y")
        var debt = try #require(harness.engine.health.sinks.first)
        #expect(debt.rowCount == 3)
        #expect(debt.failure == "down")
        // After 1 s and 2 s more it fails again, the last time asking for 45 s.
        await harness.pass(until: begin + .seconds(47))
        #expect(sink.pushes.isEmpty)
        #expect(harness.engine.health.sinks.first?.failure == "slow down")
        await harness.pass(until: begin + .seconds(48))
        #expect(sink.pushes.map { $0.map(\.key) } == [["c", "a"], ["b"]])
        #expect(sink.rows["c"]?["title"] == "y")
        debt = try #require(harness.engine.health.sinks.first)
        #expect(debt.rowCount == 0 && debt.failure == nil)
        try await harness.stop()
    }

    @Test func showsRefusedRowsAndGoesOnWithTheOthers() async throws {
        let folder = try TemporaryFolder()
        let sink = ScriptedSink()
        sink.refuse(["a"])
        let harness = try harness(
            [Self.notes()],
            [sink],
            folder,
            time: VirtualTime(now: begin)
        )
        await harness.start()
        try await take(harness, "a", "odd")
        try await take(harness, "b", "fine")
        #expect(harness.engine.health.sinks.first?.refusedCount == 1)
        #expect(harness.engine.health.sinks.first?.rowCount == 1)
        // A row that has changed gets another chance.
        sink.refuse([])
        try await take(harness, "a", "better")
        #expect(harness.engine.health.sinks.first?.rowCount == 0)
        #expect(sink.rows["a"]?["title"] == "better")
        try await harness.stop()
    }

    @Test func stopsOnlyTheProjectionThatCannotFold() async throws {
        let folder = try TemporaryFolder()
        let bad = try ProjectionDefinition.parse(
            """
            projection: lengths
            description: Lengths.
            version: 1
            source: {categories: [note]}
            key: event.key
            on:
              NoteTaken:
                columns: {length: size(event.data.title)}
            """,
            file: "lengths.yaml"
        )
        let harness = try harness(
            [Self.notes(), bad],
            [],
            folder,
            time: VirtualTime(now: begin)
        )
        await harness.start()
        try await take(harness, "a", "one")
        try await take(harness, "b", 7)
        try await take(harness, "c", "three")
        let tables = ProjectionTables(views: harness.views)
        #expect(try tables.count("notes") == 3)
        #expect(try tables.count("lengths") == 1)
        let followers = harness.engine.health.followers
        let broken = try #require(followers.first { $0.name == "projection:lengths" })
        #expect(broken.failure?.contains("length") == true)
        #expect(broken.lag > 0)
        #expect(followers.filter { $0.failure != nil }.count == 1)
        try await harness.stop()
    }

    @Test func buildsAnewWhenTheDefinitionIsAnother() async throws {
        let folder = try TemporaryFolder()
        let time = VirtualTime(now: begin)
        let first = try harness([Self.notes()], [ScriptedSink()], folder, time: time)
        await first.start()
        try await take(first, "a", "one")
        try await take(first, "b", "2")
        try await first.stop()

        let sink = ScriptedSink()
        let changed = try Self.notes(title: "event.data.title == 'one' ? 'ONE' : event.data.title")
        let second = try harness(
            [changed],
            [sink],
            folder,
            time: time,
            store: first.store
        )
        let keeper = ProjectionKeeper(store: second.store, views: second.views)
        #expect(try keeper.status(of: [changed]).map(\.isOutdated) == [true])
        await second.start()
        #expect(try keeper.status(of: [changed]).map(\.isOutdated) == [false])
        // Only the row that differs is pushed.
        #expect(sink.pushes.map { $0.map(\.key) } == [["a"]])
        let report = try await second.engine.rebuild(projection: "notes")
        #expect(report.unchangedCount == 2 && report.changedCount == 0)
        try await take(second, "c", "three")
        #expect(try ProjectionTables(views: second.views).count("notes") == 3)
        await #expect(throws: EngineError.self) {
            try await second.engine.rebuild(projection: "note")
        }
        try await second.stop()
    }

    @Test func recognisesItsOwnWritesWhenTheyComeBack() async throws {
        let folder = try TemporaryFolder()
        let time = VirtualTime(now: begin)
        let source = ScriptedSource()
        let sink = ScriptedSink { rows in
            for row in rows {
                source.put(
                    "contacts",
                    SourceRecord(
                        sourceID: "page-\(row.key)",
                        fields: [
                            "name": row.columns["title"] ?? .null,
                            // The source gives whole numbers back as doubles.
                            "visits": .double(row.columns["visits"]?.doubleValue ?? 0),
                        ],
                        editedAt: time.now,
                        editedBy: "notion:daybook",
                        isTrashed: false
                    )
                )
            }
        }
        let harness = try harness(
            [Self.notes()],
            [sink],
            folder,
            time: time,
            source: source
        )
        await harness.start()
        try await take(harness, "a", "one")
        // That the page exists is news; what stands in it later is not.
        let created = try await harness.engine.syncNow(databases: ["contacts"])
        #expect(created.databases.first?.createdCount == 1)
        await harness.engine.waitUntilIdle()
        try await take(harness, "a", "two", visits: 2)
        #expect(try await harness.engine.syncNow(databases: ["contacts"]).eventCount == 0)

        // A stale answer with the value from before our write is left alone, until it has settled.
        source.put("contacts", page("one", 1, by: "notion:bor", time.now))
        #expect(try await harness.engine.syncNow(databases: ["contacts"]).eventCount == 0)
        time.advance(by: .seconds(121))
        await harness.engine.waitUntilIdle()
        #expect(try await harness.engine.syncNow(databases: ["contacts"]).eventCount == 1)
        let event = try #require(harness.store.events.last)
        #expect(event.actor == "notion:bor")
        #expect(event.data["changes"]?["name"] == ["before": "two", "after": "one"])

        // What staff change to something new is recorded at once.
        source.put("contacts", page("three", 2, by: "notion:bor", time.now))
        #expect(try await harness.engine.syncNow(databases: ["contacts"]).eventCount == 1)
        try await harness.stop()
    }

    private func page(
        _ name: String,
        _ visits: Double,
        by actor: String,
        _ editedAt: Timestamp
    ) -> SourceRecord {
        SourceRecord(
            sourceID: "page-a",
            fields: ["name": .string(name), "visits": .double(visits)],
            editedAt: editedAt,
            editedBy: actor,
            isTrashed: false
        )
    }
}
