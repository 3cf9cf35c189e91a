import EventModel
import Records
import Synchronization

/// A record source that holds what a test puts into it.
final class ScriptedSource: RecordSource {
    struct Failure: Error {}

    private struct State {
        var records: [String: [String: SourceRecord]] = [:]
        var requests: [Timestamp?] = []
        var failures = 0
    }

    private let state = Mutex(State())
    private let pageRecords: Int

    init(pageRecords: Int = 2) { self.pageRecords = pageRecords }

    /// The `editedSince` of each scan so far.
    var scans: [Timestamp?] { state.withLock { $0.requests } }

    func put(_ database: String, _ record: SourceRecord) {
        state.withLock { $0.records[database, default: [:]][record.sourceID] = record }
    }

    func remove(_ database: String, _ sourceID: String) {
        state.withLock { $0.records[database]?[sourceID] = nil }
    }

    func failNextScans(_ count: Int) { state.withLock { $0.failures = count } }

    func records(
        of database: String,
        editedSince since: Timestamp?,
        cursor: String?
    ) async throws -> SourcePage {
        try state.withLock { state in
            if state.failures > 0 {
                state.failures -= 1
                throw Failure()
            }
            if cursor == nil { state.requests.append(since) }
            let wanted = (state.records[database] ?? [:]).values
                .filter { record in since.map { record.editedAt >= $0 } ?? true }
                .sorted { ($0.editedAt, $0.sourceID) < ($1.editedAt, $1.sourceID) }
            let start = cursor.flatMap { Int($0) } ?? 0
            let end = min(start + pageRecords, wanted.count)
            return SourcePage(
                records: Array(wanted[start..<end]),
                nextCursor: end < wanted.count ? String(end) : nil,
                isComplete: true
            )
        }
    }
}

extension DatabaseCatalogue {
    /// One small database, `contacts`.
    static let sample = DatabaseCatalogue(databases: [
        DatabaseSchema(
            key: "contacts",
            title: "Contacts",
            purpose: "People.",
            table: "contacts",
            environmentVariable: "CONTACTS",
            aliases: ["Contact"],
            matchFields: ["email"],
            fields: [
                FieldSchema(
                    key: "name",
                    notionName: "Name",
                    type: .title,
                    column: "name",
                    postgresType: "text"
                ),
                FieldSchema(
                    key: "status",
                    notionName: "Status",
                    type: .select,
                    column: "status",
                    postgresType: "text"
                ),
                FieldSchema(
                    key: "visits",
                    notionName: "Visits",
                    type: .number,
                    column: "visits",
                    postgresType: "numeric"
                ),
            ]
        )
    ])
}
