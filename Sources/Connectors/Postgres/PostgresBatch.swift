import EventModel
import Projections

/// The rows of one push as texts, column by column, ready for one statement.
struct PostgresBatch: Sendable {
    /// One row that can be tried.
    private struct Line: Sendable {
        var key: String
        var texts: [String?]
    }

    private let rows: [Row]
    private let statement: String
    /// In the order of their keys, so that two batches never wait for each other in a circle.
    private let lines: [Line]
    /// Reasons by the place of the row in the push.
    private let refused: [Int: String]
    /// Places of rows of which a later state is in the push as well.
    private let superseded: Set<Int>

    init(
        _ rows: [Row],
        _ binding: SinkBinding,
        schema: String,
        types: [String: PostgresColumnType]
    ) throws(PostgresError) {
        self.rows = rows
        statement = try Self.statement(binding, schema: schema, types: types)
        var newest: [String: Int] = [:]
        for (place, row) in rows.enumerated() {
            if let other = newest[row.key], rows[other].position >= row.position { continue }
            newest[row.key] = place
        }
        var lines: [Line] = []
        var refused: [Int: String] = [:]
        for place in newest.values {
            do throws(PostgresError) {
                lines.append(try Self.line(rows[place], binding, types))
            } catch {
                refused[place] = error.description
            }
        }
        self.lines = lines.sorted { $0.key < $1.key }
        self.refused = refused
        superseded = Set(rows.indices).subtracting(newest.values)
    }

    private static func statement(
        _ binding: SinkBinding,
        schema: String,
        types: [String: PostgresColumnType]
    ) throws(PostgresError) -> String {
        let table = PostgresTable(schema: schema, name: binding.target, columns: [])
        var names = ["\"key\"", "\"position\""]
        var arrays = ["$1::text[]", "$2::bigint[]"]
        for (index, mapping) in binding.fields.enumerated() {
            names.append(try PostgresText.identifier(mapping.field))
            let type = types[mapping.field] ?? .text
            arrays.append("$\(index + 3)::\(type.rawValue)[]")
        }
        let updates = names.dropFirst().map { "\($0) = excluded.\($0)" }
        return """
            INSERT INTO \(try table.qualifiedName()) AS t (\(names.joined(separator: ", "))) \
            SELECT * FROM unnest(\(arrays.joined(separator: ", "))) \
            ON CONFLICT ("key") DO UPDATE SET \(updates.joined(separator: ", ")) \
            WHERE t."position" < excluded."position" RETURNING t."key"
            """
    }

    private static func line(
        _ row: Row,
        _ binding: SinkBinding,
        _ types: [String: PostgresColumnType]
    ) throws(PostgresError) -> Line {
        guard let position = Int64(exactly: row.position.value) else {
            throw PostgresError(.invalidValue, "the position is beyond a bigint")
        }
        var texts: [String?] = [try PostgresText.checked(row.key), "\(position)"]
        for mapping in binding.fields {
            let value = row.columns[mapping.column] ?? .null
            do throws(PostgresError) {
                texts.append(try (types[mapping.field] ?? .text).text(of: value))
            } catch {
                throw PostgresError(.invalidValue, "\(mapping.field): \(error.message)")
            }
        }
        return Line(key: row.key, texts: texts)
    }

    /// Writes all at once; gives the keys of the rows that changed something.
    func write(on connection: PostgresConnection) throws(PostgresError) -> Set<String> {
        try write(lines, on: connection)
    }

    /// Writes each by itself and goes on after one that the table refuses.
    func writeOneByOne(
        on connection: PostgresConnection
    ) throws(PostgresError) -> (written: Set<String>, refused: [String: String]) {
        var written: Set<String> = []
        var refused: [String: String] = [:]
        for line in lines {
            _ = try connection.query("SAVEPOINT daybook_row")
            do throws(PostgresError) {
                written.formUnion(try write([line], on: connection))
            } catch {
                guard error.sqlstate.hasPrefix("22") || error.sqlstate.hasPrefix("23") else {
                    throw error
                }
                refused[line.key] = error.description
                _ = try connection.query("ROLLBACK TO SAVEPOINT daybook_row")
            }
            _ = try connection.query("RELEASE SAVEPOINT daybook_row")
        }
        return (written, refused)
    }

    private func write(
        _ lines: [Line],
        on connection: PostgresConnection
    ) throws(PostgresError) -> Set<String> {
        guard let first = lines.first else { return [] }
        let arrays = first.texts.indices.map { column in
            PostgresText.array(lines.map { $0.texts[column] })
        }
        let result = try connection.query(statement, texts: arrays)
        return Set(result.rows.compactMap { $0[0].stringValue })
    }

    /// What became of each row, in the order of the push.
    func outcomes(written: Set<String>, refused reasons: [String: String]) -> [PushOutcome] {
        rows.enumerated().map { place, row in
            if superseded.contains(place) { return .unchanged(remoteID: row.key) }
            if let reason = refused[place] ?? reasons[row.key] { return .refused(reason: reason) }
            return written.contains(row.key)
                ? .written(remoteID: row.key) : .unchanged(remoteID: row.key)
        }
    }
}
