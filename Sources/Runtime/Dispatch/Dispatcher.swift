import EventLog
import EventModel
import Logging
import Synchronization
import WorkflowEngine

/// Calls the actions of steps that the log says are open.
///
/// It follows the views' table of open steps in the order of their scheduling. After a start it calls
/// every open one anew, with the same idempotency key: whether a call before the stop took effect
/// cannot be known. Results go back as commands; a call that belongs to an ended attempt is cancelled.
final class Dispatcher: Sendable {
    static let name = "dispatcher"

    private struct State {
        var calls: [Position: Task<Void, Never>] = [:]
        /// Open steps up to here have been taken.
        var taken: Position = .start
    }

    private let context: EngineContext
    private let caller: ActionCaller
    private let pulse = Pulse()
    private let state = Mutex(State())

    init(context: EngineContext, caller: ActionCaller) {
        self.context = context
        self.caller = caller
    }

    /// How many calls are in flight.
    var callCount: Int { state.withLock { $0.calls.count } }

    /// Looks again: the table of open steps has changed.
    func wake() { pulse.beat() }

    /// Works until the task is cancelled; then calls in flight are cancelled too.
    func run() async {
        var failures = 0
        while !Task.isCancelled {
            do {
                try look()
                failures = 0
                context.board.recovered(Dispatcher.name)
                await pulse.wait()
            } catch {
                failures += 1
                context.logger.error("the dispatcher failed", metadata: ["error": "\(error)"])
                context.board.failed(Dispatcher.name, "\(error)", at: context.time.now)
                let delay = Backoff.standard.delay(afterFailures: failures)
                await context.pause(Dispatcher.name, for: delay)
            }
        }
        cancelAll()
    }

    /// Cancels every call in flight.
    func cancelAll() {
        for call in state.withLock({ Array($0.calls.values) }) { call.cancel() }
    }

    private func look() throws {
        let seen = context.board.position(InstanceFold.follower)
        try cancelEnded()
        while !context.board.state.isStopping {
            let (taken, free) = state.withLock { state in
                (state.taken, context.configuration.dispatcherConcurrency - state.calls.count)
            }
            // A full house looks again when a call ends.
            guard free > 0 else { return }
            let page = try context.views.rows(
                ViewTables.stepsOpen,
                from: ViewKey.position(taken.advanced(by: 1)),
                limit: free
            )
            for row in page {
                let position = ViewKey.position(from: row.key)
                let entry = OpenStepEntry(try Value(canonicalBytes: row.value))
                state.withLock { $0.taken = position }
                if let entry { begin(entry, at: position) }
            }
            if page.count < free { break }
        }
        context.board.moved(Dispatcher.name, to: seen)
    }

    private func begin(_ entry: OpenStepEntry, at position: Position) {
        context.board.begin()
        // The call must be known before it can end, so it is made under the lock.
        state.withLock { state in
            state.calls[position] = Task(executorPreference: EngineExecutor.shared) { [self] in
                await caller.call(entry)
                end(position)
            }
        }
    }

    private func end(_ position: Position) {
        _ = state.withLock { $0.calls.removeValue(forKey: position) }
        context.board.end()
        pulse.beat()
    }

    // A step that timed out, or whose instance was cancelled, has left the table.
    private func cancelEnded() throws {
        for (position, call) in state.withLock({ $0.calls }) {
            let key = ViewKey.position(position)
            if try context.views.value(ViewTables.stepsOpen, key) == nil { call.cancel() }
        }
    }
}
