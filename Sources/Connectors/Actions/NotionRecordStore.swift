public import EventModel
import Records
import Synchronization
public import WorkflowEngine

/// Where actions find records: Notion, or a table in a test.
public protocol RecordFinding: Sendable {
    /// Records whose fields have the given values, oldest first, each as `{id, …fields}`.
    func records(
        in database: String,
        where conditions: ValueMap,
        limit: Int
    ) async throws(ActionFailure) -> [Value]
}

/// The records of Notion's databases, for actions: found, created once, updated where they differ.
public final class NotionRecordStore: RecordFinding {
    /// What ``findOrCreate(_:matching:_:request:)`` came to.
    struct Found: Sendable {
        var record: Value
        var isNew: Bool
        /// Other records that match some of the fields.
        var alsoMatched: [String]
    }

    private struct Recent {
        var pageID: String
        var at: Timestamp
    }

    /// Notion's index trails its writes; for this long a record that was just made is known by
    /// heart.
    private static let recentLifetime = Duration.seconds(300)
    private static let candidatesMax = 1000

    private let rows: NotionRows
    private let normalizer: ContactNormalizer
    private let lock = KeyedLock()
    private let recent = Mutex<[String: Recent]>([:])

    /// Works through a directory's client, before sinks and polls.
    public init(directory: NotionDirectory, normalizer: ContactNormalizer = ContactNormalizer()) {
        rows = NotionRows(directory: directory, priority: .action)
        self.normalizer = normalizer
    }

    public func records(
        in database: String,
        where conditions: ValueMap,
        limit: Int
    ) async throws(ActionFailure) -> [Value] {
        try await withTable(database) { (table) async throws(NotionError) -> [Value] in
            var filters: [Value] = []
            for key in conditions.stringKeys {
                filters.append(try condition(key, conditions[key] ?? .null, table))
            }
            let pages = try await rows.rows(
                table,
                filter: NotionFilter.and(filters),
                limit: limit
            )
            var records: [Value] = []
            for page in pages {
                let record = try await self.record(page, table)
                if matches(record, conditions, table) { records.append(record) }
            }
            return records
        }
    }

    func create(
        _ database: String,
        _ values: ValueMap,
        request: ActionRequest
    ) async throws(ActionFailure) -> Value {
        try await withTable(database) { (table) async throws(NotionError) -> Value in
            try await create(table, values, request).record
        }
    }

    func update(
        _ database: String,
        id: String,
        _ changes: ValueMap,
        request: ActionRequest
    ) async throws(ActionFailure) -> Value {
        try await withTable(database) { (table) async throws(NotionError) -> Value in
            let update = try await rows.update(
                table,
                page: id,
                try await rows.resolved(changes, page: id, table),
                idempotencyKey: request.idempotencyKey
            )
            return try await record(update.page, table)
        }
    }

    /// Finds the record that has one of the match fields' values, in normal form, or creates it.
    ///
    /// Calls for the same value go one after the other. Records that match an earlier match field win
    /// over those that match a later one; several that match the same one are a failure,
    /// `ambiguous_match`, with all of them in its details.
    func findOrCreate(
        _ database: String,
        matching fields: [String]?,
        _ values: ValueMap,
        request: ActionRequest
    ) async throws(ActionFailure) -> Found {
        try await withTable(database) { (table) async throws(NotionError) -> Found in
            let keys = try matchValues(table, fields, values)
            try requireOne(table, values)
            let names = keys.map { "\(table.schema.key)/\($0.field)/\($0.normal)" }
            await lock.lock(names)
            defer { lock.unlock(names) }
            return try await findOrCreate(table, keys, names, values, request)
        }
    }

    private func withTable<Result>(
        _ database: String,
        _ body: (NotionTable) async throws(NotionError) -> Result
    ) async throws(ActionFailure) -> Result {
        do throws(NotionError) {
            return try await rows.withTable(database, body)
        } catch {
            if error.code == NotionRecordStore.ambiguous { throw ambiguousFailure(error) }
            throw NotionFailure.failure(error)
        }
    }

    private static let ambiguous = NotionError.Code(rawValue: "ambiguous_match")

    private func findOrCreate(
        _ table: NotionTable,
        _ keys: [(field: String, value: Value, normal: String)],
        _ names: [String],
        _ values: ValueMap,
        _ request: ActionRequest
    ) async throws(NotionError) -> Found {
        for name in names {
            guard let pageID = recentPage(name) else { continue }
            let page = try await rows.client.page(pageID)
            guard !page.isTrashed else { continue }
            let record = try await record(page, table)
            let isOurs = record[NotionTable.identityField] == .string(identity(request))
            return Found(record: record, isNew: isOurs, alsoMatched: [])
        }
        var conditions = [
            try NotionFilter.equals(
                NotionTable.identityField,
                .string(identity(request)),
                in: table
            )
        ]
        for key in keys {
            let (_, property) = try table.column(key.field)
            conditions += normalizer.candidates(key.value, property: property)
        }
        let pages = try await rows.rows(
            table,
            filter: NotionFilter.or(conditions),
            limit: NotionRecordStore.candidatesMax
        )
        var candidates: [Value] = []
        for page in pages { candidates.append(try await record(page, table)) }
        if let own = candidates.first(where: {
            $0[NotionTable.identityField] == .string(identity(request))
        }) {
            return Found(record: own, isNew: true, alsoMatched: [])
        }
        if let found = try chosen(candidates, keys, table) { return found }
        let (record, pageID) = try await create(table, values, request, hasLooked: true)
        remember(names, pageID)
        return Found(record: record, isNew: true, alsoMatched: [])
    }

