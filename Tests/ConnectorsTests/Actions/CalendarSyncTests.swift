import EventModel
import HTTPClient
import Testing
import WorkflowEngine

@testable import Connectors

@Suite struct CalendarSyncTests {
    /// Feeds by address; others are not there.
    private struct Feeds: HTTPTransport {
        var feeds: [String: String]

        func send(_ request: HTTPRequest) async throws(HTTPClientError) -> HTTPResponse {
            if request.url.contains("broken") {
                throw HTTPClientError(.cannotConnect, "no connection to example.org")
            }
            guard let feed = feeds[request.url] else {
                return HTTPResponse(status: 404, headers: [], body: [])
            }
            return HTTPResponse(status: 200, headers: [], body: Array(feed.utf8))
        }
    }

    private static func feed(_ lines: String) -> String {
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n\(lines)\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    }

    private let action = CalendarSync(
        finder: MemoryFinder(tables: [
            "contacts_profiles": [
                [
                    "id": "c", "full_name": "Cene",
                    "availability": [
                        "time_zone": "Europe/Ljubljana", "weekly": [:],
                        "calendar_url": "https://example.org/c.ics",
                    ],
                ]
            ]
        ]),
        transport: Feeds(feeds: [
            "https://example.org/a.ics": feed("DTSTART:20261201T100000Z\r\nDURATION:PT1H"),
            "https://example.org/c.ics": feed("DTSTART:20261201T100000\r\nDURATION:PT1H"),
            "https://example.org/m.ics": feed("DTSTART:20261201T100000Z\r\nRRULE:FREQ=MONTHLY"),
        ])
    )

    private func person(_ id: String, _ url: Value) -> Value {
        ["id": .string(id), "name": .string("Person \(id)"), "calendar_url": url]
    }

    @Test func readsFeedsAndListsTheUnreachable() async throws {
        let people: Value = [
            person("a", "webcal://example.org/a.ics"), person("b", .null),
            person("m", "https://example.org/m.ics"), person("x", "https://example.org/x.ics"),
            person("y", "https://broken.example.org/y.ics"),
        ]
        let answer = try await action.perform(
            request(["people": people]),
            services: MemoryServices()
        )
        let hour: Value = [
            [
                "starts_at": .timestamp(try Timestamp(rfc3339: "2026-12-01T10:00:00Z")),
                "ends_at": .timestamp(try Timestamp(rfc3339: "2026-12-01T11:00:00Z")),
            ]
        ]
        #expect(answer["busy"]?["a"] == hour)
        #expect(answer["busy"]?["b"] == [])
        #expect(answer["people"]?.listValue?.count == 5)
        let unreachable = answer["unreachable"]?.listValue ?? []
        #expect(unreachable.compactMap { $0["id"] } == ["m", "x", "y"])
        let reasons = unreachable.compactMap { $0["reason"]?.stringValue }
        #expect(reasons[0].contains("FREQ=MONTHLY"))
        #expect(reasons[1].contains("404"))
        #expect(reasons[2] == "no connection to example.org")
    }

    @Test func failsIfTold() async {
        let input: Value = [
            "people": [person("x", "https://example.org/x.ics")], "on_error": "fail",
        ]
        let refused = await failure {
            try await action.perform(request(input), services: MemoryServices())
        }
        #expect(refused?.code == "unavailable")
        #expect(refused?.isRetryable == true)
        #expect(refused?.message.contains("Person x") == true)
    }

    @Test func readsPeopleOfADatabaseInTheirOwnTimeZone() async throws {
        let answer = try await action.perform(
            request(["database": "contacts_profiles", "where": ["role": "Practitioner"]]),
            services: MemoryServices()
        )
        let busy = answer["busy"]?["c"]?.listValue?.first
        #expect(busy?["starts_at"]?.timestampValue?.rfc3339 == "2026-12-01T09:00:00Z")
        #expect(answer["people"]?.listValue?.first?["name"] == "Cene")
    }

    @Test func needsPeopleOrADatabase() async {
        let refused = await failure {
            try await action.perform(request([:]), services: MemoryServices())
        }
        #expect(refused?.details["field"] == "people")
    }
}
