public import EventModel
import Foundation
import Synchronization

/// A pool of connections to a PostgreSQL server, each used by a thread of its own.
///
/// Callers await; libpq's blocking calls never run on Swift's cooperative pool. Connections are
/// made when they are needed, looked at before they are used again, and replaced when they are
/// lost. Cancelling a task takes back what still waits; a statement under way runs to its end or
/// time-out.
public final class PostgresClient: Sendable {
    /// Where to connect and how.
    public struct Configuration: Sendable, Hashable {
        /// `postgresql://user:password@host:5432/database?sslmode=verify-full`, or libpq's other
        /// form.
        ///
        /// On Supabase take the direct connection or the session pooler: the transaction pooler
        /// (port 6543) forgets the settings that a session needs.
        public var connectionString: String
        public var connectionsMax: Int
        public var connectTimeout: Duration
        /// A statement that takes longer is given up by the server.
        public var statementTimeout: Duration
        /// What `pg_stat_activity` shows, unless the connection string says otherwise.
        public var applicationName: String

        public init(
            connectionString: String,
            connectionsMax: Int = 4,
            connectTimeout: Duration = .seconds(10),
            statementTimeout: Duration = .seconds(30),
            applicationName: String = "daybook"
        ) {
            self.connectionString = connectionString
            self.connectionsMax = connectionsMax
            self.connectTimeout = connectTimeout
            self.statementTimeout = statementTimeout
            self.applicationName = applicationName
        }
    }

    private let pool: PostgresPool

    /// Makes a client; the first connection is made when the first statement comes.
    public init(_ configuration: Configuration) {
        pool = PostgresPool(configuration)
    }

    deinit { pool.close() }

    /// Runs one statement.
    ///
    /// - Parameters:
    ///   - sql: the statement, with `$1`, `$2` … for the parameters.
    ///   - parameters: their values; lists and maps go as JSON.
    /// - Throws: ``PostgresError``; after `connectionLost` it may have been done.
    public func query(
        _ sql: String,
        _ parameters: [Value] = []
    ) async throws(PostgresError) -> PostgresResult {
        try await run { connection throws(PostgresError) in
            try connection.query(sql, parameters)
        }
    }

    /// Runs statements in one transaction, on the connection's thread; an error rolls all back.
    ///
    /// - Parameter body: may block; must not keep the connection.
    /// - Throws: ``PostgresError``; after `connectionLost` it may have been committed.
    public func transaction<Result: Sendable>(
        _ body: @escaping @Sendable (PostgresConnection) throws(PostgresError) -> Result
    ) async throws(PostgresError) -> Result {
        try await run { connection throws(PostgresError) in try connection.transaction(body) }
    }

    /// Closes all connections: what waits fails with `closed`, what is under way is waited for.
    public func close() async {
        pool.close()
        await pool.waitForEnd()
    }

    private func run<Result: Sendable>(
        _ body: @escaping @Sendable (PostgresConnection) throws(PostgresError) -> Result
    ) async throws(PostgresError) -> Result {
        let job = PostgresJob()
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation {
                (continuation: CheckedContinuation<Swift.Result<Result, PostgresError>, Never>) in
                job.begin { connection in
                    continuation.resume(
                        returning: Swift.Result { () throws(PostgresError) in
                            try body(try connection.get())
                        }
                    )
                }
                pool.submit(job)
            }
        } onCancel: {
            pool.cancel(job)
        }
        return try outcome.get()
    }
}
