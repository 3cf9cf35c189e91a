import DaybookTestKit
import EventLog
import EventModel
import Runtime
import Testing
import WorkflowEngine

/// Imagined instances that wait for people, children and events.
@Suite struct WhatIfFlowTests {
    private let begin = Timestamp(seconds: 1_795_161_600)

    private func harness(_ folder: TemporaryFolder, _ texts: String...) async throws
        -> EngineHarness
    {
        let time = VirtualTime(now: begin)
        let harness = try EngineHarness(EngineHarness.Parts(), folder: folder, time: time)
        await harness.start()
        for text in texts {
            _ = try await harness.engine.deploy(text: text, file: "w.yaml", actor: "user:ana")
        }
        return harness
    }

    private func start(_ harness: EngineHarness, _ workflow: String) async throws -> EventID {
        let instance = try await harness.engine.start(
            workflow: workflow,
            input: [:],
            actor: "user:ana",
            idempotencyKey: nil
        )
        await harness.engine.waitUntilIdle()
        return instance
    }

    @Test func answersOfPeopleAndEndsOfChildrenAreGivenAgain() async throws {
        let folder = try TemporaryFolder()
        let child = "workflow: sub\nsteps: [{name: rest, wait: {for: 1h}}]\noutput: {n: 7}"
        let main = """
            workflow: main
            steps:
              - {name: sub, call: sub}
              - name: check
                approval: {title: "Good?", who: [user:eva], deadline: 2d}
            output: {answer: "{{ steps.check.outcome }}", n: "{{ steps.sub.output.n }}"}
            """
        let harness = try await harness(folder, child, main)
        let instance = try await start(harness, "main")
        await harness.pass(until: begin + .seconds(7_200))
        try await harness.engine.answer(
            instance,
            step: "check",
            outcome: .approved,
            comment: nil,
            actor: "user:eva"
        )
        await harness.engine.waitUntilIdle()
        try await harness.stop()
        let result = try WhatIf(instance, definition: nil, store: harness.store)
        #expect(result.recorded.status == .completed)
        #expect(result.imagined == result.recorded, "\(result.run.standstill)")
        #expect(result.difference == nil)
    }

    @Test func theSilenceOfTheWorldIsNeverGuessed() async throws {
        let folder = try TemporaryFolder()
        let waiter = """
            workflow: waiter
            steps:
              - name: asked
                wait: {event: RequestReceived, timeout: 1h}
            """
        let taker = "workflow: taker\ntriggers: [{request: ask}]\nsteps: [{name: a, set: {x: 1}}]"
        let harness = try await harness(folder, waiter, taker)
        let heard = try await start(harness, "waiter")
        let request = EntityRequest(
            name: "ask",
            from: nil,
            entities: [],
            payload: [:],
            actor: "user:ana"
        )
        _ = try await harness.engine.receive(request)
        await harness.engine.waitUntilIdle()
        let unheard = try await start(harness, "waiter")
        await harness.pass(until: begin + .seconds(7_200))
        try await harness.stop()
        // The event came, but what it would end in another workflow, the record does not say.
        let first = try WhatIf(heard, definition: nil, store: harness.store)
        #expect(first.run.isBrokenOff && first.difference == nil)
        #expect(
            first.run.standstill == [
                "'asked' waits for something, and the record holds nothing about that"
            ]
        )
        // Here nothing came, and the record has that.
        let second = try WhatIf(unheard, definition: nil, store: harness.store)
        #expect(second.imagined == second.recorded)
        #expect(second.difference == nil)
    }
}
