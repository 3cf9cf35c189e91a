public import EventModel
public import Records

/// The rows of Notion's databases, for the synchronisation.
///
/// Rows come in the order of their last edit, so a row that is edited during a scan moves to its
/// end and is seen again. Past Notion's limit of 10,000 results the scan goes on from the last edit
/// seen; only if 10,000 rows share one minute is the result cut short.
public struct NotionRecordSource: RecordSource {
    private let directory: NotionDirectory
    private let client: NotionClient
    private let pageRowsMax: Int

    /// Reads through a directory's client, behind everything that somebody waits for.
    public init(directory: NotionDirectory, pageRowsMax: Int = 100) {
        self.directory = directory
        client = directory.client.with(priority: .poll)
        self.pageRowsMax = pageRowsMax
    }

    public func records(
        of database: String,
        editedSince since: Timestamp?,
        cursor: String?
    ) async throws -> SourcePage {
        try await page(of: database, since: since, cursor: cursor)
    }

    private func page(
        of database: String,
        since: Timestamp?,
        cursor: String?
    ) async throws(NotionError) -> SourcePage {
        let table = try await directory.table(database)
        let place = try cursor.map(ScanCursor.init(text:)) ?? ScanCursor(since: since)
        let list = try await client.query(
            table.source.id,
            filter: place.since.map(NotionRecordSource.filter),
            sorts: [["timestamp": "last_edited_time", "direction": "ascending"]],
            cursor: place.notionCursor,
            pageSize: pageRowsMax
        )
        let reader = NotionRowReader(client: client)
        var records: [SourceRecord] = []
        for page in list.pages { records.append(try await reader.record(page, table)) }
        if let next = list.nextCursor {
            let following = ScanCursor(since: place.since, notionCursor: next)
            return SourcePage(records: records, nextCursor: following.text, isComplete: true)
        }
        guard !list.isComplete else {
            return SourcePage(records: records, nextCursor: nil, isComplete: true)
        }
        guard let last = list.pages.last?.editedAt, place.since.map({ last > $0 }) ?? true else {
            return SourcePage(records: records, nextCursor: nil, isComplete: false)
        }
        return SourcePage(
            records: records,
            nextCursor: ScanCursor(since: last).text,
            isComplete: true
        )
    }

    /// Notion compares by the minute, so the whole minute is asked for.
    private static func filter(_ since: Timestamp) -> Value {
        let minute = NotionTime.text(NotionTime.flooredToMinute(since))
        return [
            "timestamp": "last_edited_time",
            "last_edited_time": ["on_or_after": .string(minute)],
        ]
    }
}

/// Where a scan stands: the window's beginning and Notion's own cursor in it.
struct ScanCursor: Hashable {
    var since: Timestamp?
    var notionCursor: String?

    init(since: Timestamp?, notionCursor: String? = nil) {
        self.since = since
        self.notionCursor = notionCursor
    }

    init(text: String) throws(NotionError) {
        let parts = text.split(separator: "|", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].isEmpty || Int64(parts[0]) != nil else {
            throw NotionError(.invalidValue, "'\(text)' is no cursor of a Notion scan")
        }
        since = Int64(parts[0]).map { Timestamp(microseconds: $0) }
        notionCursor = parts[1].isEmpty ? nil : String(parts[1])
    }

    var text: String { (since.map { String($0.microseconds) } ?? "") + "|" + (notionCursor ?? "") }
}
