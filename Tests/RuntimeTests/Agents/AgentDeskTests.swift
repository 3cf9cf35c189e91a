import DaybookTestKit
import EventLog
import EventModel
import Runtime
import Testing
import WorkflowEngine

/// Steps that agents do, under virtual time and over a log in memory.
@Suite struct AgentDeskTests {
    private let begin = Timestamp(seconds: 1_795_161_600)

    private static let text = """
        workflow: sample
        title: Sample
        description: Lets an agent count.
        entity: the_7_space
        triggers: [manual]
        steps:
          - name: count
            action: agent.run
            with:
              capability: counting
              input: {upto: "{{ input.upto }}"}
              start_within: 10m
              finish_within: 5m
              assignments: 2
            timeout: 2h
            retry: {attempts: 2, delay: 1s, jitter: 0}
        output: {sum: "{{ steps.count.sum }}"}
        """

    private static let introduction: Value = ["capabilities": ["counting"], "capacity": 2]

    private struct Worker {
        let desk: AgentDesk
        let name: String
        let session: String

        static func register(
            _ name: String,
            _ harness: EngineHarness,
            _ more: Value = introduction
        ) async throws -> Worker {
            var body = more.mapValue ?? ValueMap()
            body["agent"] = .string(name)
            let desk = harness.engine.agents
            let welcome = try await desk.register(try AgentIntroduction(.map(body)))
            return Worker(desk: desk, name: name, session: welcome.session)
        }

        func poll(max: Int = 1, running: Set<String> = []) async throws -> [AgentAssignment] {
            try await desk.poll(
                agent: name,
                session: session,
                wait: .zero,
                max: max,
                running: running
            )
        }

        func finish(
            _ work: AgentAssignment,
            _ result: Result<Value, ActionFailure> = .success(["sum": 6])
        ) async throws {
            try await desk.finish(
                agent: name,
                session: session,
                body: work.value,
                result: result
            )
        }

        func beat(_ health: AgentState.Health = .healthy, running: Set<String> = []) async throws
            -> [String]
        {
            try await desk.heartbeat(
                agent: name,
                session: session,
                health: health,
                load: 0,
                running: running
            )
        }
    }

    /// A running engine with instances that wait for an agent.
    private func start(_ count: Int = 1, _ folder: TemporaryFolder) async throws -> EngineHarness {
        let harness = try EngineHarness(
            EngineHarness.Parts(),
            folder: folder,
            time: VirtualTime(now: begin)
        )
        await harness.start()
        _ = try await harness.engine.deploy(text: Self.text, file: "s.yaml", actor: "user:ana")
        for number in 0..<count {
            _ = try await harness.engine.start(
                workflow: "sample",
                input: ["upto": 3],
                actor: "user:ana",
                idempotencyKey: "\(number)"
            )
        }
        await harness.engine.waitUntilIdle()
        return harness
    }

    private func types(_ harness: EngineHarness) async -> [String] {
        harness.store.events.filter { ["work", "agent"].contains($0.stream.category) }.map(\.type)
    }

    private func refusal(_ body: () async throws -> Void) async -> AgentError.Code? {
        do {
            try await body()
            return nil
        } catch {
            return (error as? AgentError)?.code
        }
    }

    @Test func doesAStepByAnAgent() async throws {
        let harness = try await start(1, try TemporaryFolder())
        let ana = try await Worker.register("ana", harness)
        let work = try #require(try await ana.poll().first)
        #expect(work.input == ["upto": 3])
        #expect(work.offer.entity == "the_7_space" && work.offer.step == "count")
        // An answer that was lost is given again, one that arrived is not.
        #expect(try await ana.poll().map(\.assignment) == [work.assignment])
        let known = Set([work.offer.work.text])
        #expect(try await ana.poll(running: known).isEmpty)
        try await ana.finish(work)
        try await ana.finish(work)
        await harness.engine.waitUntilIdle()
        let summary = try #require(try harness.summaries().first)
        #expect(summary.status == .completed)
        let done = harness.store.events.filter { $0.type == "StepCompleted" }
        #expect(done.map(\.actor) == ["agent:ana"])
        let expected = ["WorkOffered", "AgentRegistered", "WorkAssigned", "WorkClosed"]
        #expect(await types(harness) == expected)
        #expect(harness.engine.agents.counts == (live: 1, waiting: 0, assigned: 0))
        let row = try #require(try AgentDirectory(views: harness.views).agents().first)
        #expect(row.completedCount == 1 && row.assignedCount == 1)
        try await harness.stop()
    }

    @Test func givesTheStepOfAVanishedAgentToAnother() async throws {
        let harness = try await start(1, try TemporaryFolder())
        let ana = try await Worker.register("ana", harness)
        let first = try #require(try await ana.poll().first)
        await harness.pass(until: begin + .seconds(29))
        let ben = try await Worker.register("ben", harness)
        #expect(try await ben.poll().isEmpty)
        await harness.pass(until: begin + .seconds(31))
        let second = try #require(try await ben.poll().first)
        #expect(second.assignment.number == 2 && second.offer.work == first.offer.work)
        #expect(await refusal { try await ana.finish(first) } == .staleSession)
        // Even if it comes back, its old result is refused, once in the log.
        let back = try await Worker.register("ana", harness)
        for _ in 0..<2 {
            #expect(await refusal { try await back.finish(first) } == .lateResult)
        }
        try await ben.finish(second, .success(["sum": 7]))
        await harness.engine.waitUntilIdle()
        let events = harness.store.events
        #expect(events.filter { $0.type == "StepCompleted" }.map(\.actor) == ["agent:ben"])
        #expect(events.filter { $0.type == "WorkResultRefused" }.count == 1)
        #expect(events.filter { $0.type == "AgentLost" }.count == 1)
        let released = events.filter { $0.type == "WorkReleased" }.map { $0.data["reason"] }
        #expect(released == ["agent_lost"])
        try await harness.stop()
    }

