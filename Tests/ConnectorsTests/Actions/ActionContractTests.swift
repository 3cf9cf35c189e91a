import Documents
import EventModel
import Foundation
import HTTPClient
import Sandbox
import Testing
import WorkflowEngine

@testable import Connectors

/// What actions say about themselves, and what they append, against what is declared.
@Suite struct ActionContractTests {
    private static let names: [String: [String]] = [
        "records.find": [], "records.query": [],
        "records.find_or_create": ["find_or_create_contact"], "records.create": ["notion.create"],
        "records.update": ["notion.update"], "calendar.sync": ["sync_with_external_calendar"],
        "booking.assign_practitioner": ["find_available_practitioner"],
        "booking.reserve": ["reserve_room_and_equipment"], "booking.release": [],
        "task.create": ["create_task"], "data.query": ["query_contacts_db", "query_data"],
        "notion.create_project": [], "notion.update_project": [],
        "notion.create_opportunity": [], "notion.update_opportunity": [],
    ]

    @Test func actionsHaveTheirNames() throws {
        let notion = try SandboxNotion()
        let actions = NotionActions.all(store: notion.store, transport: notion.transport)
        let named = actions.map { ($0.descriptor.name, $0.descriptor.aliases) }
        #expect([String: [String]](named, uniquingKeysWith: { first, _ in first }) == Self.names)
        let catalogue = ActionCatalogue(actions)
        #expect(catalogue["create_task"]?.descriptor.name == "task.create")
    }

    @Test func answersHoldWhatIsPromised() async throws {
        let notion = try SandboxNotion()
        let actions = ActionCatalogue(
            NotionActions.all(store: notion.store, transport: notion.transport)
        )
        let times: ValueMap = [
            "starts_at": "2026-12-07T09:00:00Z", "ends_at": "2026-12-07T10:00:00Z",
        ]
        let inputs: [(String, Value)] = [
            ("records.find", ["database": "contacts_profiles", "match": ["email": "x@y.org"]]),
            ("records.query", ["database": "use_cases"]),
            (
                "records.find_or_create",
                ["database": "contacts_profiles", "record": ["email": "new@example.org"]]
            ),
            ("records.create", ["database": "use_cases", "record": ["title": "A case"]]),
            ("calendar.sync", ["people": []]),
            ("booking.assign_practitioner", .map(times.merging(["specialization": "massage"]))),
            ("booking.reserve", .map(times.merging(["service": "Yoga class"]))),
            ("booking.release", [:]),
            ("task.create", ["title": "A task"]),
        ]
        let services = MemoryServices(now: notion.time.now)
        for (name, input) in inputs {
            let action = try #require(actions[name])
            let answer = try await action.perform(request(input, step: name), services: services)
            let members = answer.mapValue?.stringKeys ?? []
            let declared = action.descriptor.outputs
            let required = Set(declared.filter(\.isRequired).map(\.name))
            #expect(required.isSubset(of: members), "\(name)")
            #expect(Set(members).isSubset(of: declared.map(\.name)), "\(name)")
        }
    }

    @Test func eventsAreAsTheirSchemasSay() async throws {
        let notion = try SandboxNotion()
        let services = MemoryServices(now: notion.time.now)
        let times: ValueMap = [
            "starts_at": "2026-12-07T09:00:00Z", "ends_at": "2026-12-07T10:00:00Z",
        ]
        _ = try await BookingAssignPractitioner(finder: notion.store)
            .perform(request(.map(times), step: "who"), services: services)
        _ = try await BookingReserve(finder: notion.store).perform(
            request(.map(times.merging(["service": "Yoga class"])), step: "where"),
            services: services
        )
        _ = try await BookingRelease().perform(request([:], step: "undo"), services: services)
        let task: Value = [
            "title": "A task", "due": "2026-12-07T09:00:00Z", "kind": "k", "assignee": "a",
            "contact": "c", "tags": ["t"],
        ]
        _ = try await TaskCreate().perform(request(task, step: "task"), services: services)
        let declarations = BookingEvents.declarations + TaskCreate.declarations
        var seen: Set<String> = []
        for event in services.streams.values.joined() {
            seen.insert(event.type)
            let file = "Schemas/events/\(event.type).yaml"
            let schema = try YAML.parse(String(contentsOfFile: file, encoding: .utf8), file: file)
                .value
            #expect(schema["type"] == .string(event.type))
            #expect(schema["category"] == .string(event.stream.category))
            let declared = declarations.first { $0.type == event.type }
            #expect(declared?.category == event.stream.category)
            let members = Set(event.data.mapValue?.stringKeys ?? [])
            let required = (schema["data"]?["required"]?.listValue ?? []).compactMap(\.stringValue)
            let allowed = schema["data"]?["properties"]?.mapValue?.stringKeys ?? []
            #expect(members.isSuperset(of: required))
            #expect(members.isSubset(of: allowed))
        }
        #expect(seen == Set(declarations.map(\.type)))
    }

    @Test func worksOverRealSockets() async throws {
        let server = SandboxServer(
            configuration: SandboxConfiguration(catalogue: try SandboxNotion.catalogue())
        )
        let addresses = try await server.start()
        let http = HTTPClient()
        let time = SkippingTime(SandboxConfiguration.systemTime())
        let client = NotionClient(
            configuration: NotionConfiguration(
                baseURL: addresses.httpURL,
                token: addresses.token
            ),
            transport: http,
            time: time
        )
        let store = NotionRecordStore(
            directory: NotionDirectory(
                client: client,
                catalogue: try SandboxNotion.catalogue()
            )
        )
        let me = try await client.me()
        #expect(!me.userID.isEmpty)
        let services = MemoryServices(now: time.now)
        let answer = try await RecordsFindOrCreate(store: store).perform(
            request(["database": "contacts_profiles", "record": ["email": "Ana@example.org"]]),
            services: services
        )
        #expect(answer["record"]?["full_name"] == "Ana Novak")
        let calendars = try await CalendarSync(finder: store, transport: http).perform(
            request(["database": "contacts_profiles", "where": ["role": "Practitioner"]]),
            services: services
        )
        #expect(calendars["unreachable"] == [])
        #expect(calendars["people"]?.listValue?.count == 5)
        await http.shutdown()
        await server.stop()
    }
}
