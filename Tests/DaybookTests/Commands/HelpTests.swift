import Testing

@testable import daybook

@Suite struct HelpTests {
    @Test(arguments: CommandTree.all)
    func everyCommandHasHelpAndExamples(command: CommandTree.Entry) async throws {
        let program = try Program()
        let result = try await program.start(command.words + ["--help"]).result()
        #expect(result.status == 0)
        #expect(result.output.contains("OVERVIEW: "))
        #expect(result.output.contains("USAGE: daybook \(command.testDescription)"))
        // What belongs to a group is shown at work there.
        let parent = try await program.start([command.words[0], "--help"]).result()
        #expect(parent.output.contains("EXAMPLES:"))
        if command.isGroup { return }
        let mention = "daybook \(command.testDescription)"
        #expect(
            result.output.contains("EXAMPLES:") || parent.output.contains(mention),
            "no example has '\(mention)'"
        )
    }

    @Test func theProgramSaysWhatItIs() async throws {
        let program = try Program()
        let help = try await program.run("--help")
        #expect(help.status == 0)
        #expect(help.output.contains("EXIT CODES:"))
        let version = try await program.run("--version")
        #expect(version.output == Daybook.version + "\n")
    }

    @Test(arguments: [
        ("evnts", "there is no command 'daybook evnts'; did you mean 'events'?"),
        ("workflow lst", "there is no command 'daybook workflow lst'; did you mean 'list'?"),
        ("actions shw", "there is no command 'daybook actions shw'; did you mean 'show'?"),
        ("help instances", "there is no command 'daybook instances'; did you mean 'instance'?"),
        ("instance list --statas paused", "--statas"),
        ("instance cancel 1", "--reason"),
        ("replay", "give an instance's id, or --all"),
        ("events --limit 0", "--limit must be at least 1"),
        ("demo --kills 0", "--kills must be 1 to 1000"),
        ("demo --postgres --postgres-url postgresql://x", "not both"),
        ("sandbox --port 70000", "a port must be 0 to 65535"),
    ])
    func wrongUsageIsExplained(line: String, message: String) async throws {
        let result = try await Program().run(line: line)
        #expect(result.status == 64)
        #expect(result.errors.contains(message), "\(result.errors)")
        #expect(result.output.isEmpty)
    }
}
