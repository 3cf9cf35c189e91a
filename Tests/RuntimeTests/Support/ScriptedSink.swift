import EventModel
import Projections
import Synchronization

/// A sink that remembers what it was given and fails on command.
final class ScriptedSink: Sink {
    private struct State {
        var pushes: [[Row]] = []
        var failures: [SinkFailure] = []
        var refused: Set<String> = []
    }

    let kind: String
    let batchRowsMax: Int
    private let state = Mutex(State())
    private let onPush: @Sendable ([Row]) -> Void

    init(
        kind: String = "notion",
        batchRowsMax: Int = 10,
        onPush: @escaping @Sendable ([Row]) -> Void = { _ in }
    ) {
        self.kind = kind
        self.batchRowsMax = batchRowsMax
        self.onPush = onPush
    }

    var pushes: [[Row]] { state.withLock { $0.pushes } }
    /// The last columns that were pushed for each row.
    var rows: [String: ValueMap] {
        var rows: [String: ValueMap] = [:]
        for row in pushes.flatMap({ $0 }) { rows[row.key] = row.columns }
        return rows
    }

    func fail(_ failures: [SinkFailure]) { state.withLock { $0.failures += failures } }
    func refuse(_ keys: Set<String>) { state.withLock { $0.refused = keys } }

    func push(_ rows: [Row], to binding: SinkBinding) async throws(SinkFailure) -> [PushOutcome] {
        let (failure, refused) = state.withLock { state -> (SinkFailure?, Set<String>) in
            guard state.failures.isEmpty else { return (state.failures.removeFirst(), []) }
            state.pushes.append(rows)
            return (nil, state.refused)
        }
        if let failure { throw failure }
        onPush(rows)
        return rows.map { row in
            refused.contains(row.key)
                ? .refused(reason: "the row is too odd") : .written(remoteID: "page-\(row.key)")
        }
    }
}
