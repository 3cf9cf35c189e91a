import Connectors
import EventModel
import Projections
import Testing

/// What must hold of the sink, against a real server.
struct PostgresSinkChecks {
    let client: PostgresClient

    func run() async throws {
        try await missingTableNamesTheRemedy()
        try await laterRowsWin()
        try await refusesOnlyWhatCannotBeHeld()
        try await createsAndWidensTables()
        try await quotesNames()
        try await takesLargeBatches()
        try await concurrentBatchesAllWin()
    }

    private func binding(_ table: String, _ columns: [String]) -> SinkBinding {
        let fields = columns.map { SinkBinding.FieldMapping(column: $0, field: $0) }
        return SinkBinding(kind: "postgres", target: table, fields: fields)
    }

    private func row(_ key: String, _ position: UInt64, _ columns: ValueMap) -> Row {
        Row(key: key, columns: columns, position: Position(position))
    }

    private func missingTableNamesTheRemedy() async throws {
        let sink = PostgresSink(client)
        let missing = binding("nothing", ["n"])
        do {
            _ = try await sink.push([row("a", 1, ["n": 1])], to: missing)
            Issue.record("there is no table")
        } catch {
            #expect(error.message.contains("daybook.nothing does not exist"))
            #expect(error.message.contains("ADD COLUMN IF NOT EXISTS \"n\" numeric"))
        }
        try await sink.prepare(missing)
        do {
            _ = try await sink.push([row("a", 1, [:])], to: binding("nothing", ["n", "m"]))
            Issue.record("there is no column m")
        } catch {
            #expect(error.message.contains("the column m of the table"))
        }
    }

    private func laterRowsWin() async throws {
        let sink = PostgresSink(client)
        let table = binding("wins", ["n"])
        try await sink.prepare(table, types: ["n": .bigint])
        let first = try await sink.push(
            [row("a", 5, ["n": 5]), row("b", 6, ["n": 6]), row("a", 4, ["n": 4])],
            to: table
        )
        let (written, unchanged) = (PushOutcome.written, PushOutcome.unchanged)
        #expect(first == [written("a"), written("b"), unchanged("a")])
        let second = try await sink.push(
            [row("a", 5, ["n": 50]), row("b", 7, ["n": 7]), row("c", 1, [:])],
            to: table
        )
        #expect(second == [unchanged("a"), written("b"), written("c")])
        let there = try await client.query(
            "SELECT key, position, n FROM daybook.wins ORDER BY key"
        )
        #expect(there.rows == [["a", 5, 5], ["b", 7, 7], ["c", 1, nil]])
    }

