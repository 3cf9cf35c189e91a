import EventModel
import Records
import Testing

@testable import Connectors

/// The scan of a database against the sandbox's Notion.
@Suite struct NotionRecordSourceTests {
    private func scan(
        _ source: NotionRecordSource,
        _ database: String,
        since: Timestamp? = nil
    ) async throws -> (records: [SourceRecord], isComplete: Bool) {
        var records: [SourceRecord] = []
        var isComplete = true
        var cursor: String?
        repeat {
            let page = try await source.records(of: database, editedSince: since, cursor: cursor)
            records += page.records
            isComplete = isComplete && page.isComplete
            cursor = page.nextCursor
        } while cursor != nil
        return (records, isComplete)
    }

    private func create(_ count: Int, _ notion: SandboxNotion, apart: Duration) async throws {
        let table = try await notion.directory.table("use_cases")
        let rows = NotionRows(directory: notion.directory, priority: .action)
        for number in 0..<count {
            _ = try await notion.client.createPage(
                in: table.source.id,
                properties: try rows.wire(["title": .string("Case \(number)")], table),
                idempotencyKey: nil
            )
            notion.time.advance(by: apart)
        }
    }

    @Test func readsAllRowsPageByPageInTheOrderOfTheirEdits() async throws {
        let notion = try SandboxNotion(isEmpty: true)
        try await create(25, notion, apart: .seconds(60))
        let source = NotionRecordSource(directory: notion.directory, pageRowsMax: 10)
        let (records, isComplete) = try await scan(source, "use_cases")
        #expect(isComplete)
        #expect(records.map { $0.fields["title"] } == (0..<25).map { .string("Case \($0)") })
        #expect(records.allSatisfy { $0.editedBy.hasPrefix("notion:") && !$0.isTrashed })
    }

    @Test func readsTheWholeMinuteAgain() async throws {
        let notion = try SandboxNotion(isEmpty: true)
        try await create(10, notion, apart: .seconds(20))
        let source = NotionRecordSource(directory: notion.directory)
        let all = try await scan(source, "use_cases").records
        let middle = all[5].editedAt
        let since = try await scan(source, "use_cases", since: middle + .seconds(59)).records
        #expect(since.map(\.sourceID) == all.filter { $0.editedAt >= middle }.map(\.sourceID))
        #expect(since.count < all.count)
    }

    @Test func goesOnPastTheLimitOfAQuery() async throws {
        let notion = try SandboxNotion(isEmpty: true, queryResultsMax: 10)
        try await create(34, notion, apart: .seconds(60))
        let source = NotionRecordSource(directory: notion.directory, pageRowsMax: 4)
        let (records, isComplete) = try await scan(source, "use_cases")
        #expect(isComplete)
        #expect(Set(records.map(\.sourceID)).count == 34)
    }

    @Test func admitsThatOneMinuteHoldsTooMuch() async throws {
        let notion = try SandboxNotion(isEmpty: true, queryResultsMax: 10)
        try await create(15, notion, apart: .zero)
        let source = NotionRecordSource(directory: notion.directory)
        let since = notion.time.now - .seconds(600)
        let (records, isComplete) = try await scan(source, "use_cases", since: since)
        #expect(!isComplete)
        #expect(Set(records.map(\.sourceID)).count == 10)
    }

    @Test func completesLongRelations() async throws {
        let notion = try SandboxNotion()
        let campaign = try #require(try await notion.rows("marketing_campaigns").first?["id"])
        let contacts = try await notion.directory.table("contacts_profiles")
        let rows = NotionRows(directory: notion.directory, priority: .action)
        for number in 0..<40 {
            _ = try await notion.client.createPage(
                in: contacts.source.id,
                properties: try rows.wire(
                    [
                        "full_name": .string("Guest \(number)"),
                        "marketing_campaigns": .list([campaign]),
                    ],
                    contacts
                ),
                idempotencyKey: nil
            )
        }
        let source = NotionRecordSource(directory: notion.directory)
        let records = try await scan(source, "marketing_campaigns").records
        let record = try #require(records.first { .string($0.sourceID) == campaign })
        #expect(record.fields["contacts"]?.listValue?.count == 40)
    }

    @Test func refusesAForeignCursor() async throws {
        let notion = try SandboxNotion(isEmpty: true)
        let source = NotionRecordSource(directory: notion.directory)
        await #expect(throws: NotionError.self) {
            try await source.records(of: "use_cases", editedSince: nil, cursor: "abc")
        }
    }

    @Test func findsEveryFieldOfEveryDatabase() async throws {
        let notion = try SandboxNotion()
        for database in notion.catalogue.databases {
            let report = try await notion.directory.check(database.key)
            #expect(report.missing.isEmpty && report.differing.isEmpty, "\(report.lines)")
            _ = try await scan(NotionRecordSource(directory: notion.directory), database.key)
        }
    }
}
