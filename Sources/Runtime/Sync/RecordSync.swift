import Documents
import EventLog
import EventModel
import Logging
import Records
import WorkflowEngine

/// Polls the record source and records what changed there.
///
/// Each look begins an overlap before the newest edit that was seen, because the source's times are
/// coarse and its queries lag; what comes twice is recognised by content. The place to begin the next
/// look is kept only after the events of this one are durable.
final class RecordSync: Sendable {
    static let name = "sync"
    /// Notion's queries may lag behind writes for about this long.
    static let settling: Duration = .seconds(120)
    /// A row that was touched this lately may be missing from a scan without being gone.
    static let freshness: Duration = .seconds(600)
    static let reconcileInterval: Duration = .seconds(6 * 3600)

    let source: any RecordSource
    let databases: DatabaseCatalogue
    let context: EngineContext
    private let locks = KeyedLock<String>()

    init(source: any RecordSource, databases: DatabaseCatalogue, context: EngineContext) {
        self.source = source
        self.databases = databases
        self.context = context
    }

    /// Polls until the task is cancelled.
    func run() async {
        while !Task.isCancelled, !context.board.state.isStopping {
            for schema in polled {
                guard !Task.isCancelled, !context.board.state.isStopping else { return }
                await poll(schema)
            }
            await context.pause(RecordSync.name, for: context.configuration.pollInterval)
        }
    }

    private func poll(_ schema: DatabaseSchema) async {
        let name = "\(RecordSync.name):\(schema.key)"
        do {
            _ = try await context.board.busy { try await look(at: schema) }
            context.board.recovered(name)
        } catch {
            if Task.isCancelled { return }
            // A source that is down is tried again with the next poll; the others go on.
            context.logger.warning(
                "a database cannot be looked at",
                metadata: ["database": "\(schema.key)", "error": "\(error)"]
            )
            context.board.failed(name, "\(error)", at: context.time.now)
        }
    }

    /// Looks at databases now.
    func syncNow(_ names: [String]?) async throws -> SyncReport {
        var wanted: [DatabaseSchema] = []
        for name in names ?? [] {
            guard let schema = databases.database(name) else {
                let known = databases.databases.map(\.key)
                throw EngineError.unknownDatabase(
                    name,
                    remedy: Suggestion.remedy(for: name, among: known)
                )
            }
            wanted.append(schema)
        }
        var report = SyncReport()
        for schema in names == nil ? polled : wanted {
            let part = try await context.board.busy { try await look(at: schema) }
            report.databases.append(part)
        }
        return report
    }

    private var polled: [DatabaseSchema] {
        guard let names = context.configuration.polledDatabases else {
            return databases.databases
        }
        return names.compactMap(databases.database)
    }

    private func look(at schema: DatabaseSchema) async throws -> SyncReport.DatabaseReport {
        try await locks.withLock(schema.key) {
            let began = context.time.now
            let kept = try context.views.value(ViewTables.syncCursors, ViewKey.text(schema.key))
                .flatMap { SyncCursor(try Value(canonicalBytes: $0)) }
            let isFull = kept.map { began - $0.scannedAt > RecordSync.reconcileInterval } ?? true
            let since = isFull ? nil : kept.map { $0.newest - context.configuration.pollOverlap }
            var look = RecordLook(
                schema: schema,
                began: began,
                since: since,
                newest: kept?.newest,
                context: context
            )
            try await look.run(source)
            let cursor = SyncCursor(
                newest: look.newest ?? began,
                scannedAt: isFull && look.report.isComplete ? began : kept?.scannedAt ?? began
            )
            try await context.views.put([
                (
                    table: ViewTables.syncCursors, key: ViewKey.text(schema.key),
                    value: cursor.value.canonicalBytes
                )
            ])
            if look.report.eventCount > 0 {
                context.logger.info(
                    "a database has changed",
                    metadata: [
                        "database": "\(schema.key)", "events": "\(look.report.eventCount)",
                    ]
                )
            }
            return look.report
        }
    }
}
