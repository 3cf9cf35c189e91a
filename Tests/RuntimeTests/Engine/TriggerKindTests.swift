import DaybookTestKit
import EventLog
import EventModel
import Runtime
import Testing
import WorkflowEngine

/// Instances that events, requests and the ends of other instances start.
@Suite struct TriggerKindTests {
    private let begin = Timestamp(seconds: 1_795_161_600)

    private func workflow(_ name: String, _ trigger: String) -> String {
        """
        workflow: \(name)
        entity: the_7_space
        triggers: [\(trigger)]
        steps: [{name: done, stop: {outcome: good, output: {seen: "{{ input }}"}}}]
        """
    }

    @Test func anEndARequestAndAnEventEachStartAnInstance() async throws {
        let folder = try TemporaryFolder()
        let parts = EngineHarness.Parts()
        let harness = try EngineHarness(parts, folder: folder, time: VirtualTime(now: begin))
        await harness.start()
        let engine = harness.engine
        for (name, trigger) in [
            ("first", "manual, {request: share, from: [am_consulting]}"),
            ("second", "{workflow: first, outcome: good}"),
            ("third", "{event: RequestReceived, if: data.request == 'share'}"),
        ] {
            let text = workflow(name, trigger)
            _ = try await engine.deploy(text: text, file: "\(name).yaml", actor: "user:ana")
        }
        let request = EntityRequest(
            name: "share",
            from: "am_consulting",
            entities: ["the_7_space"],
            payload: ["n": 1],
            actor: "user:ana",
            idempotencyKey: "one"
        )
        let taken = try await engine.receive(request)
        // The same key again is the same request.
        #expect(try await engine.receive(request).event == taken.event)
        await engine.waitUntilIdle()
        let summaries = try harness.summaries()
        #expect(Set(summaries.map(\.workflow)) == ["first", "second", "third"])
        #expect(summaries.count == 3)
        #expect(summaries.allSatisfy { $0.outcome == "good" })
        let second = try #require(summaries.first { $0.workflow == "second" })
        let reader = InstanceReader(store: harness.store)
        let state = try #require(try reader.state(of: second.instance))
        #expect(state.input["output"] == ["seen": ["n": 1]])
        #expect(state.trigger["kind"] == "workflow")
        var unknown = request
        unknown.name = "shave"
        await #expect(throws: CommandError.self) { try await engine.receive(unknown) }
        try await harness.stop()
    }
}
