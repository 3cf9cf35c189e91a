import EventModel
import Testing
import WorkflowEngine

@testable import Connectors

@Suite struct TaskCreateTests {
    private static let input: Value = [
        "title": "Find a practitioner", "priority": "high", "due": "2026-12-01T10:00:00Z",
        "kind": "human_intervention_required", "description": "",
    ]

    @Test func appendsTheTaskOnce() async throws {
        let services = MemoryServices()
        let action = TaskCreate()
        let first = try await action.perform(request(Self.input), services: services)
        let again = try await action.perform(request(Self.input, attempt: 2), services: services)
        #expect(first == again)
        let id = try #require(first["task_id"]?.stringValue)
        let events = services.streams[StreamName(category: "task", id)] ?? []
        #expect(events.count == 1)
        #expect(services.streams.count == 1)
        let data = try #require(events.first?.data)
        #expect(data["priority"] == "High")
        #expect(data["workflow"] == "wellness_booking_automation")
        #expect(data["due"]?.timestampValue?.rfc3339 == "2026-12-01T10:00:00Z")
        #expect(data["assignee"] == nil)
    }

    @Test func refusesAnUnknownPriority() async {
        let refused = await failure {
            try await TaskCreate().perform(
                request(["title": "x", "priority": "Hig"]),
                services: MemoryServices()
            )
        }
        #expect(refused?.code == "invalid_input")
        #expect(refused?.message.contains("did you mean 'High'?") == true)
    }

    @Test func needsATitle() async {
        let refused = await failure {
            try await TaskCreate().perform(request(["title": ""]), services: MemoryServices())
        }
        #expect(refused?.details["field"] == "title")
    }
}
