import EventModel
public import Projections
import Synchronization

/// Pushes rows of projections to tables of a PostgreSQL database, Supabase's included.
///
/// A row with the key and position of ``Projections/Row`` replaces what stands there only if its
/// position is higher, so pushes can be repeated and can come out of order. A batch is one
/// transaction. A row that the table can never hold is refused with the reason while the others
/// are written.
public final class PostgresSink: Sink {
    private let client: PostgresClient
    private let schema: String
    private let createsTables: Bool
    /// The column types of the tables seen so far.
    private let known = Mutex<[String: [String: PostgresColumnType]]>([:])

    public let kind = "postgres"
    public let batchRowsMax: Int

    /// Makes a sink.
    ///
    /// - Parameters:
    ///   - client: the database.
    ///   - schema: where the tables are.
    ///   - createsTables: true makes missing tables and columns, with types that fit the rows at
    ///     hand; false leaves that to ``prepare(_:types:)`` and migrations.
    ///   - batchRowsMax: rows of one transaction.
    public init(
        _ client: PostgresClient,
        schema: String = "daybook",
        createsTables: Bool = false,
        batchRowsMax: Int = 1000
    ) {
        self.client = client
        self.schema = schema
        self.createsTables = createsTables
        self.batchRowsMax = batchRowsMax
    }

    /// Makes the table of a binding, or adds the columns that it lacks.
    ///
    /// - Parameters:
    ///   - binding: the table and its columns.
    ///   - types: by column name; a column that is not named becomes `text`, which takes every
    ///     value.
    /// - Throws: ``PostgresError``; 42501 if the user may not create.
    public func prepare(
        _ binding: SinkBinding,
        types: [String: PostgresColumnType] = [:]
    ) async throws(PostgresError) {
        let columns = binding.fields.map {
            PostgresTable.Column($0.field, types[$0.field] ?? .text)
        }
        try await create(PostgresTable(schema: schema, name: binding.target, columns: columns))
    }

    private func create(_ table: PostgresTable) async throws(PostgresError) {
        let statements = try table.statements()
        try await client.transaction { connection throws(PostgresError) in
            // Two that create at once would trip over each other in the catalogue.
            _ = try connection.query("SELECT pg_advisory_xact_lock(hashtext('daybook tables'))")
            for statement in statements { _ = try connection.query(statement) }
        }
        known.withLock { $0[table.name] = nil }
    }

    public func push(
        _ rows: [Row],
        to binding: SinkBinding
    ) async throws(SinkFailure) -> [PushOutcome] {
        guard !rows.isEmpty else { return [] }
        do throws(PostgresError) {
            let filled = filled(binding, by: rows)
            let types = try await types(of: filled, fitting: rows)
            // Columns that stand there already are written also when they become null.
            var known = binding
            known.fields.removeAll { types[$0.field] == nil }
            let batch = try PostgresBatch(rows, known, schema: schema, types: types)
            return try await push(batch, known)
        } catch {
            known.withLock { $0[binding.target] = nil }
            throw failure(error, binding, rows)
        }
    }

    private func push(
        _ batch: PostgresBatch,
        _ binding: SinkBinding
    ) async throws(PostgresError) -> [PushOutcome] {
        do throws(PostgresError) {
            let written = try await client.transaction { connection throws(PostgresError) in
                try batch.write(on: connection)
            }
            return batch.outcomes(written: written, refused: [:])
        } catch {
            // Data that a constraint or type of the table refuses: find out which row it is.
            guard error.sqlstate.hasPrefix("22") || error.sqlstate.hasPrefix("23") else {
                throw error
            }
        }
        let (written, refused) = try await client.transaction {
            connection throws(PostgresError) in
            try batch.writeOneByOne(on: connection)
        }
        return batch.outcomes(written: written, refused: refused)
    }

    /// Without the columns of which no row tells the type yet, where this sink makes the columns
    /// itself.
    private func filled(_ binding: SinkBinding, by rows: [Row]) -> SinkBinding {
        guard createsTables else { return binding }
        var filled = binding
        filled.fields.removeAll { mapping in
            rows.allSatisfy { ($0.columns[mapping.column] ?? .null).isNull }
        }
        return filled
    }

    private func types(
        of binding: SinkBinding,
        fitting rows: [Row]
    ) async throws(PostgresError) -> [String: PostgresColumnType] {
        let wanted = binding.fields.map(\.field) + ["key", "position"]
        let remembered = known.withLock { $0[binding.target] }
        if let remembered, wanted.allSatisfy({ remembered[$0] != nil }) { return remembered }
        var types = try await readTypes(binding.target)
        if createsTables, wanted.contains(where: { types[$0] == nil }) {
            try await create(PostgresTable(schema: schema, binding: binding, fitting: rows))
            types = try await readTypes(binding.target)
        }
        let missing = wanted.filter { types[$0] == nil }
        guard missing.isEmpty else {
            let isTable = types.isEmpty
            let what = isTable ? "the table" : "the column \(missing[0]) of the table"
            let message = "\(what) \(schema).\(binding.target) does not exist"
            throw PostgresError(.refused, sqlstate: isTable ? "42P01" : "42703", message)
        }
        let found = types
        known.withLock { $0[binding.target] = found }
        return types
    }

    private func readTypes(
        _ table: String
    ) async throws(PostgresError) -> [String: PostgresColumnType] {
        let result = try await client.query(
            """
            SELECT column_name::text, udt_name::text FROM information_schema.columns
            WHERE table_schema = $1 AND table_name = $2
            """,
            [.string(schema), .string(table)]
        )
        var types: [String: PostgresColumnType] = [:]
        for row in result.rows {
            guard let name = row[0].stringValue, let type = row[1].stringValue else { continue }
            // A type that we do not know takes texts and says itself what it refuses.
            types[name] = PostgresColumnType(udtName: type) ?? .text
        }
        return types
    }

    private func failure(
        _ error: PostgresError,
        _ binding: SinkBinding,
        _ rows: [Row]
    ) -> SinkFailure {
        let table = "\(schema).\(binding.target)"
        switch error.sqlstate {
        case "42P01", "42703", "3F000":
            let definition = PostgresTable(schema: schema, binding: binding, fitting: rows)
            let statements = (try? definition.statements())?.joined(separator: "; ") ?? ""
            return SinkFailure(message: "\(error.message); create it: \(statements)")
        case "42501":
            let remedy =
                "grant its user USAGE on the schema and SELECT, INSERT, UPDATE on the table"
            return SinkFailure(message: "\(table): \(error); \(remedy)")
        case "42P10":
            let remedy = "make \"key\" its primary key"
            return SinkFailure(message: "\(table) has no unique key; \(remedy)")
        default:
            return SinkFailure(message: "\(table): \(error)")
        }
    }
}
