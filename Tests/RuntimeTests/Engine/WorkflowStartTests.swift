import DaybookTestKit
import EventLog
import EventModel
import Runtime
import Testing
import WorkflowEngine

/// `workflow.start`: another workflow in the same story.
@Suite struct WorkflowStartTests {
    private static func workflow(_ name: String, _ step: String) -> String {
        """
        workflow: \(name)
        title: A workflow
        description: Starts or is started.
        entity: the_7_space
        triggers: [manual]
        input:
          guest: {type: string, required: true, description: who comes}
        steps:
          - name: only
        \(step)

        """
    }

    private static let welcome = workflow("welcome", "    set: {text: \"Hello {{ input.guest }}\"}")

    private static func visit(_ name: String, _ input: String) -> String {
        workflow(
            "visit",
            "    action: workflow.start\n    with: {workflow: \(name), input: \(input)}"
        )
    }

    private func run(_ visit: String) async throws -> (EngineHarness, InstanceSummary) {
        let harness = try EngineHarness(
            EngineHarness.Parts(),
            folder: try TemporaryFolder(),
            time: VirtualTime()
        )
        await harness.start()
        for text in [Self.welcome, visit] {
            _ = try await harness.engine.deploy(text: text, file: "w.yaml", actor: "user:ana")
        }
        let id = try await harness.engine.start(
            workflow: "visit",
            input: ["guest": "Maya"],
            actor: "user:ana",
            idempotencyKey: nil
        )
        await harness.engine.waitUntilIdle()
        let summary = try #require(try harness.summaries().first { $0.instance == id })
        return (harness, summary)
    }

    @Test func startsAnotherWorkflowInTheSameStory() async throws {
        let (harness, visit) = try await run(
            Self.visit("welcome", "{guest: \"{{ input.guest }}\"}")
        )
        #expect(visit.status == .completed)
        let started = harness.store.events.filter { $0.type == "InstanceStarted" }
        #expect(started.map { $0.data["workflow"] } == ["visit", "welcome"])
        #expect(Set(started.map(\.correlation)).count == 1)
        #expect(started.last?.data[path: "trigger", "step"] == "only")
        #expect(try harness.summaries().allSatisfy { $0.status == .completed })
        try await harness.stop()
    }

    @Test(arguments: [
        ("wellcome", "{guest: Maya}", "not_found"), ("welcome", "{}", "invalid_input"),
    ]) func refuses(_ name: String, _ input: String, _ code: String) async throws {
        let (harness, visit) = try await run(Self.visit(name, input))
        #expect(visit.status == .paused && visit.failure?.code == code)
        try await harness.stop()
    }
}
