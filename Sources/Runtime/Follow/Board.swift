import EventModel
import Synchronization

/// Where everybody stands: positions, what is running, who sleeps until when, and what went wrong.
///
/// It answers two questions without polling: has somebody come as far as a position, and is there
/// nothing left to do now.
final class Board: Sendable {
    /// The last failure of a part that has not recovered from it.
    struct Failure: Sendable, Hashable {
        var message: String
        var at: Timestamp
    }

    struct State: Sendable {
        var positions: [String: Position] = [:]
        var wakeUps: [String: Timestamp] = [:]
        var failures: [String: Failure] = [:]
        var busyCount = 0
        var isReady = false
        var isStopping = false
        var hasEnded = false
        /// Who must come to the head of the log before there is rest.
        var parts: Set<String> = []

        /// True if everybody has come to the head and nothing can be done now.
        func isIdle(head: Position, now: Timestamp) -> Bool {
            guard busyCount == 0, !parts.isEmpty else { return false }
            guard wakeUps.values.allSatisfy({ $0 > now }) else { return false }
            return parts.allSatisfy { name in
                if (positions[name] ?? .start) >= head { return true }
                // A part that failed sleeps before it tries again; that is rest, too.
                return failures[name] != nil && wakeUps[name] != nil
            }
        }
    }

    private struct Waiter {
        var isMet: @Sendable (State) -> Bool
        var continuation: CheckedContinuation<Void, Never>
    }

    private struct Guarded {
        var state = State()
        var waiters: [Int: Waiter] = [:]
        var nextWaiter = 0
    }

    private let guarded = Mutex(Guarded())

    var state: State { guarded.withLock { $0.state } }

    func position(_ name: String) -> Position {
        guarded.withLock { $0.state.positions[name] ?? .start }
    }

    /// Notes that a part has dealt with everything up to a position.
    func moved(_ name: String, to position: Position) {
        update { $0.positions[name] = position }
    }

    /// Notes when a part wants to go on by itself; nil for not before something happens.
    func sleeps(_ name: String, until instant: Timestamp?) {
        update { $0.wakeUps[name] = instant }
    }

    func failed(_ name: String, _ message: String, at instant: Timestamp) {
        update { $0.failures[name] = Failure(message: message, at: instant) }
    }

    func recovered(_ name: String) {
        guard state.failures[name] != nil else { return }
        update { $0.failures[name] = nil }
    }

    func begin() { update { $0.busyCount += 1 } }
    func end() { update { $0.busyCount -= 1 } }

    /// Runs something during which the engine is not idle.
    func busy<Result, Failure: Error>(
        _ body: () async throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        begin()
        defer { end() }
        return try await body()
    }

    func update(_ change: (inout State) -> Void) {
        let met = guarded.withLock { guarded -> [Waiter] in
            change(&guarded.state)
            let state = guarded.state
            let met = guarded.waiters.filter { $0.value.isMet(state) }
            for number in met.keys { guarded.waiters[number] = nil }
            return Array(met.values)
        }
        for waiter in met { waiter.continuation.resume() }
    }

    /// Returns once the condition holds, or when the task is cancelled.
    func wait(until isMet: @escaping @Sendable (State) -> Bool) async {
        let number = guarded.withLock { guarded in
            guarded.nextWaiter += 1
            return guarded.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = guarded.withLock { guarded in
                    if Task.isCancelled || isMet(guarded.state) { return true }
                    guarded.waiters[number] = Waiter(isMet: isMet, continuation: continuation)
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            let waiter = guarded.withLock { $0.waiters.removeValue(forKey: number) }
            waiter?.continuation.resume()
        }
    }
}
