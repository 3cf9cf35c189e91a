import EventModel
import Foundation
import Testing

/// `daybook schedule`, as a person uses it.
@Suite struct ScheduleCommandTests {
    private static let workflow = """
        workflow: report
        triggers:
          - schedule: "0 0 1 1 *"
            time_zone: Europe/Berlin
        steps: [{name: note, set: {x: 1}}]
        """

    @Test func previewKnowsChangesOfTheClocks() async throws {
        let program = try await Program.withGreeting()
        let result = try await program.run(
            "schedule",
            "preview",
            "--cron",
            "30 2 * * *",
            "--time-zone",
            "Europe/Berlin",
            "--from",
            "2026-03-28T12:00:00Z",
            "--count",
            "2"
        )
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.lines.count == 3)
        #expect(result.output.contains("2026-03-29 01:00:00"))
        #expect(result.output.contains("2026-03-29 03:00:00"))
        #expect(result.output.contains("the clock skips 2026-03-29T02:30:00"))
    }

    @Test(arguments: [
        (["preview", "--cron", "61 * * * *"], 65, "minute"),
        (["preview", "--cron", "0 9 * * *", "--time-zone", "Mars/Olympus"], 65, "no time zone"),
        (["preview"], 64, "name a schedule"), (["show", "nothing"], 1, "no schedule"),
        (["pause", "nothing", "--reason", "x"], 69, "no engine runs"),
    ])
    func saysWhatIsWrong(arguments: [String], status: Int, message: String) async throws {
        let program = try await Program.withGreeting()
        let words = [Program.file.path, "schedule"] + arguments
        let result = try await program.execute(words)
        #expect(Int(result.status) == status, "\(result.errors)")
        #expect(result.errors.contains(message), "\(result.errors)")
    }

    @Test func anEmptyListSaysSo() async throws {
        let program = try await Program.withGreeting()
        let result = try await program.run(line: "schedule list")
        #expect(result.status == 0)
        #expect(result.output.contains("No schedule yet"))
    }

    @Test func aScheduleIsListedPausedAndBackfilled() async throws {
        let program = try await Program.withGreeting()
        try program.write(Self.workflow, to: "report.yaml")
        let engine = try await RunningEngine.start(program)
        let deployed = try await program.run(line: "workflow deploy report.yaml")
        #expect(deployed.status == 0, "\(deployed.errors)")
        let isThere = try await Program.wait(seconds: 20) {
            try await program.run(line: "schedule list").output.contains("report  ")
        }
        #expect(isThere)
        let list = try await program.run(line: "schedule list --json")
        #expect(list.json?.listValue?.first?["summary"] == "0 0 1 1 * in Europe/Berlin")
        let paused = try await program.run(line: "schedule pause report --reason holidays")
        #expect(paused.output.contains("report is paused"), "\(paused.errors)")
        let shown = try await program.run(line: "schedule show report")
        #expect(shown.output.contains("paused: holidays"), "\(shown.output)")
        _ = try await program.run(line: "schedule resume report")
        let stretch = "--from 2020-06-01T00:00:00Z --to 2022-06-01T00:00:00Z"
        let plan = try await program.run(line: "schedule backfill report \(stretch)")
        #expect(plan.output.contains("2020-12-31 23:00:00Z"), "\(plan.output)\(plan.errors)")
        #expect(plan.output.contains("--yes runs them"))
        let done = try await program.run(line: "schedule backfill report \(stretch) --yes --json")
        #expect(done.json?["ticks"]?.listValue?.count == 2, "\(done.output)\(done.errors)")
        let again = try await program.run(line: "schedule backfill report \(stretch)")
        #expect(again.output.contains("0 would run"))
        let triggered = try await program.run(line: "schedule trigger report")
        #expect(triggered.lines.first?.count == 36, "\(triggered.output)\(triggered.errors)")
        let ticks = try await program.run(line: "schedule show report --json")
        let decisions = ticks.json?["decisions"]?.listValue ?? []
        #expect(decisions.map { $0["decision"]?.stringValue } == ["queued", "backfilled"])
        _ = try await engine.stop()
    }
}
