import Connectors
import EventModel
import Foundation
import Projections
import Testing

/// A server for all tests of this folder, in a temporary folder of its own.
struct TestPostgres: Sendable {
    let folder: String
    let server: PrivatePostgres

    static func start() async throws -> TestPostgres {
        let folder = "/tmp/daybook-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let server = try await PrivatePostgres.start(in: folder, isDurable: false)
        return TestPostgres(folder: folder, server: server)
    }

    func client(_ change: (inout PostgresClient.Configuration) -> Void = { _ in }) -> PostgresClient
    {
        var configuration = PostgresClient.Configuration(connectionString: server.connectionString)
        change(&configuration)
        return PostgresClient(configuration)
    }

    func stop() async throws {
        await server.stop()
        try FileManager.default.removeItem(atPath: folder)
    }
}

/// Against a real server. One test, because starting one takes seconds; each part has its own
/// tables.
@Suite struct PostgresTests {
    @Test func worksAgainstARealServer() async throws {
        let postgres = try await TestPostgres.start()
        do {
            let client = postgres.client()
            try await valuesComeBack(client)
            try await errorsAreTyped(client, postgres)
            try await transactionsAreWholeOrNothing(client)
            try await manyQueriesShareTheConnections(client)
            try await lostConnectionsAreReplaced(client, postgres)
            try await waitingQueriesCanBeCancelled(postgres)
            try await closingEndsTheClient(postgres)
            try await PostgresSinkChecks(client: client).run()
            await client.close()
        } catch {
            Issue.record(error)
        }
        try await postgres.stop()
        try await restartsWithItsData()
    }

    private func valuesComeBack(_ client: PostgresClient) async throws {
        let instant = try Timestamp(rfc3339: "2026-12-01T10:00:00.123456Z")
        let values: [(String, Value, Value)] = [
            ("boolean", true, true), ("bigint", .int(.min), .int(.min)),
            ("bigint", .uint(7), .int(7)), ("text", "é 'x' \\ \"", "é 'x' \\ \""),
            ("text", .null, .null), ("double precision", .double(0.1), .double(0.1)),
            ("double precision", .double(-.infinity), .double(-.infinity)),
            ("bytea", .bytes([0, 255, 92]), .bytes([0, 255, 92])),
            ("timestamptz", .timestamp(instant), .timestamp(instant)),
            ("timestamptz", "1969-12-31T23:00:00-01:00", .timestamp(Timestamp(seconds: 0))),
            ("interval", .duration(.seconds(5400)), .duration(.seconds(5400))),
            ("jsonb", ["a": [1, nil, "x"]], ["a": [1, nil, "x"]]),
            ("numeric", "12.50", "12.50"),
        ]
        var wrong: [String] = []
        for (type, value, wanted) in values {
            let result = try await client.query("SELECT $1::\(type) AS v", [value])
            if result["v"] != wanted { wrong.append("\(type): \(String(describing: result["v"]))") }
        }
        #expect(wrong.isEmpty)
        let rows = try await client.query("SELECT n, n * 2 AS m FROM generate_series(1, 3) AS n")
        #expect(rows.columns == ["n", "m"])
        #expect(rows.rows == [[1, 2], [2, 4], [3, 6]])
        #expect(rows.affectedRows == 3)
        let name = try await client.query("SELECT current_setting('application_name') AS v")
        #expect(name["v"] == "daybook")
    }

    private func errorsAreTyped(_ client: PostgresClient, _ postgres: TestPostgres) async throws {
        func error(_ sql: String, _ values: [Value] = []) async -> PostgresError? {
            do throws(PostgresError) {
                _ = try await client.query(sql, values)
                return nil
            } catch {
                return error
            }
        }
        let syntax = await error("SELEC 1")
        #expect(syntax?.code == .refused && syntax?.sqlstate == "42601")
        #expect(syntax?.isRetryable == false)
        #expect(await error("SELECT 1/0")?.sqlstate == "22012")
        #expect(await error("SELECT $1::text", ["a\0b"])?.code == .invalidValue)
        let nowhere = PostgresClient(
            .init(connectionString: "host=\(postgres.folder)/nowhere user=x dbname=y")
        )
        do {
            _ = try await nowhere.query("SELECT 1")
            Issue.record("connected to nowhere")
        } catch {
            #expect(error.code == .cannotConnect && error.isRetryable)
            #expect(error.message.contains("check the connection string"))
        }
        let hasty = postgres.client { $0.statementTimeout = .milliseconds(5) }
        do {
            _ = try await hasty.query("SELECT pg_sleep(60)")
            Issue.record("no time-out")
        } catch {
            #expect(error.sqlstate == "57014" && error.isRetryable)
        }
    }

