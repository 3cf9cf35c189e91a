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
        /// Integration to the steps that wait until it is up again; they hold no place.
        var held: [String: [(position: Position, entry: OpenStepEntry)]] = [:]
    }

    private let context: EngineContext
    private let caller: ActionCaller
    private let circuits: CircuitBoard
    private let pulse = Pulse()
    private let state = Mutex(State())

    init(context: EngineContext, caller: ActionCaller, circuits: CircuitBoard) {
        self.context = context
        self.caller = caller
        self.circuits = circuits
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
                let next = nextTry
                context.board.sleeps("\(Dispatcher.name).held", until: next)
                await context.wait(for: pulse, until: next)
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
        releaseHeld()
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
                let integration = await caller.call(entry)
                end(position, entry, heldFor: integration)
            }
        }
    }

    private func end(_ position: Position, _ entry: OpenStepEntry, heldFor integration: String?) {
        state.withLock { state in
            state.calls[position] = nil
            if let integration, !Task.isCancelled {
                state.held[integration, default: []].append((position, entry))
            }
        }
        context.board.end()
        pulse.beat()
    }

    /// When the first integration that steps wait for may be tried again.
    private var nextTry: Timestamp? {
        let names = state.withLock { Array($0.held.keys) }
        return names.compactMap { circuits.until($0) }.min()
    }

    /// Begins the calls, oldest first, whose integration may be called again.
    private func releaseHeld() {
        guard !context.board.state.isStopping else { return }
        for name in state.withLock({ Array($0.held.keys) }).sorted() {
            let room = circuits.room(name)
            let released = state.withLock { state in
                let free = max(0, context.configuration.dispatcherConcurrency - state.calls.count)
                let waiting = (state.held[name] ?? []).sorted { $0.position < $1.position }
                let count = min(free, room ?? free)
                let left = Array(waiting.dropFirst(count))
                state.held[name] = left.isEmpty ? nil : left
                return waiting.prefix(count)
            }
            for (position, entry) in released { begin(entry, at: position) }
        }
    }

    // A step that timed out, or whose instance was cancelled, has left the table.
    private func cancelEnded() throws {
        for (position, call) in state.withLock({ $0.calls }) {
            let key = ViewKey.position(position)
            if try context.views.value(ViewTables.stepsOpen, key) == nil { call.cancel() }
        }
    }
}
