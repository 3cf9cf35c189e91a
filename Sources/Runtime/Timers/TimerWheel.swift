import EventLog
import EventModel
import Logging
import Synchronization
import WorkflowEngine

/// Fires timers when they are due.
///
/// The views' table is ordered by due time, so only its first rows are ever looked at, however many
/// instances sleep. Firing is a command: a timer that is not set any more is refused by its instance.
final class TimerWheel: Sendable {
    static let name = "timers"
    private static let pageTimers = 256
    private static let firedAtOnceMax = 32

    private let context: EngineContext
    private let processor: InstanceProcessor
    private let pulse = Pulse()

    init(context: EngineContext, processor: InstanceProcessor) {
        self.context = context
        self.processor = processor
    }

    /// Looks again: the table of timers has changed.
    func wake() { pulse.beat() }

    /// Works until the task is cancelled.
    func run() async {
        // Timers that could not be fired, and when to try again.
        var stuck: [[UInt8]: Timestamp] = [:]
        while !Task.isCancelled, !context.board.state.isStopping {
            do {
                let next = try await turn(&stuck)
                context.board.recovered(TimerWheel.name)
                await context.wait(for: pulse, until: next)
            } catch {
                context.logger.error("the timers failed", metadata: ["error": "\(error)"])
                context.board.failed(TimerWheel.name, "\(error)", at: context.time.now)
                await context.pause(TimerWheel.name, for: .seconds(1))
            }
        }
    }

    /// Fires what is due and tells when to look next.
    private func turn(_ stuck: inout [[UInt8]: Timestamp]) async throws -> Timestamp? {
        while !Task.isCancelled {
            let seen = context.board.position(InstanceFold.follower)
            let now = context.time.now
            stuck = stuck.filter { $0.value > now }
            let (due, next) = try dueTimers(at: now, without: stuck)
            if due.isEmpty {
                context.board.update { state in
                    state.wakeUps[TimerWheel.name] = next
                    state.positions[TimerWheel.name] = seen
                }
                return next
            }
            for (timer, retryAt) in await fire(due) { stuck[timer.key] = retryAt }
            // What was fired must have left the table before it is looked at again.
            let target = context.store.head
            await context.board.wait { state in
                state.isStopping
                    || (state.positions[InstanceFold.follower] ?? .start) >= target
            }
        }
        return nil
    }

    private func dueTimers(
        at now: Timestamp,
        without stuck: [[UInt8]: Timestamp]
    ) throws -> (due: [TimerEntry], next: Timestamp?) {
        var due: [TimerEntry] = []
        var next = stuck.values.min()
        let rows = try context.views.rows(
            ViewTables.timers,
            from: nil,
            limit: TimerWheel.pageTimers + stuck.count
        )
        for row in rows {
            guard stuck[row.key] == nil else { continue }
            guard let entry = TimerEntry(try Value(canonicalBytes: row.value)) else { continue }
            guard entry.due <= now else {
                next = min(next ?? entry.due, entry.due)
                break
            }
            due.append(entry)
        }
        return (due, next)
    }

    private func fire(_ due: [TimerEntry]) async -> [(timer: TimerEntry, retryAt: Timestamp)] {
        await context.board.busy {
            await withTaskGroup(of: (timer: TimerEntry, retryAt: Timestamp)?.self) { group in
                var failed: [(timer: TimerEntry, retryAt: Timestamp)] = []
                for (index, timer) in due.enumerated() {
                    if index >= TimerWheel.firedAtOnceMax, let result = await group.next() {
                        if let result { failed.append(result) }
                    }
                    group.addTask { await self.fire(timer) }
                }
                for await result in group {
                    if let result { failed.append(result) }
                }
                return failed
            }
        }
    }

    private func fire(_ entry: TimerEntry) async -> (timer: TimerEntry, retryAt: Timestamp)? {
        let origin = InstanceProcessor.Origin(actor: context.configuration.actor)
        do throws(CommandError) {
            try await processor.execute(
                .fireTimer(timer: entry.timer),
                on: entry.instance,
                origin: origin
            )
            return nil
        } catch {
            // A refused timer leaves the table with the next fold; should it stay, it must not spin.
            let retryAt = context.time.now + .seconds(10)
            if case .rejected = error { return (entry, retryAt) }
            context.logger.error(
                "a timer cannot fire",
                metadata: [
                    "instance": "\(entry.instance)", "timer": "\(entry.timer)",
                    "error": "\(error)",
                ]
            )
            context.board.failed(TimerWheel.name, "\(error)", at: context.time.now)
            return (entry, retryAt)
        }
    }
}
