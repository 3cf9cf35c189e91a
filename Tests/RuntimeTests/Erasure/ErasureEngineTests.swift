import DaybookTestKit
import EventLog
import EventModel
import Foundation
import Logging
import Projections
import Records
import Testing
import WorkflowEngine

@testable import Runtime

/// An engine over a real log, while and after a person is erased from it.
@Suite struct ErasureEngineTests {
    // 2026-11-20T08:00:00Z
    private static let begin = Timestamp(seconds: 1_795_161_600)
    private static let needles = [
        "Ana Novak", "ana@example.org", "Ana@example.org", "+386 40 111 222", "+38640111222",
        "tok_secret",
    ]
    private static let page = "2b4c1f00-0000-4000-8000-00000000bbbb"

    /// One life of the engine.
    private struct Life {
        let sealed: SealedLog
        let views: TableStore
        let engine: Engine
        let time: VirtualTime
        let sink: ScriptedSink
        let run: Task<Void, any Error>

        func end() async throws {
            await engine.stop()
            try await run.value
            await views.close()
            await sealed.close()
        }
    }

    private static let projection = """
        projection: bookings
        description: Who booked.
        version: 1
        source: {categories: [instance]}
        key: event.key
        on:
          InstanceStarted:
            columns:
              who: member(event.data.input, 'client.name')
              input: event.data.input
        sinks:
          - {kind: notion, target: workflow_instances, fields: {who: client_lead_name, input: data_payload}}
        """

    private func live(
        _ folder: TemporaryFolder,
        _ time: VirtualTime,
        _ secrets: InMemorySecrets,
        _ source: ScriptedSource
    ) async throws -> Life {
        let sealed = try await SealedLog(folder, time: time, secrets: secrets)
        _ = try await sealed.subjects.recover()
        let views = try EngineViews.open(at: folder.file("data/views"))
        let sink = ScriptedSink()
        let lookup = Booking.answering(
            "records.find_or_create",
            ["id": .string(Self.page), "created": true, "record": ["name": "Ana Novak"]]
        )
        var configuration = EngineConfiguration()
        configuration.webhookSources = [Booking.source]
        configuration.polledDatabases = ["contacts_profiles"]
        let engine = try Engine(
            store: sealed.store,
            views: views,
            actions: ActionCatalogue(Booking.actions([lookup])),
            databases: try SealedLog.databases(),
            projections: [try ProjectionDefinition.parse(Self.projection, file: "bookings.yaml")],
            sinks: [sink],
            source: source,
            secrets: secrets,
            time: time,
            configuration: configuration,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            subjects: sealed.subjects
        )
        let run = Task { try await engine.run() }
        await engine.waitUntilIdle()
        return Life(
            sealed: sealed,
            views: views,
            engine: engine,
            time: time,
            sink: sink,
            run: run
        )
    }

    private func contact(_ status: String = "Active Client") -> SourceRecord {
        SourceRecord(
            sourceID: Self.page,
            fields: [
                "full_name": "Ana Novak", "email": "ana@example.org",
                "phone": "+38640111222", "status": .string(status),
            ],
            editedAt: Self.begin,
            editedBy: "notion:u-1",
            isTrashed: false
        )
    }

