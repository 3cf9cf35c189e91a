public import EventModel

/// Why a database did not do what it was asked.
public struct PostgresError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of failure it is.
    public enum Code: String, Sendable, Hashable {
        /// No connection could be made.
        case cannotConnect = "cannot_connect"
        /// The connection broke; what was asked may have been done.
        case connectionLost = "connection_lost"
        /// The server refused the statement; `sqlstate` says why.
        case refused
        /// A value that PostgreSQL cannot hold.
        case invalidValue = "invalid_value"
        case cancelled
        /// The client was closed.
        case closed
    }

    public var code: Code
    /// The five characters of the SQL standard, such as `40P01`; empty if the server said nothing.
    public var sqlstate: String
    /// The server's words, or ours.
    public var message: String
    /// The server's detail and hint, if it gave any.
    public var detail: String

    public init(_ code: Code, sqlstate: String = "", _ message: String, detail: String = "") {
        self.code = code
        self.sqlstate = sqlstate
        self.message = message
        self.detail = detail
    }

    /// True if the same statement may succeed later.
    ///
    /// Connection trouble, deadlocks and serialisation failures, lack of resources, locks,
    /// time-outs and shutdowns of the server:
    /// https://www.postgresql.org/docs/current/errcodes-appendix.html
    public var isRetryable: Bool {
        switch code {
        case .cannotConnect, .connectionLost: true
        case .invalidValue, .cancelled, .closed: false
        case .refused:
            ["08", "40", "53", "55", "57", "58"].contains { sqlstate.hasPrefix($0) }
                || sqlstate == "25006"
        }
    }

    public var description: String {
        let state = sqlstate.isEmpty ? "" : " (\(sqlstate))"
        return message + state + (detail.isEmpty ? "" : ": \(detail)")
    }
}

/// What a statement gave.
public struct PostgresResult: Sendable, Hashable {
    /// The names of the columns, in order.
    public var columns: [String]
    /// The rows, each with a value for each column.
    public var rows: [[Value]]
    /// How many rows were inserted, updated, deleted or selected.
    public var affectedRows: Int

    /// The value of a column in the first row, or nil.
    public subscript(column: String) -> Value? {
        guard let index = columns.firstIndex(of: column), let row = rows.first else { return nil }
        return row[index]
    }
}
