import EventLog
import EventModel
import Logging
import Projections
import Synchronization
import WorkflowEngine

/// Pushes what changed in a projection to one of its sinks: the latest state of each row, the oldest
/// debt first.
///
/// A sink that is down builds up a visible debt and nothing else; it is tried again, more and more
/// rarely, and as late as it asked for.
final class SinkPusher: Sendable {
    let projection: String
    let binding: SinkBinding
    let name: String
    private let index: Int
    private let sink: any Sink
    private let table: SinkDebtTable
    private let context: EngineContext
    private let pulse = Pulse()

    private init(
        projection: String,
        binding: SinkBinding,
        index: Int,
        sink: any Sink,
        context: EngineContext
    ) {
        self.projection = projection
        self.binding = binding
        self.index = index
        self.sink = sink
        self.context = context
        name = "sink:\(projection):\(binding.kind):\(binding.target)"
        table = SinkDebtTable(projection: projection, sink: index)
    }

    /// One pusher for each sink of a projection that there is.
    static func pushers(
        of definition: ProjectionDefinition,
        to sinks: [any Sink],
        context: EngineContext
    ) -> [SinkPusher] {
        definition.sinks.enumerated().compactMap { index, binding in
            guard let sink = sinks.first(where: { $0.kind == binding.kind }) else { return nil }
            return SinkPusher(
                projection: definition.name,
                binding: binding,
                index: index,
                sink: sink,
                context: context
            )
        }
    }

    /// Looks again: rows have changed.
    func wake() { pulse.beat() }

    /// What the sink has not taken yet.
    var debt: EngineHealth.SinkDebt {
        let count = (try? table.count(context.views)) ?? (rows: 0, waiting: 0)
        return EngineHealth.SinkDebt(
            projection: projection,
            kind: binding.kind,
            target: binding.target,
            rowCount: count.rows,
            refusedCount: count.rows - count.waiting,
            oldest: (try? table.oldest(context.views, limit: 1))?.first?.oldest,
            failure: context.board.state.failures[name]?.message
        )
    }

    /// Pushes until the task is cancelled.
    func run() async {
        var failures = 0
        while !Task.isCancelled, !context.board.state.isStopping {
            let seen = context.board.position(ProjectionRunner.name(projection))
            do {
                let isMore = try await context.board.busy { try await pushSome() }
                failures = 0
                context.board.recovered(name)
                guard !isMore else { continue }
                context.board.moved(name, to: seen)
                await pulse.wait()
            } catch {
                if Task.isCancelled { return }
                failures += 1
                await wait(after: error, failures: failures)
            }
        }
    }

    private func wait(after error: any Error, failures: Int) async {
        let backoff = Backoff(first: .seconds(1), max: context.configuration.sinkRetryDelayMax)
        var delay = backoff.delay(afterFailures: failures)
        if let failure = error as? SinkFailure, let asked = failure.retryAfter {
            delay = max(delay, asked)
        }
        context.logger.warning(
            "a sink takes nothing",
            metadata: ["sink": "\(name)", "error": "\(error)", "next_try_in": "\(delay)"]
        )
        context.board.failed(name, "\(error)", at: context.time.now)
        await context.pause(name, for: delay)
    }

    /// Pushes one batch; false if there was nothing to push.
    private func pushSome() async throws -> Bool {
        let debts = try table.oldest(context.views, limit: max(1, sink.batchRowsMax))
        guard !debts.isEmpty else { return false }
        let rows = ProjectionTables(views: context.views)
        var settled: [(debt: SinkDebtTable.Debt, refusal: String?)] = []
        var pushed: [(debt: SinkDebtTable.Debt, row: Row)] = []
        for debt in debts {
            if let row = try rows.row(projection, key: debt.key) {
                pushed.append((debt, row))
            } else {
                // The row is gone; sinks keep what they have of it.
                settled.append((debt, nil))
            }
        }
        var remembered: [TableStore.Change] = []
        if !pushed.isEmpty {
            let outcomes = try await sink.push(pushed.map(\.row), to: binding)
            guard outcomes.count == pushed.count else {
                throw SinkFailure(
                    message: "\(outcomes.count) outcomes for \(pushed.count) rows"
                )
            }
            for (item, outcome) in zip(pushed, outcomes) {
                let (refusal, change) = took(item.row, outcome)
                settled.append((item.debt, refusal))
                if let change { remembered.append(change) }
            }
        }
        try await table.settle(settled, and: remembered, in: context.views)
        return true
    }

    private func took(
        _ row: Row,
        _ outcome: PushOutcome
    ) -> (refusal: String?, remembered: TableStore.Change?) {
        switch outcome {
        case .written(let remoteID): return (nil, remembered(row, remoteID))
        case .unchanged(let remoteID): return (nil, remembered(row, remoteID))
        case .refused(let reason):
            context.logger.warning(
                "a sink refuses a row",
                metadata: ["sink": "\(name)", "row": "\(row.key)", "reason": "\(reason)"]
            )
            return (reason, nil)
        }
    }

    /// What was pushed where, so that the synchronisation recognises it when it comes back.
    private func remembered(_ row: Row, _ remoteID: String?) -> TableStore.Change? {
        guard binding.kind == "notion", let remoteID else { return nil }
        var fields = ValueMap()
        for mapping in binding.fields {
            fields[mapping.field] = row.columns[mapping.column] ?? .null
        }
        let own = PushedRow(
            fields: fields,
            position: context.store.head,
            pushedAt: context.time.now
        )
        return (
            table: ViewTables.pushed,
            key: PushedRow.key(database: binding.target, remoteID: remoteID),
            value: own.value.canonicalBytes
        )
    }
}
