import DaybookTestKit
import EventModel
import Testing

/// What can be looked at without an engine.
@Suite struct LookTests {
    @Test(arguments: [
        ("instance list", "No instance yet"), ("instance list --status paused", "No instance fits"),
        ("projection show tasks", "No rows yet"), ("replay --all", "0 instances"),
        ("projection list", "not built yet"),
    ])
    func emptyListingsSaySo(line: String, sentence: String) async throws {
        let program = try await Program.withGreeting()
        let result = try await program.run(line: line)
        #expect(result.status == 0)
        #expect(result.output.contains(sentence), "\(result.output)")
    }

    @Test(arguments: [
        "events --category nothing", "events --from 99", "events --type Nothing",
        "events --actor user:nobody", "events --record contacts/1", "events --since 0s",
        "events --until 2001-01-01T00:00:00Z", "events --until 2h",
    ])
    func noEventIsSaidBesideTheOutput(line: String) async throws {
        let program = try await Program.withGreeting()
        let result = try await program.run(line: line)
        #expect(result.status == 0)
        #expect(result.output.isEmpty)
        #expect(result.errors.contains("No event fits; the log has 1 events"))
    }

    @Test(arguments: ["events --since soon", "events --until=-2h"])
    func aTimeThatIsNoneIsNamed(line: String) async throws {
        let program = try await Program.withGreeting()
        let result = try await program.run(line: line)
        #expect(result.status == 65)
        #expect(result.errors.contains("neither a time such as"), "\(result.errors)")
    }

    @Test(
        arguments: [
            "events --since 2h", "events --until 2100-01-01T00:00:00Z", "events --at-least 1",
        ]
    )
    func eventsOfATimeAndAnActorAreShown(line: String) async throws {
        let program = try await Program.withGreeting()
        let result = try await program.run(line: line)
        #expect(result.status == 0)
        #expect(result.lines.count == 1, "\(result.output)\(result.errors)")
    }

    @Test(arguments: [
        "instance list --json", "workflow list --json", "projection list --json",
        "projection show tasks --json", "log info --json", "log verify --json",
        "replay --all --json", "actions --json", "actions show task.create --json",
    ])
    func jsonParses(line: String) async throws {
        let program = try await Program.withGreeting()
        let result = try await program.run(line: line)
        #expect(result.status == 0)
        #expect(result.json != nil, "\(result.output)")
    }

    // Standard output is no terminal here; NO_COLOR must not change that.
    @Test(arguments: [[:], ["NO_COLOR": "1"], ["TERM": "xterm"]] as [[String: String]])
    func nothingIsColouredInAPipe(environment: [String: String]) async throws {
        var program = try await Program.withGreeting()
        program.environment = environment
        for line in ["events", "workflow list", "log verify", "doctor", "events --limit x"] {
            let result = try await program.run(line: line)
            #expect(!(result.output + result.errors).contains("\u{1B}"))
        }
    }

    @Test func deployedWorkflowIsListedAndShown() async throws {
        let program = try await Program.withGreeting()
        let list = try await program.run("workflow", "list")
        #expect(list.status == 0)
        #expect(list.lines.count == 2)
        #expect(list.lines.last?.hasPrefix("greeting  ") == true)
        #expect(list.lines.last?.hasSuffix("Greet a guest") == true)
        let json = try await program.run("workflow", "list", "--json")
        #expect(json.json?.listValue?.first?["name"] == "greeting")
        let shown = try await program.run("workflow", "show", "greeting")
        #expect(shown.output.hasPrefix(Program.greeting))
        let again = try await program.run("workflow", "deploy", "greeting.yaml")
        #expect(again.output.hasSuffix(" unchanged\n"))
    }

