import EventModel
import Testing
import WorkflowEngine

@testable import Connectors

/// Tasks in sequence, tracking, templates by mail.
@Suite struct MoreActionTests {
    @Test func createsASequenceOfTasksOnce() async throws {
        let services = MemoryServices()
        let input: Value = [
            "starts_at": "2026-12-01T09:00:00Z", "assignees": ["ana", "ben"], "tags": ["show"],
            "tasks": [
                "Book the van", ["title": "Hang", "after": "2d", "priority": "High"],
                ["title": "Invite", "after": "-1d", "assignee": "eva"],
            ],
        ]
        let first = try await TaskSequence().perform(request(input), services: services)
        let again = try await TaskSequence().perform(request(input), services: services)
        #expect(first == again && first["count"] == 3)
        let events = services.streams.values.joined().filter { $0.type == "TaskCreated" }
        let byTitle = Dictionary(events.map { ($0.data["title"] ?? .null, $0.data) }) { one, _ in
            one
        }
        #expect(events.count == 3)
        #expect(
            byTitle["Hang"]?["due"] == .timestamp(try Timestamp(rfc3339: "2026-12-03T09:00:00Z"))
        )
        #expect(
            byTitle["Invite"]?["due"] == .timestamp(try Timestamp(rfc3339: "2026-11-30T09:00:00Z"))
        )
        let assignees = ["Book the van", "Hang", "Invite"].map { byTitle[.string($0)]?["assignee"] }
        #expect(assignees == ["ana", "ben", "eva"])
        for bad: Value in [
            [:], ["tasks": [["after": "2d"]]], ["tasks": [["title": "x", "after": 3]]],
        ] {
            let failed = await failure {
                try await TaskSequence().perform(request(bad), services: services)
            }
            #expect(failed?.code == "invalid_input")
        }
    }

    @Test func tracksOnce() async throws {
        let services = MemoryServices()
        let input: Value = ["event_name": "satisfaction", "properties": ["a": 1], "value": 4]
        let first = try await AnalyticsTrack().perform(request(input), services: services)
        let again = try await AnalyticsTrack().perform(request(input), services: services)
        #expect(first == again)
        let events = services.streams.values.joined()
        #expect(events.map(\.stream.text) == ["analytics/satisfaction"])
        #expect(events.first?.data["value"] == 4.0)
    }
}
