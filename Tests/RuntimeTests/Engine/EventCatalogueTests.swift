import DaybookTestKit
import Documents
import EventLog
import EventModel
import Foundation
import Runtime
import Testing
import WorkflowEngine

/// Holds the events that an engine appends to their files in `Schemas/events/`.
@Suite struct EventCatalogueTests {
    private let begin = Timestamp(seconds: 1_795_161_600)

    private func declaration(_ type: String) throws -> Value {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let file = root.appendingPathComponent("Schemas/events/\(type).yaml")
        return try YAML.parse(String(contentsOf: file, encoding: .utf8), file: "\(type).yaml").value
    }

    @Test(arguments: RuntimeEvents.eventTypes)
    func isDeclared(_ type: EventTypeDeclaration) throws {
        let declared = try declaration(type.type)
        #expect(declared["type"] == .string(type.type))
        #expect(declared["version"]?.intValue == Int64(type.version))
        #expect(declared["category"] == .string(type.category))
    }

    @Test func hasTheMembersThatAreDeclared() async throws {
        let folder = try TemporaryFolder()
        var parts = EngineHarness.Parts()
        parts.actions = ActionCatalogue(Booking.actions())
        parts.configuration.webhookSources = [Booking.source]
        let harness = try EngineHarness(parts, folder: folder, time: VirtualTime(now: begin))
        await harness.start()
        _ = try await harness.engine.deploy(
            text: try Booking.text(),
            file: Booking.file,
            actor: "user:ana"
        )
        _ = try await harness.engine.receive(Booking.delivery("msg_1", at: begin))
        var forged = try Booking.delivery("msg_2", at: begin)
        forged.body.append(0x20)
        await #expect(throws: IntakeError.self) { try await harness.engine.receive(forged) }
        let taker = "workflow: t\ntriggers: [{request: r}]\nsteps: [{name: a, set: {x: 1}}]"
        _ = try await harness.engine.deploy(text: taker, file: "t.yaml", actor: "user:ana")
        let request = EntityRequest(
            name: "r",
            from: "e",
            entities: [],
            payload: [:],
            actor: "user:ana"
        )
        _ = try await harness.engine.receive(request)
        await harness.engine.waitUntilIdle()
        try await harness.stop()
        let events = try await harness.store.events + eventsAboutPeople()
        var wrong: [String] = []
        for event in events {
            let data = try declaration(event.type)["data"]
            let members = Set(event.data.mapValue?.stringKeys ?? [])
            let known = Set(data?["properties"]?.mapValue?.stringKeys ?? [])
            let required = Set(data?["required"]?.listValue?.compactMap(\.stringValue) ?? [])
            if !members.isSubset(of: known) || !required.isSubset(of: members) {
                wrong.append("\(event.type): \(members.symmetricDifference(known).sorted())")
            }
        }
        #expect(wrong == [])
        let seen = Set(events.map(\.type))
        #expect(seen.isSuperset(of: RuntimeEvents.eventTypes.map(\.type)))
    }

    private func eventsAboutPeople() async throws -> [Event] {
        let sealed = try await SealedLog(TemporaryFolder())
        let subjects = sealed.subjects
        _ = try await subjects.recover()
        _ = try await sealed.store.append([Maya.created()])
        _ = try await subjects.hold(Maya.mail, reason: "case 12", actor: "user:ana")
        _ = try await subjects.release(Maya.mail, reason: "closed", actor: "user:ana")
        let master = try MasterKey(bytes: Array(repeating: 3, count: 32), origin: "the test")
        _ = try await subjects.rewrap(by: master, actor: "user:ana")
        _ = try await subjects.erase(
            Maya.mail,
            reason: "asked for it",
            actor: "user:ana",
            includingRunning: false
        )
        let events = try sealed.store.read(
            from: nil,
            direction: .forward,
            limit: 99,
            filter: .all
        )
        await sealed.close()
        return events
    }
}