    @Test func eventsAreFilteredAndFormatted() async throws {
        let program = try await Program.withGreeting()
        let changed = Program.greeting.replacing("Hello", with: "Good day")
        try program.write(changed, to: "greeting.yaml")
        let deployed = try await program.run("workflow", "deploy", "greeting.yaml")
        #expect(deployed.output.hasSuffix(" deployed\n"))
        for (line, count) in [
            ("events", 2), ("events --limit 1", 1), ("events --from 2", 1), ("events --all", 2),
            ("events --category workflow", 2), ("events --category instance", 0),
            ("events --type WorkflowDeployed", 2), ("events --stream workflow/greeting", 2),
            ("events --entity the_7_space", 2), ("events --entity somebody_else", 0),
        ] {
            let result = try await program.run(line: line)
            #expect(result.lines.count == count, "\(line)")
        }
        let verbose = try await program.run("events", "--verbose", "--limit", "1")
        #expect(verbose.output.contains("Good day"))
    }

    @Test func machinesGetALineAnEvent() async throws {
        let program = try await Program.withGreeting()
        let json = try await program.run("events", "--format", "json")
        #expect(json.json?["type"] == "WorkflowDeployed")
        #expect(json.json?["stream"] == "workflow/greeting")
        let cloud = try await program.run("events", "--format", "cloudevents")
        let event = try #require(cloud.json)
        #expect(event["specversion"] == "1.0")
        #expect(event["type"] == "daybook.WorkflowDeployed")
        for member in ["id", "source", "time", "data"] {
            #expect(event[member] != nil, "\(member)")
        }
    }

    @Test func doctorSaysWhatIsMissing() async throws {
        let result = try await Program().run("doctor")
        #expect(result.status == 0)
        for part in [
            "daybook 0.", "LMDB 0.9", "libcurl ", "libpq ", "NOTION_API_TOKEN",
            "SUPABASE_DB_URL", "no log in data yet",
        ] {
            #expect(result.output.contains(part), "\(part)")
        }
        #expect(!result.output.contains("✗"))
    }

    @Test func doctorFailsOnABrokenConfiguration() async throws {
        var program = try Program()
        program.environment = ["SUPABASE_URL": "https://x.example.org"]
        let result = try await program.run("doctor")
        #expect(result.status == 1)
        #expect(result.output.contains("✗ environment variable SUPABASE_API_KEY"))
    }

    @Test func doctorSaysOnceThatNotionIsAway() async throws {
        let program = try Program()
        // Nobody listens on port 1.
        let text = "notion: {url: 'http://127.0.0.1:1', token: ntn_x}\n"
        try program.write(text, to: "daybook.yaml")
        let result = try await program.run("doctor")
        #expect(result.status == 1)
        #expect(result.lines.filter { $0.hasPrefix("✗") }.count == 1, "\(result.output)")
    }

    @Test func actionsAreDescribed() async throws {
        let program = try Program()
        let list = try await program.run("actions")
        #expect(list.output.contains("booking.reserve"))
        let shown = try await program.run("actions", "show", "reserve_room_and_equipment")
        #expect(shown.output.hasPrefix("booking.reserve  "))
        #expect(shown.output.contains("inputs (under 'with')"))
        let json = try await program.run("actions", "show", "booking.reserve", "--json")
        #expect(json.json?[path: "input", "type"] == "object")
    }

    @Test func logIsDescribedAndVerified() async throws {
        let program = try await Program.withGreeting()
        let information = try await program.run("log", "info", "--json")
        #expect(information.json?["events"] == 1)
        let verified = try await program.run("log", "verify")
        #expect(verified.output.contains("1 events"))
    }

    @Test func damageIsFound() async throws {
        let program = try await Program.withGreeting()
        var bytes = try program.folder.bytes(of: "data/log/data.mdb")
        // The workflow's text stands in the log's file; one letter of it is changed.
        let word = Array("whom to greet".utf8)
        let places = bytes.indices.filter { bytes[$0...].starts(with: word) }
        try #require(!places.isEmpty)
        for place in places { bytes[place] ^= 1 }
        try program.folder.write(bytes, to: "data/log/data.mdb")
        let result = try await program.run("log", "verify")
        #expect(result.status == 74)
        #expect(result.errors.contains("event 1 in data/log/data.mdb"))
    }
}
