import EventModel
import HTTPClient
import Records
import Testing

@testable import Connectors

/// Creates whose outcome is unknown, with an index that trails: what the sandbox does not play.
@Suite struct NotionRowsTests {
    private let time = SkippingTime()

    private static let table = try? NotionTable(
        schema: DatabaseSchema(
            key: "tasks",
            title: "Tasks",
            purpose: "",
            table: "tasks",
            environmentVariable: "X",
            aliases: [],
            matchFields: [],
            fields: [
                FieldSchema(
                    key: "daybook_id",
                    notionName: "Daybook ID",
                    type: .richText,
                    column: "daybook_id",
                    postgresType: "text"
                )
            ]
        ),
        source: NotionDataSource([
            "id": "ds",
            "properties": ["Daybook ID": ["id": "d", "type": "rich_text", "rich_text": [:]]],
        ])
    )

    private static let page: Value = [
        "object": "page", "id": "page-1", "created_time": "2026-06-27T17:01:00.000Z",
        "last_edited_time": "2026-06-27T17:01:00.000Z",
        "properties": ["Daybook ID": ["id": "d", "type": "rich_text", "rich_text": []]],
    ]

    private static func list(_ pages: [Value]) -> NotionScript.Answer {
        .reply(200, ["object": "list", "results": .list(pages), "has_more": false])
    }

    private func rows(_ script: NotionScript) -> NotionRows {
        NotionRows(
            directory: NotionDirectory(
                client: script.client(),
                catalogue: DatabaseCatalogue(databases: [])
            ),
            priority: .action
        )
    }

    private func create(
        _ rows: NotionRows,
        mayBeRepeat: Bool = false
    ) async throws -> (page: NotionPage, isNew: Bool) {
        try await rows.create(
            try #require(Self.table),
            [:],
            identity: "own-1",
            mayBeRepeat: mayBeRepeat,
            idempotencyKey: "key"
        )
    }

    @Test func waitsForTheIndexBeforeItSaysThatACreateFailed() async throws {
        // The create is lost; the row shows up at the second look after it.
        let script = NotionScript(time) { asked, number in
            if asked.path == "/v1/pages" { return .failure(.timeout) }
            return Self.list(number >= 3 ? [Self.page] : [])
        }
        let made = try await create(rows(script))
        #expect(made.page.id == "page-1")
        #expect(made.isNew)
        #expect(script.asked.count { $0.path == "/v1/pages" } == 1)
        let waited = script.asked[3].at - script.asked[1].at
        #expect(waited >= .seconds(7))
    }

    @Test func looksTwiceBeforeItCreatesAgain() async throws {
        // The first try is lost without trace, the index shows it only during the second.
        let script = NotionScript(time) { asked, number in
            if asked.path == "/v1/pages" { return .failure(.timeout) }
            return Self.list(number >= 5 ? [Self.page] : [])
        }
        let rows = rows(script)
        await #expect(throws: NotionError.self) { try await create(rows) }
        let made = try await create(rows)
        #expect(made.page.id == "page-1")
        #expect(!made.isNew)
        #expect(script.asked.count { $0.path == "/v1/pages" } == 1)
    }

    @Test func adoptsWhatNotionSaysItSaved() async throws {
        let script = NotionScript(time) { asked, _ in
            switch asked.path {
            case "/v1/pages":
                return NotionScript.error(
                    503,
                    "service_unavailable",
                    additional: ["committed_resource_id": "page-1"]
                )
            case "/v1/pages/page-1": return .reply(200, Self.page)
            default: return Self.list([])
            }
        }
        let made = try await create(rows(script))
        #expect(made.page.id == "page-1")
        #expect(script.asked.count { $0.path == "/v1/pages" } == 1)
    }

    @Test func looksAgainAfterAConflict() async throws {
        let script = NotionScript(time) { asked, number in
            if asked.path == "/v1/pages" {
                return number < 4
                    ? NotionScript.error(409, "conflict_error") : .reply(200, Self.page)
            }
            return Self.list([])
        }
        let made = try await create(rows(script))
        #expect(made.isNew)
        let paths = script.asked.map { $0.path == "/v1/pages" ? "create" : "look" }
        #expect(paths == ["look", "create", "look", "create", "look", "create"])
    }

    @Test func givesUpOnWhatIsWrong() async throws {
        let script = NotionScript(time) { asked, _ in
            asked.path == "/v1/pages" ? NotionScript.error(400, "validation_error") : Self.list([])
        }
        let rows = rows(script)
        await #expect(throws: NotionError.self) { try await create(rows) }
        #expect(script.asked.count == 2)
    }
}
