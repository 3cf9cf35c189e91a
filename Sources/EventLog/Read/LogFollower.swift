import EventModel
import Synchronization

/// One walk along the log: catches up, then waits for what comes; nothing is queued for it.
final class LogFollower: Sendable {
    private static let batchEventsMax = 512

    private let log: EventLog
    private let filter: EventFilter
    /// The last position that was looked at.
    private let cursor: Mutex<UInt64>

    init(log: EventLog, after position: UInt64, filter: EventFilter) {
        self.log = log
        self.filter = filter
        cursor = Mutex(position)
    }

    /// The next stretch of the log; nil if the log is closed.
    func next() async throws -> EventSubscription.Batch? {
        try Task.checkCancellation()
        let after = cursor.withLock { min($0, .max - 1) }
        guard try await log.waitForEvent(at: after + 1) else { return nil }
        let chunk: LogReader.Chunk
        do throws(EventLogError) {
            chunk = try LogReader(storage: log.records).chunk(
                from: after + 1,
                through: try log.checkedHead(),
                limit: LogFollower.batchEventsMax,
                filter: filter
            )
        } catch {
            // Closed since the wait: an end, not a failure.
            guard error.code == .closed else { throw error }
            return nil
        }
        cursor.withLock { $0 = chunk.position }
        return EventSubscription.Batch(
            events: chunk.events,
            position: Position(chunk.position)
        )
    }
}