    private func transactionsAreWholeOrNothing(_ client: PostgresClient) async throws {
        _ = try await client.query("CREATE TABLE pairs (n bigint PRIMARY KEY)")
        do {
            try await client.transaction { connection throws(PostgresError) in
                _ = try connection.query("INSERT INTO pairs VALUES (1)")
                _ = try connection.query("INSERT INTO pairs VALUES (1)")
            }
            Issue.record("the second insert must fail")
        } catch {
            #expect(error.sqlstate == "23505" && !error.isRetryable)
        }
        let count = try await client.transaction { connection throws(PostgresError) in
            _ = try connection.query("INSERT INTO pairs VALUES ($1)", [2])
            return try connection.query("SELECT count(*) AS n FROM pairs")["n"]
        }
        #expect(count == 1)
    }

    private func manyQueriesShareTheConnections(_ client: PostgresClient) async throws {
        let sum = try await withThrowingTaskGroup(of: Int64.self) { group in
            for number in 1...200 {
                group.addTask {
                    let result = try await client.query(
                        "SELECT $1::bigint AS n",
                        [.int(Int64(number))]
                    )
                    return result["n"]?.intValue ?? 0
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(sum == 20_100)
        let open = try await client.query(
            "SELECT count(*) AS n FROM pg_stat_activity WHERE application_name = 'daybook'"
        )
        #expect((1...4).contains(open["n"]?.intValue ?? 0))
    }

    private func lostConnectionsAreReplaced(
        _ client: PostgresClient,
        _ postgres: TestPostgres
    ) async throws {
        let one = postgres.client { $0.connectionsMax = 1 }
        let first = try await one.query("SELECT pg_backend_pid() AS pid")["pid"] ?? .null
        // While it is idle: nobody notices.
        _ = try await client.query("SELECT pg_terminate_backend($1::int, 5000)", [first])
        let second = try await one.query("SELECT pg_backend_pid() AS pid")["pid"] ?? .null
        #expect(first != second)
        // In the middle of a statement: it fails, the next one works.
        do {
            _ = try await one.query("SELECT pg_terminate_backend(pg_backend_pid())")
            Issue.record("the statement must fail")
        } catch {
            #expect(error.code == .connectionLost && error.isRetryable)
        }
        #expect(try await one.query("SELECT 1 AS n")["n"] == 1)
    }

    private func waitingQueriesCanBeCancelled(_ postgres: TestPostgres) async throws {
        let one = postgres.client { $0.connectionsMax = 1 }
        let (begun, end) = (AsyncStream.makeStream(of: Void.self), DispatchSemaphore(value: 0))
        let holder = Task {
            try await one.transaction { _ throws(PostgresError) in
                begun.continuation.yield()
                end.wait()
            }
        }
        for await _ in begun.stream { break }
        let waiting = Task { () -> PostgresError.Code? in
            do throws(PostgresError) {
                _ = try await one.query("SELECT 1")
                return nil
            } catch {
                return error.code
            }
        }
        waiting.cancel()
        #expect(await waiting.value == .cancelled)
        end.signal()
        try await holder.value
    }

    private func closingEndsTheClient(_ postgres: TestPostgres) async throws {
        let client = postgres.client()
        _ = try await client.query("SELECT 1")
        await client.close()
        await client.close()
        do {
            _ = try await client.query("SELECT 1")
            Issue.record("closed clients answer nothing")
        } catch {
            #expect(error.code == .closed)
        }
    }

    private func restartsWithItsData() async throws {
        let first = try await TestPostgres.start()
        let client = first.client()
        _ = try await client.query("CREATE TABLE kept AS SELECT 7 AS n")
        await client.close()
        await first.server.stop()
        let again = try await PrivatePostgres.start(in: first.folder, isDurable: false)
        let second = PostgresClient(.init(connectionString: again.connectionString))
        #expect(try await second.query("SELECT n FROM kept")["n"] == 7)
        await second.close()
        await again.stop()
        try FileManager.default.removeItem(atPath: first.folder)
    }
}

@Suite struct PrivatePostgresErrorTests {
    @Test func namesTheRemedyForALongPath() async throws {
        let folder = "/tmp/" + String(repeating: "x", count: 100)
        do {
            _ = try await PrivatePostgres.start(in: folder)
            Issue.record("the path is too long")
        } catch {
            #expect(error.description.contains("shorter path"))
        }
    }
}
