import CPostgres
public import EventModel
import Glibc

/// One connection, used by one thread: the calls of libpq block.
///
/// Given to the body of ``PostgresClient/transaction(_:)``, where it must not be kept.
public final class PostgresConnection {
    private let handle: OpaquePointer

    /// Connects and sets what reading values relies on.
    init(_ configuration: PostgresClient.Configuration) throws(PostgresError) {
        let seconds = max(2, configuration.connectTimeout.components.seconds)
        let settings = [
            ("dbname", configuration.connectionString), ("client_encoding", "UTF8"),
            ("connect_timeout", "\(seconds)"),
            ("fallback_application_name", configuration.applicationName),
        ]
        let connection = CStrings(settings.map(\.0)).withPointers { names in
            CStrings(settings.map(\.1)).withPointers { values in
                // The first setting may be a whole connection string, which is then taken apart.
                PQconnectdbParams(names, values, 1)
            }
        }
        guard let connection else { throw PostgresError(.cannotConnect, "out of memory") }
        handle = connection
        guard PQstatus(connection) == CONNECTION_OK else {
            let words = PostgresConnection.words(connection)
            throw PostgresError(
                .cannotConnect,
                "\(words); check the connection string and that the server runs"
            )
        }
        daybook_pg_drop_notices(connection)
        let timeout = configuration.statementTimeout.components
        let milliseconds = timeout.seconds * 1000 + timeout.attoseconds / 1_000_000_000_000_000
        _ = try query(
            """
            SELECT set_config('statement_timeout', $1, false), set_config('TimeZone', 'UTC', false),
              set_config('DateStyle', 'ISO, YMD', false),
              set_config('IntervalStyle', 'iso_8601', false),
              set_config('bytea_output', 'hex', false)
            """,
            [.string("\(milliseconds)")]
        )
    }

    deinit { PQfinish(handle) }

    /// Looks whether the server has hung up meanwhile.
    ///
    /// Its last words come before the end of the stream, so one look is not enough.
    var isAlive: Bool {
        for _ in 0..<4 {
            var socket = pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0)
            guard poll(&socket, 1, 0) > 0 else { return PQstatus(handle) == CONNECTION_OK }
            guard PQconsumeInput(handle) == 1 else { return false }
            _ = PQisBusy(handle)
        }
        return false
    }

    /// Runs one statement and waits for its result.
    ///
    /// - Parameters:
    ///   - sql: the statement, with `$1`, `$2` … for the parameters.
    ///   - parameters: their values, in text format; the server works out their types.
    /// - Throws: ``PostgresError``.
    public func query(
        _ sql: String,
        _ parameters: [Value] = []
    ) throws(PostgresError) -> PostgresResult {
        var texts: [String?] = []
        for parameter in parameters { texts.append(try PostgresText.parameter(parameter)) }
        return try query(sql, texts: texts)
    }

    func query(_ sql: String, texts: [String?]) throws(PostgresError) -> PostgresResult {
        let result = CStrings(texts).withPointers { values in
            PQexecParams(handle, sql, Int32(texts.count), nil, values, nil, nil, 0)
        }
        defer { PQclear(result) }
        switch PQresultStatus(result) {
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY:
            return Self.read(result)
        default:
            throw failure(result)
        }
    }

    /// Runs a body between BEGIN and COMMIT; an error rolls back.
    func transaction<Result>(
        _ body: (PostgresConnection) throws(PostgresError) -> Result
    ) throws(PostgresError) -> Result {
        _ = try query("BEGIN")
        do throws(PostgresError) {
            let result = try body(self)
            _ = try query("COMMIT")
            return result
        } catch {
            // Fails only if the connection is lost, and then the server rolls back by itself.
            _ = try? query("ROLLBACK")
            throw error
        }
    }

    private static func read(_ result: OpaquePointer?) -> PostgresResult {
        let columnCount = PQnfields(result)
        let columns = (0..<columnCount).map { String(cString: PQfname(result, $0)) }
        let types = (0..<columnCount).map { PQftype(result, $0) }
        let rows = (0..<PQntuples(result)).map { row in
            (0..<columnCount).map { column -> Value in
                guard PQgetisnull(result, row, column) == 0,
                    let bytes = PQgetvalue(result, row, column)
                else { return .null }
                return PostgresText.value(String(cString: bytes), type: types[Int(column)])
            }
        }
        let affected = PQcmdTuples(result).flatMap { Int(String(cString: $0)) } ?? 0
        return PostgresResult(columns: columns, rows: rows, affectedRows: affected)
    }

    private func failure(_ result: OpaquePointer?) -> PostgresError {
        func text(_ pointer: UnsafePointer<CChar>?) -> String {
            pointer.map { String(cString: $0) } ?? ""
        }
        let sqlstate = text(daybook_pg_sqlstate(result))
        // 57P01 to 57P03: the server says that it goes, and then it does.
        guard PQstatus(handle) == CONNECTION_OK, !sqlstate.hasPrefix("57P0") else {
            let words = Self.words(handle)
            return PostgresError(.connectionLost, sqlstate: sqlstate, words)
        }
        guard !sqlstate.isEmpty else {
            return PostgresError(.connectionLost, Self.words(handle))
        }
        let detail = [text(daybook_pg_detail(result)), text(daybook_pg_hint(result))]
            .filter { !$0.isEmpty }.joined(separator: "; ")
        return PostgresError(
            .refused,
            sqlstate: sqlstate,
            text(daybook_pg_message(result)),
            detail: detail
        )
    }

    private static func words(_ handle: OpaquePointer) -> String {
        let text = PQerrorMessage(handle).map { String(cString: $0) } ?? ""
        let words = text.split(whereSeparator: \.isNewline)
            .map { $0.drop { $0 == " " || $0 == "\t" } }
        return words.isEmpty ? "the connection is lost" : words.joined(separator: "; ")
    }
}

/// Texts as C wants them, for the time of a call.
private struct CStrings {
    private let texts: [String?]

    init(_ texts: [String?]) { self.texts = texts }

    func withPointers<Result>(
        _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Result
    ) -> Result {
        let copies = texts.map { text in text.flatMap { strdup($0) } }
        defer { for copy in copies { free(copy) } }
        // The list of settings ends in a null; a list of parameters has its own count.
        let pointers = copies.map { UnsafePointer($0) } + [nil]
        return pointers.withUnsafeBufferPointer { body($0.baseAddress) }
    }
}
