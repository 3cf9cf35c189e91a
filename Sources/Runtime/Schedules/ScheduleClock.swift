import EventLog
import EventModel
import Logging
import Schedules
import WorkflowEngine

/// Has schedules decide their ticks when they are due.
///
/// The views' table is ordered by due time, so only its first rows are ever looked at. A schedule whose
/// decision fails is tried again later and holds up no other.
final class ScheduleClock: Sendable {
    static let name = "schedule_clock"
    private static let pageSchedules = 256
    private static let decidedAtOnceMax = 32

    private let context: EngineContext
    private let processor: ScheduleProcessor
    private let pulse = Pulse()

    init(context: EngineContext, processor: ScheduleProcessor) {
        self.context = context
        self.processor = processor
    }

    /// Looks again: the table of due times has changed.
    func wake() { pulse.beat() }

    /// Works until the task is cancelled.
    func run() async {
        // Schedules that could not decide, and when to try again.
        var stuck: [[UInt8]: Timestamp] = [:]
        while !Task.isCancelled, !context.board.state.isStopping {
            do {
                let next = try await turn(&stuck)
                if stuck.isEmpty { context.board.recovered(ScheduleClock.name) }
                await context.wait(for: pulse, until: next)
            } catch {
                context.logger.error("the schedules failed", metadata: ["error": "\(error)"])
                context.board.failed(ScheduleClock.name, "\(error)", at: context.time.now)
                await context.pause(ScheduleClock.name, for: .seconds(1))
            }
        }
    }

    /// Decides what is due and tells when to look next.
    private func turn(_ stuck: inout [[UInt8]: Timestamp]) async throws -> Timestamp? {
        while !Task.isCancelled {
            let seen = context.board.position(ScheduleFold.follower)
            let now = context.time.now
            stuck = stuck.filter { $0.value > now }
            let (due, next) = try dueSchedules(at: now, without: stuck)
            if due.isEmpty {
                context.board.update { state in
                    state.wakeUps[ScheduleClock.name] = next
                    state.positions[ScheduleClock.name] = seen
                }
                return next
            }
            for (key, retryAt) in await decide(due, at: now) { stuck[key] = retryAt }
            // What was decided must have moved in the table before it is looked at again.
            let target = context.store.head
            await context.board.wait { state in
                state.isStopping || (state.positions[ScheduleFold.follower] ?? .start) >= target
            }
            if context.board.state.isStopping { return nil }
        }
        return nil
    }

    private typealias Due = (key: [UInt8], id: String)

    private func dueSchedules(
        at now: Timestamp,
        without stuck: [[UInt8]: Timestamp]
    ) throws -> (due: [Due], next: Timestamp?) {
        var due: [Due] = []
        var next = stuck.values.min()
        let rows = try context.views.rows(
            ViewTables.scheduleDues,
            from: nil,
            limit: ScheduleClock.pageSchedules + stuck.count
        )
        for row in rows where stuck[row.key] == nil {
            let instant = ScheduleFold.due(of: row.key)
            guard instant <= now else {
                next = min(next ?? instant, instant)
                break
            }
            guard let id = try Value(canonicalBytes: row.value).stringValue else { continue }
            due.append((row.key, id))
        }
        return (due, next)
    }

    private func decide(
        _ due: [Due],
        at now: Timestamp
    ) async -> [(key: [UInt8], retryAt: Timestamp)] {
        await context.board.busy {
            await withTaskGroup(of: (key: [UInt8], retryAt: Timestamp)?.self) { group in
                var failed: [(key: [UInt8], retryAt: Timestamp)] = []
                for (index, schedule) in due.enumerated() {
                    if index >= ScheduleClock.decidedAtOnceMax, let result = await group.next() {
                        if let result { failed.append(result) }
                    }
                    group.addTask { await self.decide(schedule, at: now) }
                }
                for await result in group {
                    if let result { failed.append(result) }
                }
                return failed
            }
        }
    }

    private func decide(
        _ due: Due,
        at now: Timestamp
    ) async -> (key: [UInt8], retryAt: Timestamp)? {
        do throws(ScheduleError) {
            try await processor.advance(due.id, through: now)
            return nil
        } catch {
            context.logger.error(
                "a schedule cannot decide its ticks",
                metadata: ["schedule": "\(due.id)", "error": "\(error)"]
            )
            context.board.failed(ScheduleClock.name, "\(error)", at: context.time.now)
            return (due.key, context.time.now + .seconds(60))
        }
    }
}
