import EventModel

/// Turns appends into records, as if those before them in the group were committed already.
///
/// Belongs to the writer's thread.
struct AppendPlanner: ~Copyable {
    /// The records of one commit.
    struct Batch {
        /// The position of the first record.
        let first: UInt64
        var records: [[UInt8]] = []
        var byteCount = 0

        /// The position of the last record; one less than the first if there is none.
        var last: UInt64 { first + UInt64(records.count) - 1 }
    }

    private let storage: LogStorage
    private let index: IndexStore
    private let tail: IndexTail
    private let configuration: EventLogConfiguration
    /// The time of the last event, in microseconds; the next one's is no less.
    private var lastMicroseconds: Int64

    init(
        storage: LogStorage,
        index: IndexStore,
        tail: IndexTail,
        configuration: EventLogConfiguration
    ) throws(EventLogError) {
        self.storage = storage
        self.index = index
        self.tail = tail
        self.configuration = configuration
        let last = try storage.lastPosition()
        lastMicroseconds =
            last == 0 ? .min : try storage.header(of: last).recordedAt.microseconds
    }

    /// Adds an append's events to the batch and to the tail, all or none.
    ///
    /// - Throws: what is to be answered; the batch and the tail are as before.
    mutating func plan(
        _ request: AppendRequest,
        _ batch: inout Batch
    ) throws(EventLogError) -> AppendResult {
        let writes = request.writes
        if let places = try repeatedPlaces(writes) {
            return AppendResult(places: places, isRepeat: true)
        }
        // What is expected of a stream is expected of it as it was before the whole append.
        var counts: [StreamName: UInt64] = [:]
        var firstRevisions: [Revision] = []
        for write in writes {
            let before = try eventCount(of: write.stream)
            try AppendCheck.check(write.expected, eventCount: before, stream: write.stream)
            guard writes.count > 1 else {
                firstRevisions.append(before)
                break
            }
            let firstRevision = counts[write.stream] ?? before
            firstRevisions.append(firstRevision)
            counts[write.stream] = firstRevision + UInt64(write.events.count)
        }
        if let condition = request.condition { try check(condition, batch) }
        let result = try encode(writes, firstRevisions, &batch)
        for (write, firstRevision) in zip(writes, firstRevisions) {
            tail.append(write.events, stream: write.stream, firstRevision: firstRevision)
        }
        return result
    }

    /// The places of an append that was made before; nil if it is new.
    private func repeatedPlaces(
        _ writes: [StreamWrite]
    ) throws(EventLogError) -> [AppendResult.Place]? {
        var places: [AppendResult.Place] = []
        var new: EventID?
        var known: EventID?
        for write in writes {
            for event in write.events {
                if let place = try place(of: event.id, in: write.stream) {
                    places.append(place)
                    known = event.id
                } else {
                    new = event.id
                }
            }
        }
        guard let known else { return nil }
        guard let new else { return places }
        throw EventLogError(
            .identityConflict,
            "event \(known) is in the log already, but event \(new) of the same append is not; "
                + "repeat an append whole, or give new events new ids"
        )
    }

    /// Where an event is; nil if it is not in the log.
    private func place(
        of id: EventID,
        in stream: StreamName
    ) throws(EventLogError) -> AppendResult.Place? {
        switch tail.find(id, in: stream) {
        case .absent:
            return nil
        case .found(let position, let revision):
            guard let revision else { throw otherStream(id, position, stream) }
            return AppendResult.Place(position: Position(position), revision: revision)
        case .askIndex:
            guard let position = try index.position(of: id) else { return nil }
            let header = try storage.header(of: position)
            guard header.id == id else {
                throw EventLogError(
                    .corrupt,
                    "the index \(index.environment.file) says that event \(id) is at \(position), "
                        + "but \(header.id) is there; close the log and remove the folder "
                        + index.environment.folder
                )
            }
            guard header.stream == stream else { throw otherStream(id, position, stream) }
            return AppendResult.Place(position: Position(position), revision: header.revision)
        }
    }

