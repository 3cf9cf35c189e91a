import DaybookTestKit
import EventModel
import Foundation
import Testing

@testable import daybook

/// Time travel on the command line.
@Suite struct TravelTests {
    @Test func thePastOfAnInstanceIsShown() async throws {
        let program = try await Program.withGreeting()
        let engine = try await RunningEngine.start(program)
        let run = try await program.run(
            "workflow",
            "run",
            "greeting",
            "--input",
            #"{"name":"Ana"}"#
        )
        #expect(run.status == 0, "\(run.errors)")
        _ = try await engine.stop()
        let whole = run.output.trimmingCharacters(in: .whitespacesAndNewlines)
        let id = String(whole.prefix(13))
        try program.write(
            Program.greeting.replacing("Hello", with: "Good day"),
            to: "edited.yaml"
        )
        for (line, status, part) in Self.cases(id) {
            let result = try await program.run(line: line)
            let isRight =
                result.status == status && (result.output + result.errors).contains(part)
            if !isRight {
                Issue.record("\(line): \(result.status) \(result.output)\(result.errors)")
            }
        }
        let lines = #"next\np\njump 2\nstate\nquit\nnext\n"#
        let script = "printf '\(lines)' | '\(Program.file.path)' replay \(id) --step"
        let walk = try await program.execute(["/bin/sh", "-c", script])
        #expect(walk.status == 0, "\(walk.errors)")
        #expect(walk.lines.contains { $0.hasPrefix("1 of ") }, "\(walk.output)")
        #expect(walk.lines.contains { $0.hasPrefix("0 of ") && $0.hasSuffix("(back)") })
        #expect(walk.lines.contains { $0.hasPrefix("2 of ") })
    }

    /// Command lines about an instance, with their exit codes and something that they say.
    private static func cases(_ id: String) -> [(line: String, status: Int32, part: String)] {
        let unknown = "0123456789abcdef0123456789abcdef"
        return [
            ("instance show \(id)", 0, "greeting  completed"),
            ("instance show \(id)", 0, "by hand"),
            ("instance show \(id) --at 1", 0, "no step has begun"),
            ("instance show \(id) --at 1 --json", 0, #""event_count":1"#),
            ("instance show \(id) --at 99", 65, "so there is no state after 99"),
            ("instance show \(id) --at @1", 65, "the instance had not begun then"),
            ("instance show \(id) --at soon", 65, "is no moment"),
            ("instance show \(unknown)", 1, "there is no instance"),
            ("instance show ffffffff", 1, "no instance's id begins with"),
            ("instance history \(id) --compact", 0, "   1         +0s  the instance of greeting"),
            ("instance history \(id) --timeline", 0, "greet  "),
            ("instance history \(id) --json", 0, #""type":"InstanceStarted""#),
            ("instance history \(unknown)", 1, "there is no instance"),
            ("instance diff \(id) 1 latest", 0, "~ status: running → completed"),
            ("instance diff \(id) latest latest", 0, "nothing differs"),
            ("instance diff \(id) 1 latest --json", 0, #""path":"status""#),
            ("instance diff \(id) --with \(id)", 0, "nothing differs"),
            ("instance diff \(id) 1 99", 65, "so there is no state after 99"),
            ("instance why \(id) greet", 0, "what led to it"),
            ("instance why \(id) greet --json", 0, #""step":"greet""#),
            ("instance why \(id) nothing", 1, "these have: greet"),
            ("replay \(id)", 0, "1 instances"),
            ("what-if \(id) --set input.name=Eva", 0, "Hello Eva"),
            ("what-if \(id) --set input.name=Eva --json", 0, #""imagined":{"#),
            ("what-if \(id) --workflow greeting.yaml", 0, "it does what was recorded"),
            ("what-if \(id) --workflow edited.yaml", 0, "Good day Ana"),
            ("what-if \(id) --set input.name=null", 65, "does not start with that input"),
            ("what-if \(id) --set name=Eva", 65, "must be input.NAME=VALUE"),
            ("what-if \(unknown) --set input.name=Eva", 1, "there is no instance"),
            ("backtest greeting.yaml --since 1d", 0, "1 triggers: 1 same"),
            ("backtest edited.yaml --since 1d", 0, "1 different"),
            ("backtest edited.yaml --json", 0, #""different":1"#),
            ("backtest edited.yaml --since 0s", 0, "nothing that was recorded"),
            ("backtest nowhere.yaml", 65, "there is no file"),
            ("backtest edited.yaml --since soon", 65, "neither a time"),
        ]
    }

    @Test(arguments: [
        ("instance diff 01", "give two moments"), ("what-if 01", "give a workflow with --workflow"),
        ("replay --all --step", "--step takes one instance"),
        ("replay 01 --step --json", "--step is for people"),
        ("backtest a.yaml --limit 0", "--limit must be at least 1"),
        ("instance history 01 --compact --timeline", "give one of"),
    ])
    func wrongUsageIsExplained(line: String, message: String) async throws {
        let result = try await Program().run(line: line)
        #expect(result.status == 64)
        #expect(result.errors.contains(message), "\(result.errors)")
    }

    @Test(arguments: [
        "instance show 01", "instance history 01", "instance diff 01 1 2", "instance why 01 a",
        "replay 01 --step", "what-if 01 --set input.a=1",
    ])
    func anEmptyLogHasNoInstance(line: String) async throws {
        let program = try await Program.withGreeting()
        let result = try await program.run(line: line)
        #expect(result.status == 1)
        #expect(result.errors.contains("no instance's id begins with '01'"), "\(result.errors)")
    }

    @Test func anEmptyLogStartsNothingInABacktest() async throws {
        let program = try await Program.withGreeting()
        let result = try await program.run("backtest", "greeting.yaml")
        #expect(result.status == 0)
        #expect(result.output.contains("0 triggers"))
    }

    @Test(
        arguments: [
            ("input.a=1", ["a": 1]), ("input.b.c=x y", ["b": ["c": "x y"]]),
            ("input.a=\"1\"", ["a": "1"]), ("input.a=", ["a": ""]), ("input.a=b=c", ["a": "b=c"]),
        ] as [(String, Value)]
    )
    func inputIsSet(text: String, expected: Value) throws {
        #expect(try InputChange(text).applied(to: .null) == expected)
    }
}
