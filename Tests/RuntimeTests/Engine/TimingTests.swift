import DaybookTestKit
import EventLog
import EventModel
import Runtime
import Testing
import WorkflowEngine

@Suite struct TimingTests {
    private let begin = Timestamp(seconds: 1_795_161_600)

    private static let anyInput = [ActionField("text", .any, "anything")]

    private static func workflow(_ rest: String) -> String {
        """
        workflow: sample
        title: Sample
        description: A sample.
        entity: the_7_space
        triggers: [manual]
        steps:
          - name: call
            action: test.call
            with: {text: hello}
        \(rest)
        """
    }

    private func harness(
        _ action: ScriptedAction,
        _ folder: TemporaryFolder,
        time: VirtualTime,
        store: InMemoryEventStore? = nil,
        concurrency: Int = 64
    ) throws -> EngineHarness {
        var parts = EngineHarness.Parts()
        parts.actions = ActionCatalogue([action])
        parts.configuration.dispatcherConcurrency = concurrency
        return try EngineHarness(parts, folder: folder, time: time, store: store)
    }

    private func begin(
        _ harness: EngineHarness,
        _ text: String,
        key: String? = nil
    ) async throws -> EventID {
        _ = try await harness.engine.deploy(text: text, file: "sample.yaml", actor: "user:ana")
        return try await harness.engine.start(
            workflow: "sample",
            input: [:],
            actor: "user:ana",
            idempotencyKey: key
        )
    }

