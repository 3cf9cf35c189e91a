import EventModel
import Synchronization
import WorkflowEngine

/// The one queue through which all requests of a token leave.
final class NotionPacer: Sendable {
    private typealias Continuation = CheckedContinuation<Bool, Never>

    private struct State {
        var pace: PaceState
        var nextNumber: UInt64 = 0
        var waiting: [UInt64: Continuation] = [:]
        /// Requests that are about to wait; true if they were cancelled before they could.
        var entering: [UInt64: Bool] = [:]
        var alarm: (instant: Timestamp, task: Task<Void, Never>)?
    }

    private let state: Mutex<State>
    private let time: any TimeSource

    init(configuration: NotionConfiguration, time: any TimeSource) {
        self.time = time
        let pace = PaceState(
            requestsPerMinute: configuration.requestsPerMinute,
            inFlightMax: configuration.requestsInFlightMax
        )
        state = Mutex(State(pace: pace))
    }

    /// How many requests wait for their turn.
    var waitingCount: Int { state.withLock { $0.pace.waitingCount } }

    /// Waits for the turn of a request.
    ///
    /// - Returns: false if the task was cancelled meanwhile; the request must not be sent then.
    func enter(
        priority: NotionPriority,
        key: String?,
        holdsKey: Bool,
        notBefore: Timestamp?
    ) async -> Bool {
        let now = time.now
        let number = state.withLock { state in
            state.nextNumber += 1
            state.entering[state.nextNumber] = false
            return state.nextNumber
        }
        let ticket = PaceState.Ticket(
            number: number,
            priority: priority,
            due: now + priority.patience,
            notBefore: notBefore ?? now,
            key: key,
            holdsKey: holdsKey
        )
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isAbandoned = state.withLock { state in
                    if state.entering.removeValue(forKey: number) == true { return true }
                    state.pace.enqueue(ticket)
                    state.waiting[number] = continuation
                    return false
                }
                if isAbandoned { continuation.resume(returning: false) } else { admit() }
            }
        } onCancel: {
            withdraw(number)
        }
    }

    /// An answer has come, or will not come; `isLast` also gives the call's key to the next.
    func leave(key: String?, isLast: Bool) {
        state.withLock { state in
            state.pace.answered()
            if isLast, let key { state.pace.release(key) }
        }
        admit()
    }

    /// Gives a key back that a call held between two tries.
    func release(_ key: String) {
        state.withLock { $0.pace.release(key) }
        admit()
    }

    /// Lets nobody leave before an instant.
    func block(until instant: Timestamp) {
        state.withLock { $0.pace.block(until: instant) }
    }

    private func withdraw(_ number: UInt64) {
        let continuation = state.withLock { state -> Continuation? in
            if state.pace.withdraw(number) { return state.waiting.removeValue(forKey: number) }
            if state.entering[number] != nil { state.entering[number] = true }
            return nil
        }
        continuation?.resume(returning: false)
        admit()
    }

    private func admit() {
        let admitted = state.withLock { state -> [Continuation] in
            let admission = state.pace.admit(at: time.now)
            arm(&state, wake: admission.wake)
            return admission.numbers.compactMap { state.waiting.removeValue(forKey: $0) }
        }
        for continuation in admitted { continuation.resume(returning: true) }
    }

    private func arm(_ state: inout State, wake: Timestamp?) {
        guard let wake else { return }
        if let alarm = state.alarm, alarm.instant <= wake { return }
        state.alarm?.task.cancel()
        let time = time
        let task = Task { [weak self] in
            do { try await time.sleep(until: wake) } catch { return }
            self?.ring(wake)
        }
        state.alarm = (wake, task)
    }

    private func ring(_ instant: Timestamp) {
        state.withLock { state in
            if state.alarm?.instant == instant { state.alarm = nil }
        }
        admit()
    }
}
