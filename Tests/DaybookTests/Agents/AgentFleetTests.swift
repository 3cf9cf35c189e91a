import DaybookTestKit
import EventLog
import EventModel
import Foundation
import Testing

@testable import daybook

/// Fifty agents in Python at one engine, as people run them.
@Suite struct AgentFleetTests {
    private static let agentCount = 50
    private static let stepCount = 150
    private static let token = "a-token-for-the-agents"

    private static let workflow = """
        workflow: counting
        title: Count
        description: Lets an agent count.
        entity: the_7_space
        triggers: [manual]
        input:
          upto: {type: integer, required: true, description: how far}
          seconds: {type: number, required: true, description: how long it takes}
          capability: {type: string, required: true, description: who can}
        steps:
          - name: count
            action: agent.run
            with:
              capability: "{{ input.capability }}"
              input: {upto: "{{ input.upto }}", seconds: "{{ input.seconds }}"}
            timeout: 1h
        output: {sum: "{{ steps.count.sum }}"}

        """

    private static let agent = Program.root.appendingPathComponent("docs/examples/agent.py").path

    /// One shell starts all of them: a program that a test starts holds this process's files, and with
    /// them the locks of other tests, until it has become itself.
    private func startAgents(_ program: Program, _ engine: RunningEngine) throws -> Program.Running
    {
        let script = """
            number=0
            while [ $number -lt \(Self.agentCount) ]; do
                capabilities=counting
                if [ $number -lt 2 ]; then capabilities=counting,patience; fi
                python3 "$0" "$1" "$2" agent-$number $capabilities &
                echo $! > agent-$number.process
                number=$((number + 1))
            done
            wait
            """
        let words = ["/bin/sh", "-c", script, Self.agent, engine.endpoint.url, Self.token]
        return try program.begin(words)
    }

    private func kill(_ agent: String, _ program: Program) throws {
        let file = program.folder.file("\(agent).process")
        let text = try String(contentsOfFile: file, encoding: .utf8)
        let process = try #require(Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)))
        _ = Glibc.kill(process, SIGKILL)
    }

    private func killAll(_ program: Program, but victim: String) {
        for number in 0..<Self.agentCount where victim != "agent-\(number)" {
            try? kill("agent-\(number)", program)
        }
    }

    private func run(_ engine: RunningEngine, _ input: Value) async throws -> String {
        let answer = try await engine.endpoint.call(
            "POST",
            "/api/workflows/counting/run",
            body: ["input": input, "actor": "user:ana"],
            client: engine.client
        )
        return try #require(answer["instance"]?.stringValue)
    }

    private func agents(_ engine: RunningEngine) async throws -> [Value] {
        let value = try await engine.endpoint.call("GET", "/api/agents", client: engine.client)
        return value["agents"]?.listValue ?? []
    }

    @Test func everyStepIsDoneOnceThoughAnAgentDies() async throws {
        let program = try Program()
        try program.write(
            "http: {port: 0}\nagents: {token: \(Self.token), lease: 5s}\nworkflows: [counting.yaml]\n",
            to: "daybook.yaml"
        )
        try program.write(Self.workflow, to: "counting.yaml")
        let engine = try await RunningEngine.start(program)
        let shell = try startAgents(program, engine)
        var victim = ""
        var areGone = false
        defer { if !areGone { killAll(program, but: victim) } }
        let areThere = try await Program.wait(seconds: 120) {
            try await agents(engine).count == Self.agentCount
        }
        try #require(areThere, "the agents did not come")

        // Two of them can do the slow step; the one that gets it dies in the middle.
        let slow = try await run(engine, ["upto": 9, "seconds": 10, "capability": "patience"])
        let isTaken = try await Program.wait(seconds: 120) {
            let holder = try await agents(engine).first { $0["work"]?.listValue?.isEmpty == false }
            victim = holder?["agent"]?.stringValue ?? ""
            return !victim.isEmpty
        }
        try #require(isTaken, "no agent took the slow step")
        try kill(victim, program)
        var instances: Set<String> = [slow]
        for number in 1...Self.stepCount {
            let input: Value = [
                "upto": .int(Int64(number)), "seconds": 0, "capability": "counting",
            ]
            instances.insert(try await run(engine, input))
        }
        let path = program.folder.file("data")
        let log = try EventLog.open(at: path, configuration: .init(mode: .readOnly))
        func events(_ type: String) throws -> [Event] {
            let filter = EventFilter(types: [type])
            return try log.read(from: nil, direction: .forward, limit: 10_000, filter: filter)
        }
        let areDone = try await Program.wait(seconds: 240) {
            try events("InstanceCompleted").count == instances.count
        }
        #expect(areDone)

        let done = try events("StepCompleted")
        #expect(Set(done.map(\.stream.identifier)) == instances)
        #expect(done.count == instances.count)
        #expect(done.allSatisfy { $0.actor.hasPrefix("agent:agent-") })
        let slowStep = done.first { $0.stream.identifier == slow }
        #expect(slowStep?.actor != "agent:\(victim)")
        #expect(slowStep?.data[path: "output", "sum"] == 45)
        #expect(try events("AgentLost").contains { $0.data["agent"] == .string(victim) })
        let closed = try events("WorkClosed").filter { $0.data["outcome"] == "completed" }
        #expect(Set(closed.map(\.stream)).count == closed.count)
        let shown = try await program.run("agents", "show", victim)
        #expect(shown.output.contains("status: lost"), "\(shown.output)\(shown.errors)")
        let listed = try await program.run("agents", "list")
        #expect(listed.output.contains("0 steps wait for an agent"))
        await log.close()
        killAll(program, but: victim)
        areGone = true
        _ = try await shell.result()
        let stopped = try await engine.stop()
        #expect(stopped.status == 0)
        let replayed = try await program.run("replay", "--all")
        #expect(replayed.status == 0, "\(replayed.output)")
        // Without an engine the views tell.
        let later = try await program.run("agents", "list", "--json")
        #expect(later.json?["agents"]?.listValue?.count == Self.agentCount)
    }
}
