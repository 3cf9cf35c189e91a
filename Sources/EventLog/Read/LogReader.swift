import EventModel

/// Reads events in short transactions, each of a bounded stretch of the log.
///
/// A transaction that stays open keeps every page that is freed after it, so none outlives a chunk.
struct LogReader: Sendable {
    private static let chunkEventsMax = 512
    private static let chunkBytesMax = 4 << 20

    let storage: LogRecords

    /// A stretch of the log that was looked through.
    struct Chunk {
        var events: [Event] = []
        /// The last position that was looked at.
        var position: UInt64
    }

    /// Looks through the log from one position towards another, both inclusive, for the wanted
    /// events.
    ///
    /// Ends at `last`, or when `limit` events are found, or when a chunk's worth of records was
    /// looked at.
    func chunk(
        from first: UInt64,
        through last: UInt64,
        limit: Int,
        filter: EventFilter
    ) throws(EventLogError) -> Chunk {
        var chunk = Chunk(position: first)
        var recordCount = 0
        var byteCount = 0
        // To read a header is cheap beside a whole record, but not free: only a filter does it.
        let isFiltered = filter != .all
        let matcher = isFiltered ? FilterMatcher(filter) : nil
        let recordsMax = (isFiltered ? 8 : 1) * LogReader.chunkEventsMax
        try storage.forEach(from: first, through: last) { position, bytes throws(EventLogError) in
            chunk.position = position
            recordCount += 1
            byteCount += bytes.count
            let isWanted =
                try matcher.map { matcher throws(EventLogError) in
                    try RecordCodec.matches(
                        matcher,
                        bytes,
                        position: position,
                        file: storage.file
                    )
                } ?? true
            if isWanted {
                // A filter has read the header, and with it the checksum, a moment ago.
                let event = try RecordCodec.decode(
                    bytes,
                    position: position,
                    file: storage.file,
                    isChecksumChecked: !isFiltered
                )
                chunk.events.append(event)
            }
            return chunk.events.count < limit && byteCount < LogReader.chunkBytesMax
                && recordCount < recordsMax
        }
        return chunk
    }

    /// Reads through a stretch of the log for the wanted events.
    func read(
        _ range: ClosedRange<UInt64>,
        direction: ReadDirection,
        limit: Int,
        filter: EventFilter
    ) throws(EventLogError) -> [Event] {
        var next = direction == .forward ? range.lowerBound : range.upperBound
        let end = direction == .forward ? range.upperBound : range.lowerBound
        var events: [Event] = []
        while true {
            let chunk = try chunk(
                from: next,
                through: end,
                limit: limit - events.count,
                filter: filter
            )
            events += chunk.events
            guard chunk.position != end, events.count < limit else { return events }
            next = direction == .forward ? chunk.position + 1 : chunk.position - 1
        }
    }

    /// Decodes the events of one stream by their positions, and checks that they are those.
    func events(
        of stream: StreamName,
        places: [(revision: Revision, position: UInt64)]
    ) throws(EventLogError) -> [Event] {
        var events: [Event] = []
        var rest = places[...]
        while !rest.isEmpty {
            let part = rest.prefix(LogReader.chunkEventsMax)
            rest = rest.dropFirst(LogReader.chunkEventsMax)
            let decoded = try storage.events(at: part.map(\.position))
            for (place, event) in zip(part, decoded) {
                guard event.stream == stream, event.revision == place.revision else {
                    throw EventLogError(
                        .corrupt,
                        "the index in \(storage.folder)/index says that event \(place.position) is "
                            + "revision \(place.revision) of \(stream), but it is revision "
                            + "\(event.revision) of \(event.stream); close the log and remove the "
                            + "folder index, which makes it anew"
                    )
                }
            }
            events += decoded
        }
        return events
    }
}
