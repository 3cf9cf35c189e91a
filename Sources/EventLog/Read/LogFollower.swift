import EventModel
import Synchronization

/// One walk along the log: catches up, then waits for what comes; nothing is queued for it.
final class LogFollower: Sendable {
    private static let batchEventsMax = 512
    /// A stretch up to this is read through, whatever the filter.
    private static let scanEventsMax: UInt64 = 8192

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
            chunk = try stretch(after: after, through: try log.checkedHead())
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

    /// The next wanted events; by the index if there is far to go and the filter is for it.
    private func stretch(
        after: UInt64,
        through head: UInt64
    ) throws(EventLogError) -> LogReader.Chunk {
        let reader = LogReader(storage: log.records)
        let isFar = head > after && head - after > LogFollower.scanEventsMax
        guard isFar, LogQuery.isIndexed(filter),
            let index = try log.usableIndex(through: head)
        else {
            return try reader.chunk(
                from: after + 1,
                through: head,
                limit: LogFollower.batchEventsMax,
                filter: filter
            )
        }
        let events = try LogQuery(reader: reader, index: index, filter: filter).read(
            from: Position(after + 1),
            direction: .forward,
            limit: LogFollower.batchEventsMax,
            head: head
        )
        let isWhole = events.count < LogFollower.batchEventsMax
        return LogReader.Chunk(
            events: events,
            position: isWhole ? head : events.last?.position.value ?? head
        )
    }
}
