import DaybookTestKit
import EventLog
import EventModel
import Runtime
import Testing
import WorkflowEngine

@Suite struct DispatchTests {
    private let begin = Timestamp(seconds: 1_795_161_600)

    private static let text = """
        workflow: sample
        title: Sample
        description: Calls once.
        entity: the_7_space
        triggers: [manual]
        steps:
          - name: sleep
            wait: {for: 1h}
          - name: call
            action: test.call
            with: {text: "{{ input.text }}"}
        """

    private static func action(_ kind: ActionField.Kind) -> ScriptedAction {
        ScriptedAction(
            "test.call",
            inputs: [ActionField("text", kind, required: true, "what to say")]
        ) { request, _ throws(ActionFailure) in request.input["text"] ?? .null }
    }

    /// Starts an instance with one set of actions, and lets it call with another one.
    private func failure(
        later: [ScriptedAction],
        input: Value = ["text": "hello"]
    ) async throws -> ActionFailure? {
        let folder = try TemporaryFolder()
        let time = VirtualTime(now: begin)
        var parts = EngineHarness.Parts()
        parts.actions = ActionCatalogue([Self.action(.any)])
        let first = try EngineHarness(parts, folder: folder, time: time)
        await first.start()
        _ = try await first.engine.deploy(text: Self.text, file: "s.yaml", actor: "user:ana")
        _ = try await first.engine.start(
            workflow: "sample",
            input: input,
            actor: "user:ana",
            idempotencyKey: nil
        )
        await first.engine.waitUntilIdle()
        try await first.stop()
        parts.actions = ActionCatalogue(later)
        let second = try EngineHarness(parts, folder: folder, time: time, store: first.store)
        await second.start()
        await second.pass(until: begin + .seconds(7200))
        let summary = try #require(try second.summaries().first)
        try await second.stop()
        return summary.failure
    }

    @Test func failsAStepWhoseActionIsGone() async throws {
        let other = ScriptedAction("test.other") { _, _ throws(ActionFailure) in .null }
        let failure = try #require(try await failure(later: [other]))
        #expect(failure.code == "unknown_action")
        #expect(failure.message.contains("test.other"))
    }

    @Test func failsAStepWhoseInputDoesNotFit() async throws {
        let failure = try #require(try await failure(later: [Self.action(.integer)]))
        #expect(failure.code == "invalid_input")
        #expect(failure.message.contains("'text' must be of type integer"))
    }

    @Test(arguments: [
        (EventLogError(.diskFull, "no room"), InstanceState.Status.completed),
        (EventLogError(.tooLarge, "larger than 1 MiB"), .paused),
    ])
    func copesWithALogThatDoesNotTakeTheResult(
        _ error: EventLogError,
        _ end: InstanceState.Status
    ) async throws {
        let folder = try TemporaryFolder()
        let time = VirtualTime(now: begin)
        let store = InMemoryEventStore { time.now }
        let action = ScriptedAction(
            "test.call",
            inputs: [ActionField("text", .any, required: true, "what to say")]
        ) { _, _ throws(ActionFailure) in
            // The next append is the one that completes the step.
            store.failNextAppends(with: [error])
            return "done"
        }
        var parts = EngineHarness.Parts()
        parts.actions = ActionCatalogue([action])
        let harness = try EngineHarness(parts, folder: folder, time: time, store: store)
        await harness.start()
        _ = try await harness.engine.deploy(text: Self.text, file: "s.yaml", actor: "user:ana")
        _ = try await harness.engine.start(
            workflow: "sample",
            input: ["text": "hello"],
            actor: "user:ana",
            idempotencyKey: nil
        )
        await harness.pass(until: begin + .seconds(7200))
        let summary = try #require(try harness.summaries().first)
        #expect(summary.status == end)
        #expect(action.requests.count == 1)
        #expect(summary.failure.map(\.code) == (end == .paused ? "output_too_large" : nil))
        try await harness.stop()
    }
}
