import DaybookTestKit
import EventLog
import EventModel
import Records
import Runtime
import Testing
import WorkflowEngine

@Suite struct RecordSyncTests {
    private let begin = Timestamp(seconds: 1_795_161_600)

    private func harness(
        _ source: ScriptedSource,
        _ folder: TemporaryFolder,
        time: VirtualTime,
        store: InMemoryEventStore? = nil
    ) throws -> EngineHarness {
        var parts = EngineHarness.Parts()
        parts.databases = .sample
        parts.source = source
        // Only what a test asks for is looked at.
        parts.configuration.polledDatabases = []
        return try EngineHarness(parts, folder: folder, time: time, store: store)
    }

    private func record(
        _ identifier: String,
        _ fields: ValueMap,
        after seconds: Int64 = 0,
        isTrashed: Bool = false
    ) -> SourceRecord {
        SourceRecord(
            sourceID: identifier,
            fields: fields,
            editedAt: begin + .seconds(seconds),
            editedBy: "notion:ana",
            isTrashed: isTrashed
        )
    }

    private func recordEvents(_ harness: EngineHarness) -> [Event] {
        harness.store.events.filter { $0.stream.category == "record" }
    }

    @Test func recordsOnlyRealDifferences() async throws {
        let folder = try TemporaryFolder()
        let time = VirtualTime(now: begin)
        let source = ScriptedSource()
        for number in 1...5 {
            source.put("contacts", record("p\(number)", ["name": .string("N\(number)")]))
        }
        let harness = try harness(source, folder, time: time)
        await harness.start()
        let first = try await harness.engine.syncNow(databases: ["Contact"])
        #expect(first.databases.first?.isFull == true)
        #expect(first.databases.first?.pageCount == 3)
        #expect(first.databases.first?.createdCount == 5)
        #expect(try await harness.engine.syncNow(databases: ["contacts"]).eventCount == 0)

        source.put("contacts", record("p2", ["name": "N2", "status": "Lead"], after: 60))
        // Touched, but with the same content.
        source.put("contacts", record("p3", ["name": "N3", "visits": nil], after: 60))
        let second = try await harness.engine.syncNow(databases: ["contacts"])
        #expect(second.databases.first?.isFull == false)
        #expect(second.eventCount == 1)
        let event = try #require(recordEvents(harness).last)
        #expect(event.type == "RecordUpdated")
        #expect(event.actor == "notion:ana")
        #expect(event.data["changes"] == ["status": ["before": nil, "after": "Lead"]])
        // The next look begins an overlap before the newest edit.
        _ = try await harness.engine.syncNow(databases: ["contacts"])
        #expect(source.scans.last == begin + .seconds(60) - .seconds(180))
        try await harness.stop()
    }

    @Test func recordsNothingTwiceWithoutItsViews() async throws {
        let folder = try TemporaryFolder()
        let time = VirtualTime(now: begin)
        let source = ScriptedSource()
        source.put("contacts", record("p1", ["name": "N1"]))
        let first = try harness(source, folder, time: time)
        await first.start()
        _ = try await first.engine.syncNow(databases: ["contacts"])
        try await first.stop()
        try folder.remove("views")
        let second = try harness(source, folder, time: time, store: first.store)
        await second.start()
        let report = try await second.engine.syncNow(databases: ["contacts"])
        #expect(report.databases.first?.isFull == true)
        #expect(report.eventCount == 0)
        try await second.stop()
    }

    @Test func noticesWhatIsGoneAndWhatComesBack() async throws {
        let folder = try TemporaryFolder()
        let time = VirtualTime(now: begin)
        let source = ScriptedSource()
        source.put("contacts", record("p1", ["name": "N1"]))
        source.put("contacts", record("p2", ["name": "N2"]))
        let harness = try harness(source, folder, time: time)
        await harness.start()
        _ = try await harness.engine.syncNow(databases: ["contacts"])
        source.remove("contacts", "p2")
        // Only a full scan can know; it is due after six hours.
        #expect(try await harness.engine.syncNow(databases: ["contacts"]).eventCount == 0)
        time.advance(by: .seconds(7 * 3600))
        await harness.engine.waitUntilIdle()
        let scan = try await harness.engine.syncNow(databases: ["contacts"])
        #expect(scan.databases.first?.trashedCount == 1)
        source.put("contacts", record("p2", ["name": "N2 again"], after: 7 * 3600))
        let back = try await harness.engine.syncNow(databases: ["contacts"])
        #expect(back.databases.first?.restoredCount == 1)
        #expect(back.databases.first?.updatedCount == 1)
        try await harness.stop()
    }