    /// Refuses an append against which an event stands, in the log or in the same group before it.
    private func check(
        _ condition: AppendCondition,
        _ batch: Batch
    ) throws(EventLogError) {
        let after = condition.after.value
        guard after < batch.last else { return }
        if after + 1 < batch.first {
            try storage.forEach(from: after + 1, through: batch.first - 1) {
                position,
                bytes throws(EventLogError) in
                try check(condition, bytes, position: position)
                return true
            }
        }
        for (index, record) in batch.records.enumerated() {
            let position = batch.first + UInt64(index)
            guard position > after else { continue }
            try record.withBytes { bytes throws(EventLogError) in
                try check(condition, bytes, position: position)
            }
        }
    }

    private func check(
        _ condition: AppendCondition,
        _ bytes: UnsafeRawBufferPointer,
        position: UInt64
    ) throws(EventLogError) {
        guard try condition.filter.matches(bytes, position: position, file: storage.file) else {
            return
        }
        let header = try RecordCodec.decodeHeader(bytes, position: position, file: storage.file)
        throw EventLogError(
            .conditionFailed,
            "event \(position), \(header.type) of \(header.stream), came after position "
                + "\(condition.after) and stands against the append; read again and decide anew"
        )
    }

    private func otherStream(
        _ id: EventID,
        _ position: UInt64,
        _ stream: StreamName
    ) -> EventLogError {
        EventLogError(
            .identityConflict,
            "event \(id) is in the log already, at position \(position), but not in \(stream)"
        )
    }

    private func eventCount(of stream: StreamName) throws(EventLogError) -> UInt64 {
        if let count = tail.eventCount(of: stream, through: .max) { return count }
        return try index.head(of: stream)?.eventCount ?? 0
    }

    private mutating func encode(
        _ writes: [StreamWrite],
        _ firstRevisions: [Revision],
        _ batch: inout Batch
    ) throws(EventLogError) -> AppendResult {
        let recordCount = batch.records.count
        let byteCount = batch.byteCount
        let microseconds = max(configuration.now().microseconds, lastMicroseconds)
        let recordedAt = Timestamp(microseconds: microseconds)
        var places: [AppendResult.Place] = []
        do throws(EventLogError) {
            for (write, firstRevision) in zip(writes, firstRevisions) {
                for (index, proposed) in write.events.enumerated() {
                    let event = Event(
                        proposed,
                        position: Position(batch.last + 1),
                        stream: write.stream,
                        revision: firstRevision + UInt64(index),
                        recordedAt: recordedAt
                    )
                    let record = try RecordCodec.encode(
                        event,
                        bytesMax: configuration.eventBytesMax
                    )
                    batch.byteCount += record.count
                    batch.records.append(record)
                    places.append(
                        AppendResult.Place(position: event.position, revision: event.revision)
                    )
                }
                try checkSize(batch.byteCount - byteCount)
            }
        } catch {
            batch.records.removeSubrange(recordCount...)
            batch.byteCount = byteCount
            throw error
        }
        lastMicroseconds = microseconds
        return AppendResult(places: places, isRepeat: false)
    }

    private func checkSize(_ byteCount: Int) throws(EventLogError) {
        guard byteCount > configuration.appendBytesMax else { return }
        throw EventLogError(
            .tooLarge,
            "the events of one append take more than \(configuration.appendBytesMax) bytes; "
                + "append them in parts"
        )
    }
}

extension Event {
    /// The event that a proposal becomes at its place.
    fileprivate init(
        _ proposed: ProposedEvent,
        position: Position,
        stream: StreamName,
        revision: Revision,
        recordedAt: Timestamp
    ) {
        self.init(
            position: position,
            id: proposed.id,
            stream: stream,
            revision: revision,
            type: proposed.type,
            schema: proposed.schema,
            recordedAt: recordedAt,
            entity: proposed.entity,
            actor: proposed.actor,
            correlation: proposed.correlation ?? proposed.id,
            causation: proposed.causation,
            data: proposed.data,
            metadata: proposed.metadata
        )
    }
}