    @Test func retriesWithGrowingPauses() async throws {
        let failing = ScriptedAction("test.call", inputs: Self.anyInput) {
            _,
            _ throws(ActionFailure) in
            throw ActionFailure(code: "unavailable", message: "down", isRetryable: true)
        }
        let folder = try TemporaryFolder()
        let harness = try harness(failing, folder, time: VirtualTime(now: begin))
        await harness.start()
        let retry = "    retry: {attempts: 4, delay: 2s, backoff: 3, jitter: 0}"
        let instance = try await begin(harness, Self.workflow(retry))
        await harness.pass(until: begin + .seconds(3600))
        let started = try InstanceReader(store: harness.store).history(of: instance)
            .filter { $0.type == "StepStarted" }
            .map { $0.recordedAt.seconds - begin.seconds }
        #expect(started == [0, 2, 8, 26])
        let summary = try #require(try harness.summaries().first)
        #expect(summary.status == .paused)
        #expect(summary.failure?.code == "unavailable")

        // An operator resumes it; four fresh attempts follow.
        try await harness.engine.resume(instance, actor: "user:bor")
        await harness.pass(until: begin + .seconds(7200))
        #expect(failing.requests.map(\.attempt) == [1, 2, 3, 4, 5, 6, 7, 8])
        try await harness.engine.cancel(instance, reason: "enough", actor: "user:bor")
        await harness.engine.waitUntilIdle()
        #expect(try harness.summaries().first?.status == .cancelled)
        await #expect(throws: CommandError.self) {
            try await harness.engine.cancel(instance, reason: "again", actor: "user:bor")
        }
        try await harness.stop()
    }

    @Test func firesTimersThatCameDueWhileItWasDown() async throws {
        let folder = try TemporaryFolder()
        let time = VirtualTime(now: begin)
        let action = ScriptedAction("test.call", inputs: Self.anyInput) {
            _,
            _ throws(ActionFailure) in .null
        }
        let text = Self.workflow("  - name: sleep\n    wait: {for: 1h}")
        let first = try harness(action, folder, time: time)
        await first.start()
        let instance = try await begin(first, text)
        await first.engine.waitUntilIdle()
        #expect(try TimerTable.count(views: first.views) == 1)
        try await first.stop()
        time.advance(by: .seconds(10 * 3600))
        let second = try harness(action, folder, time: time, store: first.store)
        await second.start()
        #expect(try second.summaries().first?.status == .completed)
        #expect(try second.types(of: instance).filter { $0 == "TimerFired" }.count == 1)
        #expect(try TimerTable.count(views: second.views) == 0)
        try await second.stop()
    }

    @Test func givesUpACallAtItsDeadline() async throws {
        let folder = try TemporaryFolder()
        let time = VirtualTime(now: begin)
        let stuck = ScriptedAction("test.call", inputs: Self.anyInput) {
            request,
            _ throws(ActionFailure) in
            if request.attempt > 1 { return "late but fine" }
            // It listens to nobody but the test's end.
            try? await time.sleep(until: begin + .seconds(10_000))
            throw ActionFailure(code: "cancelled", message: "cancelled", isRetryable: true)
        }
        let harness = try harness(stuck, folder, time: time, concurrency: 1)
        await harness.start()
        let text = Self.workflow("    timeout: 30s\n    retry: {attempts: 2, delay: 1s}")
        let instance = try await begin(harness, text)
        await waitForCalls(stuck, 1)
        time.advance(by: .seconds(30))
        await harness.pass(until: begin + .seconds(60))
        let types = try harness.types(of: instance)
        #expect(types.filter { $0 == "StepFailed" }.count == 1)
        #expect(try harness.summaries().first?.status == .completed)
        try await harness.stop()
    }

    @Test func runsNoMoreCallsAtOnceThanAllowed() async throws {
        let folder = try TemporaryFolder()
        let time = VirtualTime(now: begin)
        let slow = ScriptedAction("test.call", inputs: Self.anyInput) {
            _,
            _ throws(ActionFailure) in
            try? await time.sleep(until: begin + .seconds(100))
            return .null
        }
        let harness = try harness(slow, folder, time: time, concurrency: 3)
        await harness.start()
        for key in 0..<7 { _ = try await begin(harness, Self.workflow(""), key: "\(key)") }
        await waitForCalls(slow, 3)
        #expect(harness.engine.health.callCount == 3)
        time.advance(by: .seconds(100))
        await harness.engine.waitUntilIdle()
        #expect(slow.requests.count == 7)
        #expect(try harness.summaries().map(\.status) == Array(repeating: .completed, count: 7))
        try await harness.stop()
    }

    @Test func startsOnceForOneKey() async throws {
        let folder = try TemporaryFolder()
        let action = ScriptedAction("test.call", inputs: Self.anyInput) {
            _,
            _ throws(ActionFailure) in .null
        }
        let harness = try harness(action, folder, time: VirtualTime(now: begin))
        await harness.start()
        let first = try await begin(harness, Self.workflow(""), key: "order-7")
        let second = try await begin(harness, Self.workflow(""), key: "order-7")
        let third = try await begin(harness, Self.workflow(""))
        #expect(first == second)
        #expect(first != third)
        await harness.engine.waitUntilIdle()
        #expect(action.requests.count == 2)
        try await harness.stop()
    }

    @Test func stopsWithoutDispatchingMoreAndGoesOnLater() async throws {
        let folder = try TemporaryFolder()
        let time = VirtualTime(now: begin)
        let slow = ScriptedAction("test.call", inputs: Self.anyInput) {
            request,
            _ throws(ActionFailure) in
            if request.attempt == 1, time.now < begin + .seconds(50) {
                try? await time.sleep(until: begin + .seconds(100_000))
                throw ActionFailure(code: "cancelled", message: "cancelled", isRetryable: false)
            }
            return .null
        }
        let first = try harness(slow, folder, time: time)
        await first.start()
        let instance = try await begin(first, Self.workflow(""))
        await waitForCalls(slow, 1)
        async let stopped: Void = first.stop()
        while time.nextDue.map({ $0 > begin + .seconds(31) }) ?? true { await Task.yield() }
        time.advance(by: .seconds(30))
        try await stopped
        #expect(first.store.events.last?.data["calls_abandoned"] == 1)
        #expect(try first.types(of: instance).last == "StepStarted")
        time.advance(by: .seconds(60))
        let second = try harness(slow, folder, time: time, store: first.store)
        await second.start()
        #expect(try second.summaries().first?.status == .completed)
        #expect(slow.requests.map(\.idempotencyKey).count == 2)
        #expect(Set(slow.requests.map(\.idempotencyKey)).count == 1)
        try await second.stop()
    }

    /// Lets other tasks run until an action was called so often.
    private func waitForCalls(_ action: ScriptedAction, _ count: Int) async {
        while action.requests.count < count { await Task.yield() }
    }
}
