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

    private func startAgents(
        _ program: Program,
        _ engine: RunningEngine
    ) throws -> [String: Program.Running] {
        var agents: [String: Program.Running] = [:]
        for number in 0..<Self.agentCount {
            let name = "agent-\(number)"
            let capabilities = number < 2 ? "counting,patience" : "counting"
            let words = [Self.agent, engine.endpoint.url, Self.token, name, capabilities]
            agents[name] = try program.begin(["/usr/bin/env", "python3"] + words)
        }
        return agents
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
        let processes = try startAgents(program, engine)
        defer { for process in processes.values { process.send(SIGKILL) } }
        let areThere = try await Program.wait(seconds: 120) {
            try await agents(engine).count == Self.agentCount
        }
        try #require(areThere, "the agents did not come")

        // Two of them can do the slow step; the one that gets it dies in the middle.
        let slow = try await run(engine, ["upto": 9, "seconds": 2, "capability": "patience"])
        var victim = ""
        let isTaken = try await Program.wait(seconds: 60) {
            let holder = try await agents(engine).first { $0["work"]?.listValue?.isEmpty == false }
            victim = holder?["agent"]?.stringValue ?? ""
            return !victim.isEmpty
        }
        try #require(isTaken, "no agent took the slow step")
        processes[victim]?.send(SIGKILL)
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
        for process in processes.values { process.send(SIGKILL) }
        let stopped = try await engine.stop()
        #expect(stopped.status == 0)
        let replayed = try await program.run("replay", "--all")
        #expect(replayed.status == 0, "\(replayed.output)")
        // Without an engine the views tell.
        let later = try await program.run("agents", "list", "--json")
        #expect(later.json?["agents"]?.listValue?.count == Self.agentCount)
    }
}