    private func refusesOnlyWhatCannotBeHeld() async throws {
        let sink = PostgresSink(client)
        let table = binding("checks", ["n", "t"])
        try await sink.prepare(table, types: ["n": .bigint, "t": .timestamptz])
        _ = try await client.query("ALTER TABLE daybook.checks ADD CHECK (n < 100)")
        let outcomes = try await sink.push(
            [
                row("a", 1, ["n": "seven"]), row("b", 2, ["n": 2, "t": "2026-12-01T10:00:00Z"]),
                row("c", 3, ["n": 100]), row("d\0", 4, [:]), row("e", 5, ["n": 5]),
            ],
            to: table
        )
        var reasons: [String] = []
        for outcome in outcomes {
            if case .refused(let reason) = outcome { reasons.append(reason) }
        }
        #expect(outcomes[1] == .written(remoteID: "b") && outcomes[4] == .written(remoteID: "e"))
        #expect(reasons.count == 3)
        #expect(
            reasons.first?.contains("n: a column of type bigint cannot hold this string") == true
        )
        #expect(reasons.contains { $0.contains("check constraint") })
        let count = try await client.query("SELECT count(*) AS n FROM daybook.checks")
        #expect(count["n"] == 2)
    }

    private func createsAndWidensTables() async throws {
        let sink = PostgresSink(client, createsTables: true)
        let instant = Timestamp(seconds: 1_800_000_000)
        let columns: ValueMap = [
            "title": "x", "done": true, "amount": .double(2.5), "at": .timestamp(instant),
            "tags": ["a", "b"], "took": .duration(.seconds(90)), "mixed": 1, "empty": nil,
        ]
        let names = ["title", "done", "amount", "at", "tags", "took", "mixed", "empty"]
        let rows = [row("1", 1, columns), row("2", 2, ["mixed": "one", "amount": 3])]
        _ = try await sink.push(rows, to: binding("made", names))
        let types = try await client.query(
            """
            SELECT column_name::text, data_type::text FROM information_schema.columns
            WHERE table_schema = 'daybook' AND table_name = 'made' ORDER BY ordinal_position
            """
        )
        let wanted: [[Value]] = [
            ["key", "text"], ["position", "bigint"], ["title", "text"], ["done", "boolean"],
            ["amount", "numeric"], ["at", "timestamp with time zone"], ["tags", "jsonb"],
            ["took", "interval"], ["mixed", "jsonb"],
        ]
        #expect(types.rows == wanted)
        let there = try await client.query(
            "SELECT title, done, amount, at, tags, took, mixed FROM daybook.made WHERE key = '1'"
        )
        let row: [Value] = [
            "x", true, "2.5", .timestamp(instant), ["a", "b"], .duration(.seconds(90)), 1,
        ]
        #expect(there.rows == [row])
        let wider = try await sink.push(
            [self.row("1", 3, ["late": "z", "empty": .timestamp(instant)])],
            to: binding("made", names + ["late"])
        )
        // What the sink knows of the table is from before; it looks again and adds the columns, with
        // the type that is known only now. What has become null is written as null.
        #expect(wider == [.written(remoteID: "1")])
        let now = try await client.query(
            "SELECT title, late, empty FROM daybook.made WHERE key = '1'"
        )
        #expect(now.rows == [[nil, "z", .timestamp(instant)]])
    }

    private func quotesNames() async throws {
        let sink = PostgresSink(client, createsTables: true)
        let table = SinkBinding(
            kind: "postgres",
            target: "odd\"; DROP TABLE daybook.wins; --",
            fields: [.init(column: "n", field: "Select \"x\"")]
        )
        let rows = [row("'; DROP TABLE daybook.wins; --", 1, ["n": "a\\b\"c,{}NULL"])]
        _ = try await sink.push(rows, to: table)
        let there = try await client.query(
            "SELECT key, \"Select \"\"x\"\"\" FROM daybook.\"odd\"\"; DROP TABLE daybook.wins; --\""
        )
        #expect(there.rows == [["'; DROP TABLE daybook.wins; --", "a\\b\"c,{}NULL"]])
        #expect(try await client.query("SELECT count(*) AS n FROM daybook.wins")["n"] == 3)
    }

    private func takesLargeBatches() async throws {
        let sink = PostgresSink(client, createsTables: true)
        let table = binding("many", ["a", "b"])
        let rows = (0..<5000).map { number in
            row("k\(number)", UInt64(number + 1), ["a": .int(Int64(number)), "b": ["x": "y"]])
        }
        let outcomes = try await sink.push(rows, to: table)
        let isAllWritten = outcomes.allSatisfy { if case .written = $0 { true } else { false } }
        #expect(isAllWritten)
        let again = try await sink.push(rows, to: table)
        let isAllUnchanged = again.allSatisfy { if case .unchanged = $0 { true } else { false } }
        #expect(isAllUnchanged)
    }

    private func concurrentBatchesAllWin() async throws {
        let sink = PostgresSink(client)
        let table = binding("many", ["a", "b"])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for round in 1...8 {
                group.addTask {
                    let rows = (0..<300).map { number in
                        let key = "k\(round.isMultiple(of: 2) ? number : 299 - number)"
                        let position = UInt64(10_000 * round + number)
                        return self.row(key, position, ["a": .int(Int64(round))])
                    }
                    _ = try await sink.push(rows, to: table)
                }
            }
            try await group.waitForAll()
        }
        let last = try await client.query(
            "SELECT count(*) AS n FROM daybook.many WHERE a = 8 AND position >= 80000"
        )
        #expect(last["n"] == 300)
    }
}
