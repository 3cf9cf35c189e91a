import DaybookTestKit
import EventModel
import Foundation
import Testing
import WorkflowEngine

/// Random workflows against a random world; a run is known by its seed alone.
///
/// `DAYBOOK_RUNS` sets how many runs there are, `DAYBOOK_SEED` the first seed.
@Suite struct RandomWorkflowTests {
    private static let runsByDefault: UInt64 = 2_000

    @Test func keepEveryPromiseWhateverTheWorldDoes() throws {
        let environment = ProcessInfo.processInfo.environment
        let first = environment["DAYBOOK_SEED"].flatMap(UInt64.init) ?? 20_260_101
        let runs = environment["DAYBOOK_RUNS"].flatMap(UInt64.init) ?? Self.runsByDefault
        print("random workflows: \(runs) runs, seeds \(first) to \(first + runs - 1)")
        var totals = Totals()
        for seed in first..<(first + runs) {
            var run = try RandomRun(seed: seed)
            run.play()
            totals.add(run)
            guard let broken = run.broken.first else { continue }
            Issue.record(
                """
                \(broken)
                repeat with DAYBOOK_SEED=\(seed) DAYBOOK_RUNS=1
                \(run.text)
                \(run.specification.history.map(\.event.summary).joined(separator: "\n"))
                """
            )
            return
        }
        print("random workflows: \(totals.description)")
        // Runs that never meet the hard cases would prove nothing.
        if runs >= Self.runsByDefault { #expect(totals.missing == []) }
    }

    /// What happened in all runs together.
    private struct Totals {
        private var events = 0
        private var types: Set<String> = []
        private var statuses: [InstanceState.Status: Int] = [:]

        mutating func add(_ run: RandomRun) {
            events += run.specification.history.count
            types.formUnion(run.specification.history.map(\.event.type))
            statuses[run.specification.state.status, default: 0] += 1
        }

        /// What no run has met.
        var missing: [String] {
            // One instance keeps to one version here and goes forward only.
            let all = Set(InstanceEvent.eventTypes.map(\.type)).subtracting([
                "InstanceMigrated", "InstanceReset",
            ])
            let ends: [InstanceState.Status] = [.completed, .failed, .cancelled, .terminated]
            return all.subtracting(types).sorted()
                + ends.filter { statuses[$0, default: 0] < 5 }.map(\.rawValue)
        }

        var description: String {
            let ends = statuses.map { "\($0.key.rawValue) \($0.value)" }.sorted()
            return "\(events) events of \(types.count) types; \(ends.joined(separator: ", "))"
        }
    }
}
