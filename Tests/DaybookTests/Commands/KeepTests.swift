import EventModel
import Testing

@testable import daybook

/// What is kept of a log, through the command line.
@Suite struct KeepTests {
    private static let ways = [
        (["log backup b"], "log restore b --to r"),
        (["log backup b.daybook"], "log restore b.daybook --to r"),
        (["log export x.ndjson"], "log import x.ndjson --to r"),
        (["log export x.cbor --format cbor"], "log import x.cbor --to r"),
        (
            ["log segments s --seal", "standby --from s --data r", "log segments verify s"],
            "standby promote --data r"
        ),
    ]

    @Test(arguments: ways)
    func comesBack(there: [String], back: String) async throws {
        let program = try await Program.withGreeting()
        for line in there + [back] {
            let result = try await program.run(line: line)
            try #require(result.status == 0, "\(line): \(result.errors)")
        }
        let own = try await program.run("events", "--all", "--format", "json")
        let kept = try await program.run(line: "events --all --format json --data r")
        #expect(kept.output == own.output && !own.output.isEmpty)
        let again = try await program.run(line: back)
        #expect(again.status == 65)
    }

    @Test func exportsToStandardOutput() async throws {
        let program = try await Program.withGreeting()
        let result = try await program.run(line: "log export - --type WorkflowDeployed")
        #expect(result.lines.count == 3 && result.json == nil)
        #expect(result.errors.isEmpty)
    }

    @Test func standbyIsNotServed() async throws {
        let program = try await Program.withGreeting()
        _ = try await program.run(line: "log segments s --seal")
        _ = try await program.run(line: "standby --from s --data r")
        let result = try await program.run(line: "serve --data r")
        #expect(result.status == 74)
        #expect(result.errors.contains("daybook standby promote"), "\(result.errors)")
    }

    @Test func scrubIsRecorded() async throws {
        let program = try await Program.withGreeting()
        let result = try await program.run(line: "log scrub")
        #expect(result.status == 0 && result.output.contains("every record"), "\(result.errors)")
        let event = try await program.run(line: "events --stream log/scrub --format json")
        #expect(event.json?["type"] == "LogScrubbed")
    }
}