    @Test func keepsWhoHasWhatOverACrash() async throws {
        let folder = try TemporaryFolder()
        let first = try await start(2, folder)
        let ana = try await Worker.register("ana", first)
        let work = try #require(try await ana.poll().first)
        await first.engine.waitUntilIdle()
        await first.crash()
        let second = try EngineHarness(
            EngineHarness.Parts(),
            folder: folder,
            time: first.time,
            store: first.store
        )
        await second.start()
        #expect(second.engine.agents.counts == (live: 1, waiting: 1, assigned: 1))
        let again = Worker(desk: second.engine.agents, name: "ana", session: ana.session)
        try await again.finish(work)
        let other = try #require(try await again.poll().first)
        try await again.finish(other)
        await second.engine.waitUntilIdle()
        #expect(try second.summaries().map(\.status) == [.completed, .completed])
        #expect(second.store.events.filter { $0.type == "WorkOffered" }.count == 2)
        #expect(second.store.events.filter { $0.type == "StepCompleted" }.count == 2)
        try await second.stop()
    }

    @Test func failsWhatNobodyTakesOrFinishes() async throws {
        let harness = try await start(1, try TemporaryFolder())
        // Nobody comes within ten minutes: the first attempt fails and the second one waits.
        await harness.pass(until: begin + .seconds(602))
        let failed = harness.store.events.filter { $0.type == "StepFailed" }
        #expect(failed.map { $0.data[path: "failure", "code"] } == ["no_agent"])
        // Two agents are too slow, one after the other.
        for (name, end) in [("ana", 1_000), ("ben", 1_400)] {
            let agent = try await Worker.register(name, harness)
            let work = try #require(try await agent.poll().first)
            while harness.time.now < begin + .seconds(Int64(end)) {
                _ = try await agent.beat(running: [work.offer.work.text])
                await harness.pass(until: harness.time.now + .seconds(20))
            }
            #expect(try await agent.beat(running: [work.offer.work.text]).count == 1)
            try await agent.desk.leave(agent: agent.name, session: agent.session)
        }
        let summary = try #require(try harness.summaries().first)
        #expect(summary.status == .paused && summary.failure?.code == "timeout")
        let outcomes = harness.store.events.filter { $0.type == "WorkClosed" }
            .map { $0.data["outcome"] }
        #expect(outcomes == ["expired", "exhausted"])
        #expect(harness.engine.agents.works.isEmpty)
        try await harness.stop()
    }

    @Test func closesWorkWhoseInstanceIsCancelled() async throws {
        let harness = try await start(2, try TemporaryFolder())
        let ana = try await Worker.register("ana", harness)
        let work = try #require(try await ana.poll().first)
        for summary in try harness.summaries() {
            try await harness.engine.cancel(summary.instance, reason: "no", actor: "user:ana")
        }
        await harness.pass(until: begin + .seconds(20))
        #expect(harness.engine.agents.works.isEmpty)
        #expect(try await ana.beat(running: [work.offer.work.text]) == [work.offer.work.text])
        #expect(await refusal { try await ana.finish(work) } == .lateResult)
        try await harness.stop()
    }

    @Test func passesFailuresOn() async throws {
        let harness = try await start(1, try TemporaryFolder())
        let ana = try await Worker.register("ana", harness)
        let work = try #require(try await ana.poll().first)
        let failure = ActionFailure(code: "too_dark", message: "no light", isRetryable: false)
        try await ana.finish(work, .failure(failure))
        await harness.engine.waitUntilIdle()
        let summary = try #require(try harness.summaries().first)
        #expect(summary.status == .paused && summary.failure?.code == "too_dark")
        try await harness.stop()
    }

    @Test func waitsForWorkAndTakesNoMoreThanItsCapacity() async throws {
        let harness = try await start(0, try TemporaryFolder())
        let ana = try await Worker.register("ana", harness)
        let desk = harness.engine.agents
        let waiting = Task {
            try await desk.poll(
                agent: "ana",
                session: ana.session,
                wait: .seconds(15),
                max: 9,
                running: []
            )
        }
        for number in 0..<4 {
            _ = try await harness.engine.start(
                workflow: "sample",
                input: ["upto": 3],
                actor: "user:ana",
                idempotencyKey: "\(number)"
            )
        }
        var works = try await waiting.value
        await harness.engine.waitUntilIdle()
        works += try await ana.poll(max: 9, running: Set(works.map(\.offer.work.text)))
        #expect(works.count == 2)
        #expect(desk.counts == (live: 1, waiting: 2, assigned: 2))
        _ = try await ana.beat(.unhealthy)
        for work in works { try await ana.finish(work) }
        #expect(try await ana.poll().isEmpty)
        _ = try await ana.beat(.healthy)
        #expect(try await ana.poll(max: 9).count == 2)
        try await harness.stop()
    }

    @Test(
        arguments: [
            (["agent": "Ana"], "is no name"), (["agent": "ana"], "at least one"),
            (["agent": "ana", "capabilities": ["x"], "capacity": 257], "from 1 to 256"),
            (["capabilities": ["x"]], "'agent' is missing"),
            (["agent": "ana", "capabilities": "x"], "must be a list"),
        ] as [(Value, String)]
    )
    func refusesIntroductionsThatAreNone(_ body: Value, _ words: String) {
        var message = ""
        do throws(AgentError) {
            _ = try AgentIntroduction(body)
        } catch {
            message = error.message
            #expect(error.code == .badRequest)
        }
        #expect(message.contains(words), "\(message)")
    }
}
