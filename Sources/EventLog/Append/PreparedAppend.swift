import EventModel

/// An append as the writer takes it: checked and encoded but for revisions and time, so that the
/// writer, for whom all wait, has little left to do.
final class PreparedAppend: Sendable {
    let writes: [StreamWrite]
    let condition: AppendCondition?
    /// The records of all writes' events, one after the other, but for revision and time.
    let drafts: EventRecord.Drafts
    /// The keys of the events, in the same order.
    let entries: [IndexEntry]
    /// The writes without their events, which the writer need not touch.
    let shapes: [WriteShape]
    /// The smallest id of the events; nil if there are none.
    let idMin: IndexKey?

    var eventCount: Int { drafts.count }

    /// Prepares an append; refuses one that makes no sense, whatever the log holds.
    init(
        _ writes: [StreamWrite],
        unless condition: AppendCondition?,
        hasher: IndexHasher,
        configuration: EventLogConfiguration
    ) throws(EventLogError) {
        let count = writes.reduce(0) { $0 + $1.events.count }
        var drafts = EventRecord.DraftWriter(capacity: count)
        var hasher = hasher
        var entries: [IndexEntry] = []
        entries.reserveCapacity(count)
        var shapes: [WriteShape] = []
        shapes.reserveCapacity(writes.count)
        // Ids of version 7 that one program made one after the other ascend; none comes twice then.
        var isAscending = true
        var idMin: IndexKey?
        for write in writes {
            hasher.remember(write.stream)
            for event in write.events {
                try PreparedAppend.add(event, write.stream, to: &drafts, configuration)
                let entry = hasher.entry(of: event)
                let id = entry[.id]
                if let last = entries.last, last[.id] >= id { isAscending = false }
                idMin = min(idMin ?? id, id)
                entries.append(entry)
            }
            // More than the limit even without frames, so there is no need to go on.
            try AppendCheck.checkSize(drafts.byteCountMin, configuration: configuration)
            shapes.append(
                WriteShape(
                    stream: hasher.streamKey,
                    expected: write.expected,
                    eventCount: write.events.count
                )
            )
        }
        if !isAscending { try PreparedAppend.checkIdentities(writes) }
        WriteShape.link(&shapes)
        self.writes = writes
        self.condition = condition
        self.drafts = drafts.finish()
        self.entries = entries
        self.shapes = shapes
        self.idMin = idMin
    }

    private static func add(
        _ event: ProposedEvent,
        _ stream: StreamName,
        to drafts: inout EventRecord.DraftWriter,
        _ configuration: EventLogConfiguration
    ) throws(EventLogError) {
        do throws(EventRecordError) {
            try drafts.append(event, stream: stream, bytesMax: configuration.eventBytesMax)
        } catch {
            let code: EventLogError.Code = error.code == .tooLarge ? .tooLarge : .invalid
            throw EventLogError(code, "event \(event.id) of \(stream): \(error.message)")
        }
    }

    private static func checkIdentities(_ writes: [StreamWrite]) throws(EventLogError) {
        var ids: Set<EventID> = []
        for write in writes {
            for event in write.events {
                guard ids.insert(event.id).inserted else {
                    throw EventLogError(
                        .invalid,
                        "event \(event.id) comes twice in one append; give each event its own id"
                    )
                }
            }
        }
    }
}

/// What the writer has to know of one write.
struct WriteShape: Sendable {
    var stream: IndexKey
    var expected: ExpectedRevision
    var eventCount: Int
    /// The first write of the same append to the same stream, and the last one before this; nil if
    /// there is none before.
    var earlier: (first: Int32, last: Int32)?

    /// Notes which writes of an append go to the same stream.
    static func link(_ shapes: inout [WriteShape]) {
        guard shapes.count > 1 else { return }
        var table = KeyTable(capacity: shapes.count)
        // Of the first write to a stream, the last one so far.
        var lasts = [Int32](repeating: 0, count: shapes.count)
        for index in shapes.indices {
            let first = table.findOrAdd(shapes[index].stream, index) { shapes[$0].stream }
            if let first { shapes[index].earlier = (Int32(first), lasts[first]) }
            lasts[first ?? index] = Int32(index)
        }
    }
}
