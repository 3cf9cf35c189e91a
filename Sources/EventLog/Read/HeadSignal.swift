import EventModel
import Synchronization

/// The position of the last durable event, and whoever waits for a later one.
final class HeadSignal: Sendable {
    /// How a wait ended.
    enum Outcome: Sendable {
        case reached
        case closed
        case cancelled
    }

    private struct Waiter {
        var position: UInt64
        var continuation: CheckedContinuation<Outcome, Never>
    }

    private struct State {
        var head: UInt64
        var isClosed = false
        var waiters: [UInt64: Waiter] = [:]
        var nextWaiter: UInt64 = 0
    }

    private let state: Mutex<State>
    private let observers = Mutex<[@Sendable (UInt64) -> Void]>([])

    init(head: UInt64) { state = Mutex(State(head: head)) }

    var head: UInt64 { state.withLock { $0.head } }
    var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Makes a later head known.
    func publish(_ head: UInt64) {
        let reached = state.withLock { state in
            state.head = max(state.head, head)
            guard !state.waiters.isEmpty else { return [Waiter]() }
            let reached = state.waiters.filter { $0.value.position <= state.head }
            for number in reached.keys { state.waiters[number] = nil }
            return Array(reached.values)
        }
        for waiter in reached { waiter.continuation.resume(returning: .reached) }
        for observer in observers.withLock({ $0 }) { observer(head) }
    }

    /// Has a closure called after each new head, on the thread that publishes it; it must not block.
    func observe(_ observer: @escaping @Sendable (UInt64) -> Void) {
        observers.withLock { $0.append(observer) }
    }

    /// Ends all waits, now and later.
    func close() {
        let waiters = state.withLock { state in
            state.isClosed = true
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.continuation.resume(returning: .closed) }
    }

    /// Returns when the head is at a position or beyond it.
    func wait(for position: UInt64) async -> Outcome {
        let number = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let outcome = state.withLock { state -> Outcome? in
                    if state.isClosed { return .closed }
                    if state.head >= position { return .reached }
                    // Asked under the lock: a cancellation from here on finds the waiter.
                    if Task.isCancelled { return .cancelled }
                    state.waiters[number] = Waiter(position: position, continuation: continuation)
                    return nil
                }
                if let outcome { continuation.resume(returning: outcome) }
            }
        } onCancel: {
            let waiter = state.withLock { $0.waiters.removeValue(forKey: number) }
            waiter?.continuation.resume(returning: .cancelled)
        }
    }
}
