import DaybookTestKit
import EventModel
import Testing
import WorkflowEngine

@testable import Runtime

/// Whose turn it is, in short: rows are `id key priority age-in-seconds`, admitted ones with a star.
@Suite struct AdmissionPlanTests {
    struct Example: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var rows: [Row]
        var whenFull: AdmissionState.WhenFull = .queue
        var limit = 1
        var expected: [String]
    }

    struct Row: Sendable {
        var id: UInt64
        var priority = 0
        var age: Int64 = 0
        var runs = false
    }

    private static let now = Timestamp(seconds: 1_795_161_600)

    private static func identity(_ number: UInt64) -> EventID {
        EventID(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_0000 + number)
    }

    private static let examples: [Example] = [
        Example(
            testDescription: "who came first goes first",
            rows: [Row(id: 1), Row(id: 2)],
            expected: ["admit 1"]
        ),
        Example(
            testDescription: "a higher priority goes first",
            rows: [Row(id: 1), Row(id: 2, priority: 1)],
            expected: ["admit 2"]
        ),
        Example(
            testDescription: "who has waited long goes before a higher priority",
            rows: [Row(id: 1, age: 700), Row(id: 2, priority: 1)],
            expected: ["admit 1"]
        ),
        Example(
            testDescription: "a full house lets nobody in",
            rows: [Row(id: 1, runs: true), Row(id: 2)],
            expected: []
        ),
        Example(
            testDescription: "as many as there is room for",
            rows: [Row(id: 1, runs: true), Row(id: 2), Row(id: 3), Row(id: 4)],
            limit: 3,
            expected: ["admit 2", "admit 3"]
        ),
        Example(
            testDescription: "skip: no place, no start",
            rows: [Row(id: 1, runs: true), Row(id: 2)],
            whenFull: .skip,
            expected: ["cancel 2"]
        ),
        Example(
            testDescription: "cancel: the oldest makes room",
            rows: [Row(id: 1, runs: true), Row(id: 2, runs: true), Row(id: 3)],
            whenFull: .cancel,
            limit: 2,
            expected: ["cancel 1"]
        ),
        Example(
            testDescription: "replace: of those that wait the newest stays",
            rows: [Row(id: 1, runs: true), Row(id: 2), Row(id: 3)],
            whenFull: .replace,
            expected: ["cancel 2"]
        ),
    ]

    @Test(arguments: examples)
    func places(_ example: Example) {
        let rows = example.rows.map { row in
            AdmissionRow(
                instance: Self.identity(row.id),
                position: Position(row.id),
                admission: AdmissionState(
                    concurrency: .init(
                        key: "k",
                        limit: example.limit,
                        whenFull: example.whenFull
                    ),
                    priority: row.priority,
                    isAdmitted: row.runs
                ),
                queuedAt: Timestamp(seconds: Self.now.seconds - row.age)
            )
        }
        let plan = AdmissionPlan(rows, memory: AdmissionPlan.Memory(), now: Self.now)
        #expect(plan.steps.map(summary) == example.expected)
    }

    private func summary(_ step: AdmissionPlan.Step) -> String {
        switch step {
        case .admit(let instance): "admit \(instance.low & 0xFF)"
        case .cancel(let instance, _): "cancel \(instance.low & 0xFF)"
        }
    }

    @Test func aRateSaysWhenToLookAgain() {
        let row = AdmissionRow(
            instance: Self.identity(1),
            position: 1,
            admission: AdmissionState(rate: .init(key: "k", limit: 2, per: .seconds(60))),
            queuedAt: Self.now
        )
        var memory = AdmissionPlan.Memory()
        memory.starts["k"] = [
            Timestamp(seconds: Self.now.seconds - 50), Timestamp(seconds: Self.now.seconds - 10),
        ]
        let plan = AdmissionPlan([row], memory: memory, now: Self.now)
        #expect(plan.steps.isEmpty && plan.nextLook == Self.now + .seconds(10))
        let later = AdmissionPlan([row], memory: memory, now: Self.now + .seconds(10))
        #expect(later.steps == [.admit(Self.identity(1))])
    }

    @Test func oneThatComesAgainSoonIsTheSame() {
        func row(_ number: UInt64) -> AdmissionRow {
            AdmissionRow(
                instance: Self.identity(number),
                position: Position(number),
                admission: AdmissionState(deduplication: .init(key: "k", window: .seconds(60))),
                queuedAt: Self.now
            )
        }
        var memory = AdmissionPlan.Memory()
        let together = AdmissionPlan([row(1), row(2)], memory: memory, now: Self.now)
        #expect(together.steps.map(summary) == ["cancel 2", "admit 1"])
        memory.last["k"] = (Self.identity(9), Timestamp(seconds: Self.now.seconds - 59))
        let soon = AdmissionPlan([row(1)], memory: memory, now: Self.now)
        #expect(soon.steps.map(summary) == ["cancel 1"])
        memory.last["k"] = (Self.identity(9), Timestamp(seconds: Self.now.seconds - 60))
        let late = AdmissionPlan([row(1)], memory: memory, now: Self.now)
        #expect(late.steps.map(summary) == ["admit 1"])
    }

    /// An instance may live much longer than the window in which another is the same.
    @Test func oneThatComesAgainMuchLaterIsAnother() {
        func row(_ number: UInt64, ago: Int64, isAdmitted: Bool) -> AdmissionRow {
            AdmissionRow(
                instance: Self.identity(number),
                position: Position(number),
                admission: AdmissionState(
                    deduplication: .init(key: "k", window: .seconds(60)),
                    isAdmitted: isAdmitted
                ),
                queuedAt: Timestamp(seconds: Self.now.seconds - ago)
            )
        }
        for (ago, wanted) in [(60 as Int64, "admit 2"), (59, "cancel 2")] {
            let rows = [
                row(1, ago: ago, isAdmitted: true), row(2, ago: 0, isAdmitted: false),
            ]
            let plan = AdmissionPlan(rows, memory: AdmissionPlan.Memory(), now: Self.now)
            #expect(plan.steps.map(summary) == [wanted])
        }
    }
}
