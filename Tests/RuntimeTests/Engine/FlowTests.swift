import DaybookTestKit
import EventLog
import EventModel
import Runtime
import Testing
import WorkflowEngine

/// Instances that call each other, wait for events, ask people and take turns, in a whole engine.
@Suite struct FlowTests {
    private let begin = Timestamp(seconds: 1_795_161_600)

    private func harness(_ folder: TemporaryFolder) async throws -> EngineHarness {
        var parts = EngineHarness.Parts()
        let echo = ScriptedAction("test.call", inputs: [ActionField("x", .any, "anything")]) {
            (request, _) throws(ActionFailure) in
            if request.input["x"] == "fail" {
                throw ActionFailure(code: "no", message: "it said no", isRetryable: false)
            }
            return ["got": request.input["x"] ?? .null]
        }
        parts.actions = ActionCatalogue([echo])
        let harness = try EngineHarness(parts, folder: folder, time: VirtualTime(now: begin))
        await harness.start()
        return harness
    }

    private func deploy(_ harness: EngineHarness, _ texts: String...) async throws {
        for text in texts {
            _ = try await harness.engine.deploy(text: text, file: "w.yaml", actor: "user:ana")
        }
    }

    private func start(
        _ harness: EngineHarness,
        _ workflow: String,
        _ input: Value = [:]
    ) async throws -> EventID {
        let instance = try await harness.engine.start(
            workflow: workflow,
            input: input,
            actor: "user:ana",
            idempotencyKey: nil
        )
        await harness.engine.waitUntilIdle()
        return instance
    }

    private func state(_ harness: EngineHarness, _ instance: EventID) throws -> InstanceState {
        try #require(try InstanceReader(store: harness.store).state(of: instance))
    }

    private let child = """
        workflow: sub
        input: {x: {type: string, required: true}}
        steps: [{name: call, action: test.call, with: {x: "{{ input.x }}"}, retry: {attempts: 1}}]
        on_incident: fail
        output: {seen: "{{ steps.call.got }}"}
        """

    @Test func aCalledWorkflowRunsAndItsEndComesBack() async throws {
        let folder = try TemporaryFolder()
        let harness = try await harness(folder)
        let parent = """
            workflow: main
            steps:
              - name: each
                for_each:
                  items: [a, b, fail]
                  concurrency: 2
                  collect: "{{ steps.sub }}"
                  steps:
                    - {name: sub, call: sub, with: {x: "{{ item }}"}, on_failure: {degrade: none}}
              - {name: missing, call: nowhere, on_failure: {degrade: "{{ error.code }}"}}
              - {name: wrong, call: sub, on_failure: {degrade: "{{ error.code }}"}}
            output: {all: "{{ steps.each }}", codes: ["{{ steps.missing }}", "{{ steps.wrong }}"]}
            """
        try await deploy(harness, child, parent)
        let instance = try await start(harness, "main")
        let end = try state(harness, instance)
        #expect(end.status == .completed)
        let all = end.output["all"]?.listValue ?? []
        #expect(all.first?["output"] == ["seen": "a"] && all.last == "none")
        #expect(end.output["codes"] == ["child_refused", "child_refused"])
        let children = try harness.summaries().filter { $0.workflow == "sub" }
        #expect(children.count == 3)
        #expect(children.allSatisfy { $0.triggerKind == "parent" })
        try await harness.stop()
    }

