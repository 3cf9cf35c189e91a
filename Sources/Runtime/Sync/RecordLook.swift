import EventLog
import EventModel
import Logging
import Records
import WorkflowEngine

/// One look at one database, page by page.
struct RecordLook {
    private static let conflictsMax = 20
    private static let pageRows = 500

    let schema: DatabaseSchema
    let began: Timestamp
    /// Nil reads all rows.
    let since: Timestamp?
    /// The newest edit that was seen so far.
    private(set) var newest: Timestamp?
    let context: EngineContext
    private let personal: PersonalData
    private(set) var report: SyncReport.DatabaseReport
    private var seen: Set<String> = []

    init(
        schema: DatabaseSchema,
        began: Timestamp,
        since: Timestamp?,
        newest: Timestamp?,
        context: EngineContext
    ) {
        self.schema = schema
        self.began = began
        self.since = since
        self.newest = newest
        self.context = context
        personal = PersonalData(databases: DatabaseCatalogue(databases: [schema]))
        report = SyncReport.DatabaseReport(database: schema.key, isFull: since == nil)
    }

    mutating func run(_ source: any RecordSource) async throws {
        var cursor: String?
        repeat {
            try Task.checkCancellation()
            let page = try await source.records(
                of: schema.key,
                editedSince: since,
                cursor: cursor
            )
            report.pageCount += 1
            report.recordCount += page.records.count
            if !page.isComplete { report.isComplete = false }
            try await take(page.records)
            for record in page.records {
                newest = max(newest ?? record.editedAt, record.editedAt)
                if since == nil { seen.insert(record.sourceID) }
            }
            cursor = page.nextCursor
        } while cursor != nil
        // An empty answer is rather a source that was unplugged than a database that was emptied.
        if since == nil, report.isComplete, report.recordCount > 0 { try await takeMissing() }
    }

    /// Appends what changed on a page, all at once.
    private mutating func take(_ records: [SourceRecord]) async throws {
        for _ in 0..<RecordLook.conflictsMax {
            var writes: [StreamWrite] = []
            var kinds: [RecordEvent.Kind] = []
            var taken: Set<String> = []
            // The source may list a row twice on a page when it moves meanwhile.
            for record in records where taken.insert(record.sourceID).inserted {
                guard let (write, events) = try write(for: record) else { continue }
                writes.append(write)
                kinds += events.map(\.kind)
            }
            if try await append(writes, kinds) { return }
        }
        throw EventLogError(
            .wrongExpectedRevision,
            "the records of \(schema.key) never stand still"
        )
    }

    private func write(
        for record: SourceRecord
    ) throws -> (StreamWrite, [RecordEvent])? {
        let known = try knownRow(record.sourceID)
        let key = PushedRow.key(database: schema.key, remoteID: record.sourceID)
        let pushed = try context.views.value(ViewTables.pushed, key)
            .flatMap { PushedRow(try Value(canonicalBytes: $0)) }
        let comparison = RecordComparison(schema: schema, settling: RecordSync.settling)
        let events = comparison.events(
            known: known,
            pushed: pushed,
            record: record,
            now: context.time.now
        )
        guard let first = events.first else { return nil }
        let write = write(
            events,
            to: first.stream,
            after: known?.count ?? 0,
            by: record.editedBy
        )
        return (write, events)
    }

    private func write(
        _ events: [RecordEvent],
        to stream: StreamName,
        after count: UInt64,
        by actor: String
    ) -> StreamWrite {
        let proposed = events.enumerated().map { index, event in
            ProposedEvent(
                id: DerivedIdentity.recordEvent(
                    stream: stream,
                    revision: count + UInt64(index),
                    data: personal.redacted(
                        event.data,
                        type: event.type,
                        database: schema.key
                    ).digest
                ),
                type: event.type,
                schema: RecordEvent.schemaVersion,
                actor: actor,
                data: event.data,
                metadata: ["source": "sync"]
            )
        }
        return StreamWrite(
            stream: stream,
            expected: count == 0 ? .none : .exact(count - 1),
            events: proposed
        )
    }

    /// What the log knows: the views' row, folded on with what came since.
    private func knownRow(_ sourceID: String) throws -> RecordRow? {
        let key = RecordRow.key(database: schema.key, sourceID: sourceID)
        var row = try context.views.value(ViewTables.records, key)
            .flatMap { RecordRow(try Value(canonicalBytes: $0)) }
        let stream = RecordEvent.stream(database: schema.key, sourceID: sourceID)
        while true {
            let page = try context.store.readStream(
                stream,
                from: row?.count ?? 0,
                direction: .forward,
                limit: RecordLook.pageRows
            )
            for event in page {
                let happened = try RecordEvent(type: event.type, data: event.data)
                row = RecordRow.evolve(row, happened, event)
            }
            if page.count < RecordLook.pageRows { return row }
        }
    }

    /// Returns false if a record has changed in the log meanwhile, and everything must be compared anew.
    private mutating func append(
        _ writes: [StreamWrite],
        _ kinds: [RecordEvent.Kind]
    ) async throws -> Bool {
        guard !writes.isEmpty else { return true }
        do throws(EventLogError) {
            _ = try await context.store.append(writes)
        } catch {
            guard error.code == .wrongExpectedRevision else { throw error }
            return false
        }
        for kind in kinds {
            switch kind {
            case .created: report.createdCount += 1
            case .updated: report.updatedCount += 1
            case .trashed: report.trashedCount += 1
            case .restored: report.restoredCount += 1
            }
        }
        return true
    }

    /// Records the rows that a complete scan no longer holds as gone.
    ///
    /// The source does not list what is in the trash. Rows that were touched lately are left for the next
    /// scan, because a query may not know them yet.
    private mutating func takeMissing() async throws {
        let prefix = RecordRow.prefix(database: schema.key)
        var from: [UInt8]?
        while true {
            let page = try context.views.rows(
                ViewTables.records,
                prefix: prefix,
                from: from,
                limit: RecordLook.pageRows
            )
            for entry in page {
                let sourceID = String(decoding: entry.key.dropFirst(prefix.count), as: UTF8.self)
                guard !seen.contains(sourceID), let row = try knownRow(sourceID) else { continue }
                let isFresh = began - row.state.editedAt < RecordSync.freshness
                guard !row.state.isTrashed, !isFresh else { continue }
                let event = RecordEvent(
                    database: schema.key,
                    sourceID: sourceID,
                    kind: .trashed,
                    editedAt: began
                )
                let write = write(
                    [event],
                    to: event.stream,
                    after: row.count,
                    by: context.configuration.actor
                )
                _ = try await append([write], [event.kind])
            }
            guard let last = page.last, page.count == RecordLook.pageRows else { return }
            from = last.key + [0]
        }
    }
}
