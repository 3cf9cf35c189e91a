import EventModel

/// Turns appends into records, as if those before them in the group were committed already.
///
/// Belongs to the writer's thread.
struct AppendPlanner: ~Copyable {
    /// A condition that looks back further than this asks the index.
    private static let scanEventsMax: UInt64 = 256

    private let records: LogRecords
    private let index: LogIndex
    private let configuration: EventLogConfiguration
    private let hasher: IndexHasher
    /// The time of the last event, in microseconds; the next one's is no less.
    private var lastMicroseconds: Int64

    init(
        records: LogRecords,
        index: LogIndex,
        configuration: EventLogConfiguration
    ) throws(EventLogError) {
        self.records = records
        self.index = index
        hasher = index.hasher
        self.configuration = configuration
        let last = try records.lastPosition()
        lastMicroseconds =
            last == 0 ? .min : try records.header(of: last).recordedAt.microseconds
    }

    /// Adds an append's events to the group and to the tail, all or none.
    ///
    /// - Throws: what is to be answered; the group and the tail are as before.
    mutating func plan(
        _ request: PreparedAppend,
        _ group: RecordGroup
    ) throws(EventLogError) -> AppendResult {
        if !index.tail.isNew(request.idMin),
            let places = try repeatedPlaces(request.writes)
        {
            return AppendResult(places: places, isRepeat: true)
        }
        let firstRevisions = try firstRevisions(request)
        if let condition = request.condition { try check(condition, group) }
        let result = try finish(request, firstRevisions, group)
        index.tail.append(request.entries, request.shapes, firstRevisions: firstRevisions)
        return result
    }

    /// The revisions that the first event of each write gets.
    ///
    /// - Throws: ``EventLogError`` if a stream is not as it is expected to be.
    private func firstRevisions(_ request: PreparedAppend) throws(EventLogError) -> [Revision] {
        let shapes = request.shapes
        let known = index.tail.eventCounts(of: shapes)
        var firstRevisions: [Revision] = []
        firstRevisions.reserveCapacity(shapes.count)
        for number in shapes.indices {
            let shape = shapes[number]
            // What is expected of a stream is expected of it as it was before the whole append, but
            // its events follow those of the writes before.
            let before: UInt64
            let first: UInt64
            if let earlier = shape.earlier {
                before = firstRevisions[Int(earlier.first)]
                let last = Int(earlier.last)
                first = firstRevisions[last] + UInt64(shapes[last].eventCount)
            } else {
                if let count = known[number] {
                    before = count
                } else {
                    before = try segmentEventCount(of: shape.stream)
                }
                first = before
            }
            if shape.expected != .any {
                try AppendCheck.check(
                    shape.expected,
                    eventCount: before,
                    stream: request.writes[number].stream
                )
            }
            firstRevisions.append(first)
        }
        return firstRevisions
    }

    private func segmentEventCount(of stream: IndexKey) throws(EventLogError) -> UInt64 {
        let count = try index.segmentEventCount(of: stream, through: .max)
        index.tail.note(stream, eventCount: count)
        return count
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
        switch index.tail.find(IndexKey(id)) {
        case .absent:
            return nil
        case .found(let position, let revision, let found):
            guard found == hasher.key(stream.text) else {
                throw otherStream(id, position, stream)
            }
            return AppendResult.Place(position: Position(position), revision: revision)
        case .askSegments:
            guard let position = try index.segmentPosition(of: IndexKey(id)) else { return nil }
            let header = try records.header(of: position)
            guard header.id == id else {
                throw EventLogError(
                    .corrupt,
                    "the index in \(index.folder) says that event \(id) is at \(position), "
                        + "but \(header.id) is there; close the log and remove the folder "
                        + index.folder
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
        let distance = group.first > after ? group.first - after : 0
        if distance > AppendPlanner.scanEventsMax, LogQuery.isIndexed(condition.filter) {
            let reader = LogReader(storage: records)
            let found = try LogQuery(reader: reader, index: index, filter: condition.filter).read(
                from: Position(after + 1),
                direction: .forward,
                limit: 1,
                head: group.first - 1
            )
            if let event = found.first {
                throw stands(event.position.value, event.type, event.stream, condition)
            }
        } else if after + 1 < group.first {
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
        throw stands(position, header.type, header.stream, condition)
    }

    private func stands(
        _ position: UInt64,
        _ type: String,
        _ stream: StreamName,
        _ condition: AppendCondition
    ) -> EventLogError {
        EventLogError(
            .conditionFailed,
            "event \(position), \(type) of \(stream), came after position "
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

    /// Writes an append's records to the group, all or none.
    private mutating func finish(
        _ request: PreparedAppend,
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
            for (number, shape) in request.shapes.enumerated() {
                for revision in firstRevisions[number]..<firstRevisions[number]
                    + UInt64(shape.eventCount)
                {
                    let index = places.count
                    let size = drafts.byteCount(
                        of: index,
                        revision: revision,
                        microseconds: microseconds
                    )
                    guard size <= configuration.eventBytesMax else {
                        throw tooLarge(
                            request.writes[number],
                            Int(revision - firstRevisions[number]),
                            byteCount: size
                        )
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
