import EventModel

/// Turns appends into records, as if those before them in the group were committed already.
///
/// Belongs to the writer's thread.
struct AppendPlanner: ~Copyable {
    private let records: LogRecords
    private let index: IndexStore
    private let tail: IndexTail
    private let configuration: EventLogConfiguration
    /// The time of the last event, in microseconds; the next one's is no less.
    private var lastMicroseconds: Int64

    init(
        records: LogRecords,
        index: IndexStore,
        tail: IndexTail,
        configuration: EventLogConfiguration
    ) throws(EventLogError) {
        self.records = records
        self.index = index
        self.tail = tail
        self.configuration = configuration
        let last = try records.lastPosition()
        lastMicroseconds =
            last == 0 ? .min : try records.header(of: last).recordedAt.microseconds
    }

    /// Adds an append's events to the group and to the tail, all or none.
    ///
    /// - Throws: what is to be answered; the group and the tail are as before.
    mutating func plan(
        _ request: AppendRequest,
        _ group: RecordGroup
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
        if let condition = request.condition { try check(condition, group) }
        let result = try finish(request, firstRevisions, group)
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
            let header = try records.header(of: position)
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
        _ group: RecordGroup
    ) throws(EventLogError) {
        let after = condition.after.value
        guard after < group.last else { return }
        if after + 1 < group.first {
            try records.forEach(from: after + 1, through: group.first - 1) {
                position,
                bytes throws(EventLogError) in
                try check(condition, bytes, position: position)
                return true
            }
        }
        try group.forEach { position, bytes throws(EventLogError) in
            if position > after { try check(condition, bytes, position: position) }
        }
    }

    private func check(
        _ condition: AppendCondition,
        _ bytes: UnsafeRawBufferPointer,
        position: UInt64
    ) throws(EventLogError) {
        guard try condition.filter.matches(bytes, position: position, file: records.file) else {
            return
        }
        let header = try RecordCodec.decodeHeader(bytes, position: position, file: records.file)
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

    /// Writes an append's records to the group, all or none.
    private mutating func finish(
        _ request: AppendRequest,
        _ firstRevisions: [Revision],
        _ group: RecordGroup
    ) throws(EventLogError) -> AppendResult {
        let drafts = request.drafts
        let microseconds = max(configuration.now().microseconds, lastMicroseconds)
        let (count, byteCount) = (group.count, group.byteCount)
        var places: [AppendResult.Place] = []
        places.reserveCapacity(drafts.count)
        var position = group.last
        do throws(EventLogError) {
            for (write, firstRevision) in zip(request.writes, firstRevisions) {
                for revision in firstRevision..<firstRevision + UInt64(write.events.count) {
                    let index = places.count
                    let size = drafts.byteCount(
                        of: index,
                        revision: revision,
                        microseconds: microseconds
                    )
                    guard size <= configuration.eventBytesMax else {
                        throw tooLarge(write, Int(revision - firstRevision), byteCount: size)
                    }
                    group.append(byteCount: size) { target in
                        drafts.write(
                            index,
                            revision: revision,
                            microseconds: microseconds,
                            to: target
                        )
                    }
                    position += 1
                    places.append(
                        AppendResult.Place(position: Position(position), revision: revision)
                    )
                }
            }
            try AppendCheck.checkSize(group.byteCount - byteCount, configuration: configuration)
        } catch {
            group.truncate(to: count)
            throw error
        }
        lastMicroseconds = microseconds
        return AppendResult(places: places, isRepeat: false)
    }

    private func tooLarge(
        _ write: StreamWrite,
        _ index: Int,
        byteCount: Int
    ) -> EventLogError {
        EventLogError(
            .tooLarge,
            "event \(write.events[index].id) of \(write.stream) takes \(byteCount) bytes, "
                + "\(configuration.eventBytesMax) are allowed; keep large content outside the log "
                + "and put a reference into the event"
        )
    }
}
