import EventModel
import Records
import Synchronization
import WorkflowEngine

/// Reads and writes single rows so that a repeat does no harm: what the record actions and the sink
/// share.
///
/// Notion knows no idempotency key. Every row that Daybook creates therefore carries an id of ours
/// in the property *Daybook ID*: before a create the row is looked for, and after a create whose
/// outcome is unknown it is looked for again before anybody is told that it failed. As Notion's
/// index trails its writes, a create that may be a repeat waits and looks twice before it creates.
final class NotionRows: Sendable {
    /// What an update did.
    struct Update: Sendable {
        var page: NotionPage
        var hasChanged: Bool
    }

    private struct State {
        /// Creates without a known outcome, by identity.
        var pending: [String: Timestamp] = [:]
    }

    /// How long Notion's index may trail its writes, looked at after each of these.
    private static let indexDelays = [Duration.seconds(2), Duration.seconds(5)]
    private static let pendingLifetime = Duration.seconds(3600)
    private static let triesMax = 3

    let directory: NotionDirectory
    let client: NotionClient
    private let state = Mutex(State())

    init(directory: NotionDirectory, priority: NotionPriority) {
        self.directory = directory
        client = directory.client.with(priority: priority)
    }

    /// Does something with a table, and once more if Notion refused it and the table has changed: staff
    /// may have renamed or retyped a property since it was looked at.
    func withTable<Result>(
        _ database: String,
        _ body: (NotionTable) async throws(NotionError) -> Result
    ) async throws(NotionError) -> Result {
        let table = try await directory.table(database)
        do throws(NotionError) {
            return try await body(table)
        } catch {
            guard error.code == .validation else { throw error }
            directory.forget(database)
            let fresh = try await directory.table(database)
            guard fresh.properties != table.properties else { throw error }
            return try await body(fresh)
        }
    }

    var reader: NotionRowReader { NotionRowReader(client: client) }

    /// The rows that a filter wants, in the order of their creation.
    func rows(
        _ table: NotionTable,
        filter: Value?,
        limit: Int
    ) async throws(NotionError) -> [NotionPage] {
        var pages: [NotionPage] = []
        var cursor: String?
        repeat {
            let list = try await client.query(
                table.source.id,
                filter: filter,
                sorts: [["timestamp": "created_time", "direction": "ascending"]],
                cursor: cursor,
                pageSize: min(100, limit - pages.count)
            )
            pages += list.pages
            cursor = list.nextCursor
        } while cursor != nil && pages.count < limit
        return Array(pages.prefix(limit))
    }

    /// The row with an identity of ours; the oldest if there are several.
    func row(identity: String, _ table: NotionTable) async throws(NotionError) -> NotionPage? {
        let filter = try NotionFilter.equals(
            NotionTable.identityField,
            .string(identity),
            in: table
        )
        return try await rows(table, filter: filter, limit: 2).first
    }

    /// Creates a row, or finds the one that an earlier try created.
    ///
    /// - Parameters:
    ///   - values: field key to value.
    ///   - identity: what *Daybook ID* is to hold.
    ///   - hasLooked: true if the caller has just looked for the identity, in vain.
    ///   - mayBeRepeat: true if an earlier try may have created it a moment ago.
    /// - Returns: the page, and false if it was there before.
    func create(
        _ table: NotionTable,
        _ values: ValueMap,
        identity: String,
        hasLooked: Bool = false,
        mayBeRepeat: Bool,
        idempotencyKey: String
    ) async throws(NotionError) -> (page: NotionPage, isNew: Bool) {
        if !hasLooked, let page = try await row(identity: identity, table) { return (page, false) }
        let pendingKey = table.schema.key + "/" + identity
        if mayBeRepeat || isPending(pendingKey) {
            if let page = try await awaitRow(identity: identity, table) { return (page, false) }
        }
        var values = values
        values[NotionTable.identityField] = .string(identity)
        let properties = try wire(values, table)
        for _ in 1...NotionRows.triesMax {
            setPending(pendingKey, true)
            let failure: NotionError
            do throws(NotionError) {
                let page = try await client.createPage(
                    in: table.source.id,
                    properties: properties,
                    idempotencyKey: idempotencyKey
                )
                setPending(pendingKey, false)
                return (page, true)
            } catch {
                failure = error
            }
            if let id = failure.committedResourceID {
                let page = try await client.page(id)
                setPending(pendingKey, false)
                return (page, true)
            }
            if failure.isOutcomeUnknown {
                guard let page = try await awaitRow(identity: identity, table) else {
                    throw failure
                }
                setPending(pendingKey, false)
                return (page, true)
            }
            setPending(pendingKey, false)
            guard failure.code == .conflict else { throw failure }
            if let page = try await row(identity: identity, table) { return (page, true) }
        }
        throw NotionError(.conflict, "the row was not saved, \(NotionRows.triesMax) times over")
    }