    @Test func takesAnEmptyAnswerForAnUnpluggedSource() async throws {
        let folder = try TemporaryFolder()
        let time = VirtualTime(now: begin)
        let source = ScriptedSource()
        source.put("contacts", record("p1", ["name": "N1"]))
        let harness = try harness(source, folder, time: time)
        await harness.start()
        _ = try await harness.engine.syncNow(databases: ["contacts"])
        source.remove("contacts", "p1")
        time.advance(by: .seconds(7 * 3600))
        await harness.engine.waitUntilIdle()
        #expect(try await harness.engine.syncNow(databases: ["contacts"]).eventCount == 0)
        try await harness.stop()
    }

    @Test func keepsItsPlaceWhenTheLogOrTheSourceFails() async throws {
        let folder = try TemporaryFolder()
        let source = ScriptedSource()
        let harness = try harness(source, folder, time: VirtualTime(now: begin))
        await harness.start()
        source.put("contacts", record("p1", ["name": "N1"]))
        source.failNextScans(1)
        await #expect(throws: ScriptedSource.Failure.self) {
            try await harness.engine.syncNow(databases: ["contacts"])
        }
        harness.store.failNextAppends(with: [EventLogError(.diskFull, "no room")])
        await #expect(throws: EventLogError.self) {
            try await harness.engine.syncNow(databases: ["contacts"])
        }
        let report = try await harness.engine.syncNow(databases: ["contacts"])
        #expect(report.databases.first?.isFull == true)
        #expect(report.eventCount == 1)
        await #expect(throws: EngineError.self) {
            try await harness.engine.syncNow(databases: ["contcts"])
        }
        try await harness.stop()
    }

    @Test func startsWorkflowsForChangedRecords() async throws {
        let folder = try TemporaryFolder()
        let time = VirtualTime(now: begin)
        let source = ScriptedSource()
        source.put("contacts", record("p1", ["name": "N1", "status": "Lead"]))
        let harness = try harness(source, folder, time: time)
        await harness.start()
        _ = try await harness.engine.syncNow(databases: ["contacts"])
        let text = """
            workflow: onboarding
            title: Onboarding
            description: Greets new clients.
            entity: am_consulting
            triggers:
              - record: contacts
                on: [updated]
                if: "has(changes.status) && changes.status.after == 'Client'"
            steps:
              - name: note
                set: {name: "{{ input.name }}", was: "{{ trigger.changes.status.before }}"}
            """
        _ = try await harness.engine.deploy(text: text, file: "o.yaml", actor: "user:ana")
        source.put("contacts", record("p1", ["name": "N1b", "status": "Lead"], after: 60))
        _ = try await harness.engine.syncNow(databases: ["contacts"])
        source.put("contacts", record("p1", ["name": "N1b", "status": "Client"], after: 120))
        _ = try await harness.engine.syncNow(databases: ["contacts"])
        await harness.engine.waitUntilIdle()
        let summaries = try harness.summaries()
        #expect(summaries.map(\.status) == [.completed])
        let instance = try #require(summaries.first?.instance)
        let state = try InstanceReader(store: harness.store).state(of: instance)
        #expect(state?.variables == ["name": "N1b", "was": "Lead"])
        try await harness.stop()
    }

    @Test func pollsByItself() async throws {
        let folder = try TemporaryFolder()
        let source = ScriptedSource()
        source.put("contacts", record("p1", ["name": "N1"]))
        var parts = EngineHarness.Parts()
        parts.databases = .sample
        parts.source = source
        parts.configuration.pollInterval = .seconds(60)
        let harness = try EngineHarness(
            parts,
            folder: folder,
            time: VirtualTime(now: begin)
        )
        await harness.start()
        #expect(recordEvents(harness).count == 1)
        source.failNextScans(1)
        source.put("contacts", record("p1", ["name": "N2"], after: 30))
        await harness.pass(until: begin + .seconds(60))
        #expect(recordEvents(harness).count == 1)
        await harness.pass(until: begin + .seconds(120))
        #expect(recordEvents(harness).count == 2)
        try await harness.stop()
    }
}
