import Foundation
import Testing

@Suite struct ExitCodeTests {
    @Test(arguments: ["validate", "deploy"])
    func badWorkflowNamesItsPlaces(verb: String) async throws {
        let program = try Program()
        let text = "workflow: a\nsteps:\n  - name: x\n    acton: email.send\n  - nam: y\n"
        try program.write(text, to: "bad.yaml")
        let result = try await program.run("workflow", verb, "bad.yaml")
        #expect(result.status == 65)
        let lines = result.errors.split(separator: "\n")
        #expect(lines.contains { $0.hasPrefix("bad.yaml:4:5: ") })
        #expect(lines.contains { $0.hasPrefix("bad.yaml:5:") })
        #expect(lines.allSatisfy { $0.hasPrefix("bad.yaml:") }, "\(result.errors)")
    }

    @Test(arguments: [
        "workflow validate nowhere.yaml", "workflow deploy nowhere.yaml",
        "workflow run greeting --input @nowhere.json", "workflow run greeting --input {",
        "instance show xyz", "instance list --status pausd", "events --stream nonsense",
        "events --correlation xyz",
    ])
    func badInputIsRefused(line: String) async throws {
        let program = try await Program.withGreeting()
        let result = try await program.run(line: line)
        #expect(result.status == 65)
        #expect(result.errors.hasPrefix("error: "))
        #expect(result.output.isEmpty)
    }

    @Test(arguments: [
        "workflow run greeting", "instance cancel 0123456789abcdef0123456789abcdef --reason x",
        "instance resume 0123456789abcdef0123456789abcdef", "sync run",
        "projection rebuild tasks",
    ])
    func whatNeedsAnEngineSaysHowToStartOne(line: String) async throws {
        let program = try await Program.withGreeting()
        let result = try await program.run(line: line)
        #expect(result.status == 69)
        #expect(result.errors.contains("no engine runs on data; start one with: daybook serve"))
    }

    @Test func badConfigurationIsReportedAtOnce() async throws {
        let program = try Program()
        let text = "http: {port: 99999}\nnotion: {poll: soon}\nfoo: 1\n"
        try program.write(text, to: "daybook.yaml")
        for command in ["serve", "events", "instance list", "log info"] {
            let result = try await program.run(line: command)
            #expect(result.status == 78)
            let places = result.errors.split(separator: "\n").map { $0.prefix(16) }
            #expect(places == ["daybook.yaml:1:1", "daybook.yaml:2:1", "daybook.yaml:3:1"])
        }
    }

    @Test func configurationThatIsNamedMustExist() async throws {
        let result = try await Program().run("serve", "--config", "nowhere.yaml")
        #expect(result.status == 78)
        #expect(result.errors.contains("nowhere.yaml"))
    }

    @Test(arguments: [
        "workflow show greating", "instance show 0123456789abcdef0123456789abcdef",
        "instance history 0123456789abcdef0123456789abcdef",
        "replay 0123456789abcdef0123456789abcdef", "events --stream instance/nobody",
        "projection show task", "actions show booking.reserv",
    ])
    func whatIsNotThereEndsWithOne(line: String) async throws {
        let program = try await Program.withGreeting()
        let result = try await program.run(line: line)
        #expect(result.status == 1)
        #expect(result.errors.hasPrefix("error: "))
    }

    @Test(arguments: [
        ("workflow show greating", "did you mean 'greeting'?"),
        ("projection show task", "did you mean 'tasks'?"),
        ("actions show booking.reserv", "did you mean 'booking.reserve'?"),
        ("instance list --status pausd", "did you mean 'paused'?"),
    ])
    func misspellingsAreNoticed(line: String, remedy: String) async throws {
        let program = try await Program.withGreeting()
        let result = try await program.run(line: line)
        #expect(result.errors.contains(remedy), "\(result.errors)")
    }

    @Test(arguments: [
        "events", "instance list", "workflow list", "workflow show greeting", "replay --all",
        "log info", "log verify", "projection list", "projection show tasks",
    ])
    func folderWithoutALogIsNamed(line: String) async throws {
        let result = try await Program().run(line: line)
        #expect(result.status == 1)
        #expect(result.errors.contains("there is no log in data"))
        #expect(result.errors.contains("daybook demo"))
    }
}