    /// The record that matches best; nil if none does.
    private func chosen(
        _ candidates: [Value],
        _ keys: [(field: String, value: Value, normal: String)],
        _ table: NotionTable
    ) throws(NotionError) -> Found? {
        let matching = candidates.filter { record in
            keys.contains { normal(record, $0.field, table) == $0.normal }
        }
        let ids = matching.compactMap { $0["id"]?.stringValue }
        for key in keys {
            let equal = matching.filter { normal($0, key.field, table) == key.normal }
            guard let record = equal.first else { continue }
            guard equal.count == 1 else {
                let names = equal.compactMap { $0["id"]?.stringValue }
                throw NotionError(
                    NotionRecordStore.ambiguous,
                    names.joined(separator: ","),
                    field: key.field
                )
            }
            let id = record["id"]?.stringValue
            return Found(record: record, isNew: false, alsoMatched: ids.filter { $0 != id })
        }
        return nil
    }

    private func create(
        _ table: NotionTable,
        _ values: ValueMap,
        _ request: ActionRequest,
        hasLooked: Bool = false
    ) async throws(NotionError) -> (record: Value, pageID: String) {
        let completed = RecordDefaults.completed(
            values,
            table: table,
            identity: identity(request)
        )
        let (page, _) = try await rows.create(
            table,
            completed,
            identity: identity(request),
            hasLooked: hasLooked,
            mayBeRepeat: request.attempt > 1,
            idempotencyKey: request.idempotencyKey
        )
        return (try await record(page, table), page.id)
    }

    /// What *Daybook ID* holds of a record that a step creates: the same for every try of the step.
    private func identity(_ request: ActionRequest) -> String {
        "step-" + Digest.sha256(request.idempotencyKey.utf8).hexadecimal.prefix(32)
    }

    private func record(_ page: NotionPage, _ table: NotionTable) async throws(NotionError) -> Value
    {
        var fields = try await rows.reader.fields(page, table)
        fields["id"] = .string(page.id)
        return .map(fields)
    }

    private func condition(
        _ key: String,
        _ value: Value,
        _ table: NotionTable
    ) throws(NotionError) -> Value {
        let (_, property) = try table.column(key)
        let isContact = property.type == "email" || property.type == "phone_number"
        guard isContact, value.stringValue != nil else {
            return try NotionFilter.equals(key, value, in: table)
        }
        return NotionFilter.or(normalizer.candidates(value, property: property))
    }

    /// Compares what Notion could only narrow down: addresses and numbers.
    private func matches(_ record: Value, _ conditions: ValueMap, _ table: NotionTable) -> Bool {
        conditions.stringKeys.allSatisfy { key in
            guard let type = table.properties[key]?.type, let value = conditions[key],
                type == "email" || type == "phone_number", value.stringValue != nil
            else { return true }
            return normalizer.normal(record[key] ?? .null, type: type)
                == normalizer.normal(value, type: type)
        }
    }

    private func matchValues(
        _ table: NotionTable,
        _ fields: [String]?,
        _ values: ValueMap
    ) throws(NotionError) -> [(field: String, value: Value, normal: String)] {
        let fields = fields ?? table.schema.matchFields
        var keys: [(field: String, value: Value, normal: String)] = []
        for field in fields {
            let (_, property) = try table.column(field)
            guard let value = values[field], !value.isNull, value != .string("") else { continue }
            let normal = normalizer.normal(value, type: property.type)
            guard let text = normal.stringValue else {
                throw NotionError(
                    .invalidValue,
                    "'\(field)' must be a text to match by, not a \(value.typeName)",
                    field: field
                )
            }
            keys.append((field, value, text))
        }
        guard !keys.isEmpty else {
            throw NotionError(
                .invalidValue,
                "the record has no value to match by; give one of: "
                    + fields.joined(separator: ", "),
                field: fields.first ?? "match_fields"
            )
        }
        return keys
    }

    private func requireOne(_ table: NotionTable, _ values: ValueMap) throws(NotionError) {
        let required = table.schema.requiredOneOf
        guard !required.isEmpty else { return }
        let hasOne = required.contains {
            !(values[$0] ?? .null).isNull && values[$0] != .string("")
        }
        guard !hasOne else { return }
        throw NotionError(
            .invalidValue,
            "a record of \(table.schema.key) needs one of: " + required.joined(separator: ", "),
            field: required[0]
        )
    }

    private func normal(_ record: Value, _ field: String, _ table: NotionTable) -> String? {
        guard let type = table.properties[field]?.type else { return nil }
        return normalizer.normal(record[field] ?? .null, type: type).stringValue
    }

    private func recentPage(_ name: String) -> String? {
        let horizon = rows.client.core.time.now - NotionRecordStore.recentLifetime
        return recent.withLock { recent in
            recent = recent.filter { $0.value.at > horizon }
            return recent[name]?.pageID
        }
    }

    private func remember(_ names: [String], _ pageID: String) {
        let now = rows.client.core.time.now
        recent.withLock { recent in
            for name in names { recent[name] = Recent(pageID: pageID, at: now) }
        }
    }

    private func ambiguousFailure(_ error: NotionError) -> ActionFailure {
        let ids = error.message.split(separator: ",").map { Value.string(String($0)) }
        let field = error.field ?? ""
        return ActionFailure(
            code: "ambiguous_match",
            message: "\(ids.count) records have the same \(field); merge them in Notion and resume",
            isRetryable: false,
            details: ["field": .string(field), "matches": .list(ids)]
        )
    }
}