    @Test func childrenEndWithTheirParent() async throws {
        let folder = try TemporaryFolder()
        let harness = try await harness(folder)
        let sleeper = "workflow: sleeper\nsteps: [{name: rest, wait: {for: 1d}}]"
        let parent = "workflow: main\nsteps: [{name: sub, call: sleeper}]"
        try await deploy(harness, sleeper, parent)
        let instance = try await start(harness, "main")
        let running = try #require(
            try harness.summaries().first { $0.workflow == "sleeper" }?.instance
        )
        try await harness.engine.cancel(instance, reason: "enough", actor: "user:ana")
        await harness.engine.waitUntilIdle()
        #expect(try state(harness, running).status == .cancelled)
        try await harness.stop()
    }

    @Test func aWaitTakesTheEventThatFitsAndOnlyALaterOne() async throws {
        let folder = try TemporaryFolder()
        let harness = try await harness(folder)
        let waiter = """
            workflow: waiter
            steps:
              - name: asked
                wait:
                  event: RequestReceived
                  match: {payload.n: "{{ input.n }}"}
                  if: event.actor == 'user:ana'
                  timeout: 1h
                  on_timeout: [{name: late, set: {late: true}}]
            output: {n: "{{ steps.asked.timed_out ? 0 : steps.asked.data.payload.n }}"}
            """
        let taker = "workflow: taker\ntriggers: [{request: ask}]\nsteps: [{name: a, set: {x: 1}}]"
        try await deploy(harness, waiter, taker)
        func ask(_ number: Int64) async throws {
            let request = EntityRequest(
                name: "ask",
                from: nil,
                entities: [],
                payload: ["n": .int(number)],
                actor: "user:ana"
            )
            _ = try await harness.engine.receive(request)
            await harness.engine.waitUntilIdle()
        }
        try await ask(1)
        let first = try await start(harness, "waiter", ["n": 1])
        let second = try await start(harness, "waiter", ["n": 2])
        let third = try await start(harness, "waiter", ["n": 3])
        try await ask(2)
        #expect(try state(harness, first).status == .running)
        #expect(try state(harness, second).output == ["n": 2])
        try await ask(1)
        #expect(try state(harness, first).output == ["n": 1])
        await harness.pass(until: begin + .seconds(2 * 3_600))
        #expect(try state(harness, third).output == ["n": 0])
        try await harness.stop()
    }

    @Test func anApprovalBecomesATaskAndIsAnsweredByItsBeginning() async throws {
        let folder = try TemporaryFolder()
        let harness = try await harness(folder)
        let gate = """
            workflow: gate
            entity: am_consulting
            steps:
              - name: check
                approval: {title: "Good, {{ input.who }}?", who: [user:eva], deadline: 2d}
            output: {answer: "{{ steps.check.outcome }}", by: "{{ steps.check.actor }}"}
            """
        try await deploy(harness, gate)
        let instance = try await start(harness, "gate", ["who": "Bor"])
        let task = try #require(harness.store.events.first { $0.type == "TaskCreated" })
        #expect(task.data["title"] == "Good, Bor?" && task.data["kind"] == "approval")
        #expect(task.data["instance"] == .string(instance.text))
        #expect(task.entity == "am_consulting" && task.data["due"] != nil)
        let found = try await harness.engine.instance(prefix: String(instance.text.prefix(20)))
        #expect(found == instance)
        await #expect(throws: CommandError.self) {
            try await harness.engine.answer(
                found,
                step: nil,
                outcome: .approved,
                comment: nil,
                actor: "user:bor"
            )
        }
        try await harness.engine.answer(
            found,
            step: "check",
            outcome: .approved,
            comment: "fine",
            actor: "user:eva"
        )
        await harness.engine.waitUntilIdle()
        #expect(try state(harness, instance).output == ["answer": "approved", "by": "user:eva"])
        try await harness.stop()
    }

    @Test func onlySoManyRunAtOnceAndTheOthersTakeTheirTurn() async throws {
        let folder = try TemporaryFolder()
        let harness = try await harness(folder)
        let limited = """
            workflow: limited
            concurrency: {key: "{{ input.key }}", limit: 2}
            steps: [{name: rest, wait: {for: 10m}}]
            """
        try await deploy(harness, limited)
        var instances: [EventID] = []
        for _ in 0..<5 { instances.append(try await start(harness, "limited", ["key": "a"])) }
        let other = try await start(harness, "limited", ["key": "b"])
        func statuses() throws -> [InstanceState.Status] {
            try instances.map { try state(harness, $0).status }
        }
        #expect(try statuses() == [.running, .running, .queued, .queued, .queued])
        #expect(try state(harness, other).status == .running)
        try await harness.engine.cancel(instances[0], reason: "gone", actor: "user:ana")
        await harness.engine.waitUntilIdle()
        #expect(try statuses() == [.cancelled, .running, .running, .queued, .queued])
        await harness.pass(until: begin + .seconds(3_600))
        #expect(try statuses().dropFirst().allSatisfy { $0 == .completed })
        try await harness.stop()
    }

    @Test func ratesAndRepeatsAreKeptToAcrossACrash() async throws {
        let folder = try TemporaryFolder()
        let harness = try await harness(folder)
        let limited = """
            workflow: limited
            rate_limit: {limit: 2, per: 1m}
            dedup: {key: "{{ input.id }}", window: 1h}
            steps: [{name: done, set: {x: 1}}]
            """
        try await deploy(harness, limited)
        var instances: [EventID] = []
        for id in [1, 2, 3, 1] {
            instances.append(try await start(harness, "limited", ["id": .int(Int64(id))]))
        }
        func statuses(_ harness: EngineHarness) throws -> [InstanceState.Status] {
            try instances.map { try state(harness, $0).status }
        }
        #expect(try statuses(harness) == [.completed, .completed, .queued, .cancelled])
        await harness.crash()
        let next = try EngineHarness(
            EngineHarness.Parts(),
            folder: folder,
            time: VirtualTime(now: begin + .seconds(30)),
            store: harness.store
        )
        await next.start()
        #expect(try statuses(next)[2] == .queued)
        await next.pass(until: begin + .seconds(90))
        #expect(try statuses(next)[2] == .completed)
        try await next.stop()
    }

    @Test func aFailedInstanceIsTriedAgainAndAPausedOneStandsStill() async throws {
        let folder = try TemporaryFolder()
        let harness = try await harness(folder)
        let text = """
            workflow: steered
            on_incident: fail
            steps:
              - {name: begin, set: {x: "{{ input.x }}"}}
              - {name: first, action: test.call, with: {x: 1}}
              - {name: second, action: test.call, with: {x: "{{ vars.x }}"}, retry: {attempts: 1}}
              - {name: rest, wait: {for: 1h}}
            """
        try await deploy(harness, text)
        let engine = harness.engine
        let instance = try await start(harness, "steered", ["x": "fail"])
        #expect(try state(harness, instance).status == .failed)
        try await engine.retry(instance, actor: "user:ana")
        await engine.waitUntilIdle()
        // The call is repeated as it was, so it fails as it did, with an attempt that counts on.
        #expect(try state(harness, instance).steps["second"]?.attempt == 2)
        let history = try InstanceReader(store: harness.store).history(of: instance)
        let scheduled = try #require(
            history.first { $0.type == "StepScheduled" && $0.data["step"] == "second" }
        )
        try await engine.reset(
            instance,
            toEvent: scheduled.revision,
            reason: "the input was wrong",
            variables: ["x": "better"],
            actor: "user:ana"
        )
        await engine.waitUntilIdle()
        var current = try state(harness, instance)
        #expect(current.status == .running && current.outputs["second"] == ["got": "better"])
        try await engine.suspend(instance, reason: "lunch", actor: "user:ana")
        await harness.pass(until: begin + .seconds(2 * 3_600))
        #expect(try state(harness, instance).status == .suspended)
        try await engine.resume(instance, actor: "user:ana")
        await harness.pass(until: begin + .seconds(3 * 3_600))
        current = try state(harness, instance)
        #expect(current.status == .completed)
        let fork = try await engine.fork(
            instance,
            atEvent: scheduled.revision,
            input: ["x": "fork"],
            variables: ["x": "fork"],
            actor: "user:ana"
        )
        await engine.waitUntilIdle()
        #expect(try state(harness, fork).outputs["second"] == ["got": "fork"])
        #expect(try Replay.verify(store: harness.store, views: harness.views).isClean)
        try await harness.stop()
    }
}