    @Test func everyReaderSeesTheErasureLiveAndReplayedAlike() async throws {
        let folder = try TemporaryFolder()
        let time = VirtualTime(now: Self.begin)
        let secrets = InMemorySecrets()
        let source = ScriptedSource()
        source.put("contacts_profiles", contact())
        var life = try await live(folder, time, secrets, source)
        _ = try await life.engine.syncNow(databases: ["contacts_profiles"])
        _ = try await life.engine.deploy(
            text: try Booking.text(),
            file: Booking.file,
            actor: "user:ana"
        )
        let answer = try await life.engine.receive(Booking.delivery("msg_1", at: Self.begin))
        let instance = try #require(answer.started.first?.instance)
        await life.engine.waitUntilIdle()
        #expect(try shown(life).contains("Ana Novak"))
        #expect(secrets.all.count == 1)

        // Its reminders are still to come, so it runs, and that must be said.
        do {
            _ = try await erase(life, includingRunning: false)
            Issue.record("erased while an instance runs")
        } catch let error as SubjectError {
            #expect(error == .running([instance.text]))
        }
        let outcome = try await erase(life, includingRunning: true)
        #expect(outcome.erased.count == 2)
        await life.engine.waitUntilIdle()
        try await checkErased(life, instance, secrets)
        #expect(try shown(life).contains("‹erased›") && !shown(life).contains("Ana"))

        // What Notion still shows is not recorded again; other changes are.
        let head = life.sealed.store.head
        _ = try await life.engine.syncNow(databases: ["contacts_profiles"])
        #expect(life.sealed.store.head == head)
        source.put("contacts_profiles", contact("Inactive"))
        let report = try await life.engine.syncNow(databases: ["contacts_profiles"])
        #expect(report.eventCount == 1)
        await life.engine.waitUntilIdle()
        try await checkErased(life, instance, secrets)
        try await life.end()

        // The next life writes the views anew, and then nothing is left anywhere.
        life = try await live(folder, time, secrets, source)
        try await checkErased(life, instance, secrets)
        try await life.end()
        let left = try SealedLog.leaks(of: Self.needles, in: folder.path)
        #expect(left == [])
    }

    @Test func aFreshFoldSeesTheSameAsTheLiveOne() async throws {
        let folder = try TemporaryFolder()
        let time = VirtualTime(now: Self.begin)
        let secrets = InMemorySecrets()
        let source = ScriptedSource()
        source.put("contacts_profiles", contact())
        var life = try await live(folder, time, secrets, source)
        _ = try await life.engine.deploy(
            text: try Booking.text(),
            file: Booking.file,
            actor: "user:ana"
        )
        let answer = try await life.engine.receive(Booking.delivery("msg_1", at: Self.begin))
        let instance = try #require(answer.started.first?.instance)
        await life.engine.waitUntilIdle()
        _ = try await erase(life, includingRunning: true)
        await life.engine.waitUntilIdle()
        let live = try InstanceDirectory(views: life.views).entry(instance)?.state
        try await life.end()
        try folder.remove("data/views")
        try folder.remove("data/index")
        life = try await self.live(folder, time, secrets, source)
        let fresh = try InstanceDirectory(views: life.views).entry(instance)?.state
        #expect(fresh != nil && fresh == live)
        #expect(fresh?.input["client"]?["name"] == "‹erased›")
        // Nothing was started a second time when the triggers were looked at anew.
        #expect(try InstanceDirectory(views: life.views).count == 1)
        try await life.end()
    }

    private func erase(
        _ life: Life,
        includingRunning: Bool
    ) async throws -> SubjectService.Outcome {
        try await life.engine.erase(
            subject: "ana@example.org",
            reason: "asked for it",
            actor: "user:bo",
            includingRunning: includingRunning
        )
    }

    /// What the sink shows now.
    private func shown(_ life: Life) throws -> String {
        try life.sink.rows.values.map { try JSON.text(.map($0)) }.joined()
    }

    private func checkErased(
        _ life: Life,
        _ instance: EventID,
        _ secrets: InMemorySecrets
    ) async throws {
        let entry = try #require(try InstanceDirectory(views: life.views).entry(instance))
        #expect(entry.problem == nil)
        #expect(entry.state.input["client"]?["name"] == "‹erased›")
        #expect(entry.state.input["duration_minutes"] == 60)
        #expect(try Replay.verify(store: life.sealed.store, views: life.views).isClean)
        let texts = try life.sealed.store.read(
            from: nil,
            direction: .forward,
            limit: 1000,
            filter: .all
        ).map { try JSON.text($0.data) }
        let leaks = Self.needles.filter { needle in texts.contains { $0.contains(needle) } }
        #expect(leaks == [])
        #expect(secrets.all.isEmpty)
        let row = try life.views.value(
            ViewTables.records,
            RecordRow.key(database: "contacts_profiles", sourceID: Self.page)
        ).flatMap { RecordRow(try Value(canonicalBytes: $0)) }
        #expect(row?.state.fields["full_name"] == "‹erased›")
        #expect(life.engine.health.followers.allSatisfy { $0.failure == nil })
    }
}
