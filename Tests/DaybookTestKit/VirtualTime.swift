public import EventModel
import Synchronization
public import WorkflowEngine

/// Time that stands still until a test moves it.
public final class VirtualTime: TimeSource {
    private struct Sleeper {
        var due: Timestamp
        var order: Int
        var continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var now: Timestamp
        var nextOrder = 0
        var sleepers: [Int: Sleeper] = [:]
    }

    private let state: Mutex<State>

    /// Starts at an instant.
    public init(now: Timestamp = Timestamp(seconds: 1_796_000_000)) {
        state = Mutex(State(now: now))
    }

    public var now: Timestamp { state.withLock { $0.now } }

    /// How many tasks wait for time to pass.
    public var sleeperCount: Int { state.withLock { $0.sleepers.count } }

    /// The instant at which the next sleeper wakes, or nil.
    public var nextDue: Timestamp? { state.withLock { $0.sleepers.values.map(\.due).min() } }

    public func sleep(until instant: Timestamp) async throws {
        let order = state.withLock { state in
            state.nextOrder += 1
            return state.nextOrder
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                // Cancellation may have come before there was anything to cancel.
                let isOver = state.withLock { state in
                    if Task.isCancelled || instant <= state.now { return true }
                    state.sleepers[order] = Sleeper(
                        due: instant,
                        order: order,
                        continuation: continuation
                    )
                    return false
                }
                if isOver { continuation.resume() }
            }
            try Task.checkCancellation()
        } onCancel: {
            let sleeper = state.withLock { $0.sleepers.removeValue(forKey: order) }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }

    /// Moves on and wakes everybody whose time has come, in the order of their instants.
    public func advance(by duration: Duration) { advance(to: now + duration) }

    /// Moves on to an instant; time never goes back.
    public func advance(to instant: Timestamp) {
        let woken = state.withLock { state -> [Sleeper] in
            state.now = max(state.now, instant)
            let due = state.sleepers.values.filter { $0.due <= state.now }
            for sleeper in due { state.sleepers[sleeper.order] = nil }
            return due.sorted { ($0.due, $0.order) < ($1.due, $1.order) }
        }
        for sleeper in woken { sleeper.continuation.resume() }
    }
}
