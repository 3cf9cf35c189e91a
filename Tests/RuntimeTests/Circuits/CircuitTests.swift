import DaybookTestKit
import EventLog
import EventModel
import Synchronization
import Testing
import WorkflowEngine

@testable import Runtime

/// The breaker as a value, by tables, and the dispatcher that obeys it.
@Suite struct CircuitTests {
    private static let begin = Timestamp(seconds: 1_795_161_600)

    enum Input: Sendable {
        case reached, missed, gaveUp
        case admits(Bool)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// What happens, and at which second.
        var inputs: [(Int64, Input)]
        var phase: Circuit.Phase
    }

    static let cases = [
        Case(
            testDescription: "one answer between outages",
            inputs: [(0, .missed), (0, .reached), (0, .missed), (0, .admits(true))],
            phase: .closed
        ),
        Case(
            testDescription: "opens at the second in a row",
            inputs: [(0, .missed), (1, .missed), (2, .admits(false)), (30, .admits(false))],
            phase: .open
        ),
        Case(
            testDescription: "lets one try after the cool-down",
            inputs: [(0, .missed), (0, .missed), (30, .admits(true)), (30, .admits(false))],
            phase: .halfOpen
        ),
        Case(
            testDescription: "closes when it is reached",
            inputs: [(0, .missed), (0, .missed), (30, .admits(true)), (31, .reached)],
            phase: .closed
        ),
        Case(
            testDescription: "opens for twice as long",
            inputs: [
                (0, .missed), (0, .missed), (30, .admits(true)), (30, .missed),
                (89, .admits(false)), (90, .admits(true)),
            ],
            phase: .halfOpen
        ),
        Case(
            testDescription: "but no longer than the longest",
            inputs: [
                (0, .missed), (0, .missed), (30, .admits(true)), (30, .missed),
                (90, .admits(true)), (90, .missed), (169, .admits(false)), (170, .admits(true)),
            ],
            phase: .halfOpen
        ),
        Case(
            testDescription: "a try that came to nothing lets the next one try",
            inputs: [
                (0, .missed), (0, .missed), (30, .admits(true)), (31, .gaveUp), (31, .admits(true)),
            ],
            phase: .halfOpen
        ),
    ]

    @Test(arguments: cases) func follows(_ row: Case) {
        let settings = CircuitSettings(
            failuresMax: 2,
            coolDown: .seconds(30),
            coolDownMax: .seconds(80)
        )
        var circuit = Circuit()
        for (second, input) in row.inputs {
            let now = Self.begin + .seconds(second)
            switch input {
            case .reached: _ = circuit.reached()
            case .missed: _ = circuit.missed("unavailable", at: now, settings)
            case .gaveUp: circuit.gaveUp(at: now)
            case .admits(let expected):
                let isFree = circuit.admit(at: now).admission == .go
                #expect(isFree == expected, "at second \(second)")
            }
        }
        #expect(circuit.phase == row.phase)
    }

    @Test func neverOpensAtNought() {
        var circuit = Circuit()
        let settings = CircuitSettings(failuresMax: 0)
        for _ in 0..<100 { #expect(circuit.missed("timeout", at: Self.begin, settings) == nil) }
    }

    // MARK: With the engine

    private final class Shop: Sendable {
        let isDown = Mutex(true)
        let calls = Mutex(0)
    }

    private static let text = """
        workflow: sample
        title: Sample
        description: Calls a shop.
        entity: the_7_space
        triggers: [manual]
        steps:
          - name: call
            action: shop.call
            timeout: 1h
            retry: {attempts: 2, delay: 1s, jitter: 0}
        """

    private static func harness(
        _ shop: Shop,
        _ folder: TemporaryFolder,
        _ time: VirtualTime,
        _ store: InMemoryEventStore? = nil
    ) throws -> EngineHarness {
        let action = ScriptedAction("shop.call") { _, _ throws(ActionFailure) in
            shop.calls.withLock { $0 += 1 }
            guard shop.isDown.withLock({ $0 }) else { return "done" }
            throw ActionFailure(code: "unavailable", message: "closed", isRetryable: true)
        }
        var parts = EngineHarness.Parts()
        parts.actions = ActionCatalogue([IntegratedAction(action, "shop")])
        parts.configuration.circuits = CircuitSettings(
            failuresMax: 2,
            coolDown: .seconds(30),
            coolDownMax: .seconds(60)
        )
        parts.configuration.dispatcherConcurrency = 1
        return try EngineHarness(parts, folder: folder, time: time, store: store)
    }

    @Test func stepsWaitWithoutUsingUpAttempts() async throws {
        let folder = try TemporaryFolder()
        let shop = Shop()
        let first = try Self.harness(shop, folder, VirtualTime(now: Self.begin))
        await first.start()
        _ = try await first.engine.deploy(text: Self.text, file: "s.yaml", actor: "user:ana")
        for number in 0..<10 {
            _ = try await first.engine.start(
                workflow: "sample",
                input: [:],
                actor: "user:ana",
                idempotencyKey: "\(number)"
            )
        }
        await first.pass(until: Self.begin + .seconds(20))
        // Two calls opened the circuit; eight instances have not even begun theirs.
        #expect(shop.calls.withLock { $0 } == 2)
        #expect(first.store.events.filter { $0.type == "StepStarted" }.count == 2)
        #expect(first.engine.health.circuits.map(\.phase) == ["open"])
        // The first try fails as well, and a restart remembers.
        await first.pass(until: Self.begin + .seconds(31))
        #expect(shop.calls.withLock { $0 } == 3)
        await first.crash()
        shop.isDown.withLock { $0 = false }
        let second = try Self.harness(shop, folder, first.time, first.store)
        await second.start()
        await second.pass(until: Self.begin + .seconds(80))
        #expect(shop.calls.withLock { $0 } == 3)
        await second.pass(until: Self.begin + .seconds(120))
        #expect(try second.summaries().allSatisfy { $0.status == .completed })
        #expect(shop.calls.withLock { $0 } == 13)
        let types = second.store.events.filter { $0.stream.category == "integration" }.map(\.type)
        #expect(
            types == [
                "CircuitOpened", "CircuitHalfOpened", "CircuitOpened", "CircuitHalfOpened",
                "CircuitClosed",
            ]
        )
        #expect(try CircuitReader.statuses(in: second.store).map(\.phase) == ["closed"])
        try await second.stop()
    }

    @Test func anAnswerThatRefusesIsAnAnswer() async throws {
        let folder = try TemporaryFolder()
        let action = ScriptedAction("shop.call") { _, _ throws(ActionFailure) in
            throw ActionFailure(code: "invalid_input", message: "no", isRetryable: false)
        }
        var parts = EngineHarness.Parts()
        parts.actions = ActionCatalogue([IntegratedAction(action, "shop")])
        parts.configuration.circuits = CircuitSettings(failuresMax: 1)
        let harness = try EngineHarness(parts, folder: folder, time: VirtualTime(now: Self.begin))
        await harness.start()
        _ = try await harness.engine.deploy(text: Self.text, file: "s.yaml", actor: "user:ana")
        _ = try await harness.engine.start(
            workflow: "sample",
            input: [:],
            actor: "user:ana",
            idempotencyKey: nil
        )
        await harness.engine.waitUntilIdle()
        #expect(harness.engine.health.circuits.map(\.phase) == ["closed"])
        try await harness.stop()
    }
}