    /// Changes the fields of a row that differ, and nothing if none does.
    ///
    /// After a conflict, or if it is unknown whether a write took effect, the row is read again and
    /// only what still differs is written.
    func update(
        _ table: NotionTable,
        page id: String,
        _ values: ValueMap,
        stamp: ValueMap = ValueMap(),
        idempotencyKey: String
    ) async throws(NotionError) -> Update {
        let desired = try wire(values, table)
        var failure: NotionError?
        for tries in 1...NotionRows.triesMax {
            let page = try await client.page(id)
            guard !page.isTrashed else {
                throw NotionError(
                    .notFound,
                    "the row \(id) of '\(table.schema.title)' is in Notion's trash; restore it"
                )
            }
            var changes = try await differing(desired, from: page, table)
            if changes.isEmpty { return Update(page: page, hasChanged: tries > 1) }
            for entry in try wire(stamp, table).entries { changes[entry.key] = entry.value }
            do throws(NotionError) {
                let updated = try await client.updatePage(
                    id,
                    properties: changes,
                    idempotencyKey: idempotencyKey
                )
                return Update(page: updated, hasChanged: true)
            } catch {
                guard error.code == .conflict || error.isOutcomeUnknown else { throw error }
                failure = error
            }
        }
        throw failure ?? NotionError(.conflict, "the row \(id) was not saved")
    }

    /// Property name to value in Notion's form.
    func wire(_ values: ValueMap, _ table: NotionTable) throws(NotionError) -> ValueMap {
        var properties = ValueMap()
        for key in values.stringKeys {
            let (field, property) = try table.column(key)
            properties[property.name] = try PropertyWriter.write(
                values[key] ?? .null,
                field: field,
                property: property
            )
        }
        return properties
    }

    private func differing(
        _ desired: ValueMap,
        from page: NotionPage,
        _ table: NotionTable
    ) async throws(NotionError) -> ValueMap {
        var changes = ValueMap()
        for field in table.schema.fields {
            guard let property = table.properties[field.key],
                let wanted = desired[property.name]
            else { continue }
            let shown = page.properties[property.id] ?? .null
            let whole = try await reader.complete(shown, property: property, page: page)
            let present = PropertyReader.read(whole, isJSON: field.isJSON)
            let future = PropertyReader.read(wanted, isJSON: field.isJSON)
            let isSame =
                PropertyReader.levelled(present, type: property.type)
                == PropertyReader.levelled(future, type: property.type)
            if !isSame { changes[property.name] = wanted }
        }
        return changes
    }

    private func awaitRow(
        identity: String,
        _ table: NotionTable
    ) async throws(NotionError) -> NotionPage? {
        for delay in NotionRows.indexDelays {
            do {
                try await client.core.time.sleep(until: client.core.time.now + delay)
            } catch {
                throw NotionError(.cancelled, "cancelled while waiting for Notion's index")
            }
            if let page = try await row(identity: identity, table) { return page }
        }
        return nil
    }

    private func isPending(_ key: String) -> Bool {
        let horizon = client.core.time.now - NotionRows.pendingLifetime
        return state.withLock { state in
            state.pending = state.pending.filter { $0.value > horizon }
            return state.pending[key] != nil
        }
    }

    private func setPending(_ key: String, _ isPending: Bool) {
        let now = client.core.time.now
        state.withLock { $0.pending[key] = isPending ? now : nil }
    }
}
