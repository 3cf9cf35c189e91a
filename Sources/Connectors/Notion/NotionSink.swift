import EventModel
public import Projections
import Records
import Synchronization
import WorkflowEngine

/// Pushes the rows of projections into Notion's databases.
///
/// A row's key stands in the property *Daybook ID*: by it a row is found again after a restart, or
/// after a create whose outcome is unknown. Only what differs is written, with *Last Synced* if the
/// database has it. A row never goes back: the last position written is kept in the process, and in
/// the field `log_position` of databases that declare one; without that field a row pushed late by
/// *another* process is not recognised, which the lock on the log folder rules out.
///
/// A relation may name rows by Daybook's id, such as a task's workflow instance: it is looked up in
/// the target database, and left out for as long as that row is not there.
public final class NotionSink: Sink {
    private struct Written {
        var pageID: String
        var position: Position
        var columns: ValueMap
    }

    public let kind = "notion"
    /// Rows go one after the other: at three requests a second more would only wait in the queue.
    public let batchRowsMax = 10

    private static let rememberedRowsMax = 50_000

    private let rows: NotionRows
    private let written = Mutex<[String: Written]>([:])

    /// Writes through a directory's client, behind the actions.
    public init(directory: NotionDirectory) {
        rows = NotionRows(directory: directory, priority: .sink)
    }

    public func push(
        _ rows: [Row],
        to binding: SinkBinding
    ) async throws(SinkFailure) -> [PushOutcome] {
        let table: NotionTable
        do throws(NotionError) {
            table = try await self.rows.directory.table(binding.target)
            _ = try table.column(NotionTable.identityField)
        } catch {
            throw NotionSink.failure(error)
        }
        for mapping in binding.fields where table.schema.field(mapping.field) == nil {
            let error = NotionTable.unknownField(mapping.field, table.schema)
            let reason = "the column '\(mapping.column)': \(error.message)"
            return rows.map { _ in .refused(reason: reason) }
        }
        var outcomes: [PushOutcome] = []
        for row in rows { outcomes.append(try await push(row, to: binding)) }
        return outcomes
    }

    private func push(
        _ row: Row,
        to binding: SinkBinding
    ) async throws(SinkFailure) -> PushOutcome {
        do throws(NotionError) {
            return try await rows.withTable(binding.target) {
                (table) async throws(NotionError) -> PushOutcome in
                try await push(row, to: binding, table)
            }
        } catch {
            guard error.code == .invalidValue || error.code == .validation else {
                throw NotionSink.failure(error)
            }
            return .refused(reason: error.message)
        }
    }

    private func push(
        _ row: Row,
        to binding: SinkBinding,
        _ table: NotionTable
    ) async throws(NotionError) -> PushOutcome {
        let memoryKey = table.schema.key + "/" + row.key
        let before = written.withLock { $0[memoryKey] }
        if let before, row.position <= before.position || row.columns == before.columns {
            return .unchanged(remoteID: before.pageID)
        }
        let values = try await values(row, binding, table)
        let (pageID, hasChanged) = try await put(row, values, table, knownPage: before?.pageID)
        remember(
            memoryKey,
            Written(pageID: pageID, position: row.position, columns: row.columns)
        )
        return hasChanged ? .written(remoteID: pageID) : .unchanged(remoteID: pageID)
    }

    /// Puts a row's values where they belong; returns the page and whether anything was written.
    private func put(
        _ row: Row,
        _ values: ValueMap,
        _ table: NotionTable,
        knownPage: String?
    ) async throws(NotionError) -> (String, Bool) {
        var stamp = ValueMap()
        if table.properties[NotionTable.syncedField] != nil {
            stamp[NotionTable.syncedField] = .timestamp(rows.client.core.time.now)
        }
        if table.properties[NotionTable.positionField] != nil {
            stamp[NotionTable.positionField] = .uint(row.position.value)
        }
        let idempotencyKey = "\(table.schema.key)/\(row.key)@\(row.position)"
        if let knownPage {
            do throws(NotionError) {
                let update = try await rows.update(
                    table,
                    page: knownPage,
                    values,
                    stamp: stamp,
                    idempotencyKey: idempotencyKey
                )
                return (knownPage, update.hasChanged)
            } catch {
                // Trashed or deleted by somebody: it is looked for, and made anew if need be.
                guard error.code == .notFound else { throw error }
            }
        }
        let (page, isNew) = try await rows.create(
            table,
            values.merging(stamp),
            identity: row.key,
            mayBeRepeat: false,
            idempotencyKey: idempotencyKey
        )
        if isNew { return (page.id, true) }
        if try isLater(page, than: row.position, table) { return (page.id, false) }
        let update = try await rows.update(
            table,
            page: page.id,
            values,
            stamp: stamp,
            idempotencyKey: idempotencyKey
        )
        return (page.id, update.hasChanged)
    }

    private func isLater(
        _ page: NotionPage,
        than position: Position,
        _ table: NotionTable
    ) throws(NotionError) -> Bool {
        guard let property = table.properties[NotionTable.positionField],
            let shown = page.properties[property.id],
            let there = PropertyReader.read(shown).intValue
        else { return false }
        return there >= 0 && UInt64(there) > position.value
    }

    /// Field key to value; fields that Notion does not have are left out.
    private func values(
        _ row: Row,
        _ binding: SinkBinding,
        _ table: NotionTable
    ) async throws(NotionError) -> ValueMap {
        var values = ValueMap()
        for mapping in binding.fields {
            guard table.properties[mapping.field] != nil,
                let field = table.schema.field(mapping.field)
            else { continue }
            let value = row.columns[mapping.column] ?? .null
            if let relation = field.relation, !value.isNull {
                let pages = try await pageIDs(value, target: relation.target)
                if let pages { values[mapping.field] = .list(pages) }
            } else {
                values[mapping.field] = value
            }
        }
        return values
    }

    /// Page ids for references; nil if a row that Daybook makes is not there yet.
    private func pageIDs(
        _ value: Value,
        target: String
    ) async throws(NotionError) -> [Value]? {
        var pages: [Value] = []
        for reference in value.listValue ?? [value] {
            // Daybook's ids are UUIDs of version 7, which Notion's page ids are not.
            guard let text = reference.stringValue, Identifier(text)?.version == 7 else {
                pages.append(reference)
                continue
            }
            let table = try await rows.directory.table(target)
            if let known = written.withLock({ $0[table.schema.key + "/" + text]?.pageID }) {
                pages.append(.string(known))
            } else if let page = try await rows.row(identity: text, table) {
                pages.append(.string(page.id))
            } else {
                return nil
            }
        }
        return pages
    }

    private func remember(_ key: String, _ entry: Written) {
        written.withLock { written in
            // What is forgotten is looked up again, so any victim will do.
            if written.count >= NotionSink.rememberedRowsMax, let victim = written.keys.first {
                written[victim] = nil
            }
            written[key] = entry
        }
    }

    private static func failure(_ error: NotionError) -> SinkFailure {
        SinkFailure(message: error.description, retryAfter: error.retryAfter)
    }
}
