import EventModel

/// Finds the events that a filter wants: by the index if it sets a field that is indexed, else by
/// reading.
///
/// The index proposes, the record decides: every event that was read is compared with the filter.
struct LogQuery {
    private static let chunkEventsMax = 512

    private let reader: LogReader
    private let index: LogIndex?
    private let filter: EventFilter

    init(reader: LogReader, index: LogIndex?, filter: EventFilter) {
        self.reader = reader
        self.index = index
        self.filter = filter
    }

    /// Whether a filter sets a field that is indexed.
    static func isIndexed(_ filter: EventFilter) -> Bool {
        filter.correlation != nil || !filter.streams.isEmpty || !filter.records.isEmpty
            || !filter.actors.isEmpty || !filter.entities.isEmpty || !filter.types.isEmpty
            || !filter.categories.isEmpty
    }

    /// See ``EventStore/read(from:direction:limit:filter:)``.
    func read(
        from position: Position?,
        direction: ReadDirection,
        limit: Int,
        head: UInt64
    ) throws(EventLogError) -> [Event] {
        guard limit > 0, head > 0 else { return [] }
        var first: UInt64 = 1
        var last = head
        switch direction {
        case .forward: first = max(position?.value ?? 1, 1)
        case .backward: last = min(position?.value ?? head, head)
        }
        guard first <= last, let range = try timeRange(first...last) else { return [] }
        guard let index, let query = IndexQuery(filter, hasher: index.hasher) else {
            return try reader.read(range, direction: direction, limit: limit, filter: filter)
        }
        return try index.repairing { () throws(EventLogError) in
            try find(query, index, range, direction, limit)
        }
    }

    // MARK: Time

    /// The part of a stretch of the log that was recorded in the wanted time; nil if there is none.
    ///
    /// Times never go back along the log, so it is a stretch as well.
    private func timeRange(
        _ range: ClosedRange<UInt64>
    ) throws(EventLogError) -> ClosedRange<UInt64>? {
        var first = range.lowerBound
        var end = range.upperBound + 1
        if let since = filter.since { first = try firstPosition(first..<end, notBefore: since) }
        if let until = filter.until { end = try firstPosition(first..<end, notBefore: until) }
        return first < end ? first...end - 1 : nil
    }

    private func firstPosition(
        _ range: Range<UInt64>,
        notBefore time: Timestamp
    ) throws(EventLogError) -> UInt64 {
        var low = range.lowerBound
        var high = range.upperBound
        while low < high {
            let middle = low + (high - low) / 2
            if try reader.storage.header(of: middle).recordedAt < time {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }

    // MARK: Index

    private func find(
        _ query: IndexQuery,
        _ index: LogIndex,
        _ range: ClosedRange<UInt64>,
        _ direction: ReadDirection,
        _ limit: Int
    ) throws(EventLogError) -> [Event] {
        let snapshot = index.snapshot()
        var found = Found(limit: limit)
        switch direction {
        case .forward:
            for segment in snapshot.segments where !found.isFull {
                try find(query, segment, range, direction, &found)
            }
            for part in snapshot.parts where !found.isFull {
                try find(query, part, range, direction, &found)
            }
        case .backward:
            for part in snapshot.parts.reversed() where !found.isFull {
                try find(query, part, range, direction, &found)
            }
            for segment in snapshot.segments.reversed() where !found.isFull {
                try find(query, segment, range, direction, &found)
            }
        }
        try decode(&found)
        return found.events
    }

    /// What was found, and what the index proposes beyond that.
    private struct Found {
        let limit: Int
        var events: [Event] = []
        var proposed: [UInt64] = []

        init(limit: Int) { self.limit = limit }

        var isFull: Bool { events.count >= limit }
        /// So many proposals are worth a look at the log.
        var isDue: Bool {
            proposed.count >= min(LogQuery.chunkEventsMax, limit - events.count)
        }
    }

    private func find(
        _ query: IndexQuery,
        _ segment: SegmentFile,
        _ range: ClosedRange<UInt64>,
        _ direction: ReadDirection,
        _ found: inout Found
    ) throws(EventLogError) {
        let walk = try SegmentWalk(query, in: segment, range: range, direction: direction)
        guard var walk else { return }
        while !found.isFull, let position = try walk.step() {
            found.proposed.append(position)
            if found.isDue { try decode(&found) }
        }
    }

    private func find(
        _ query: IndexQuery,
        _ part: LogIndex.Part,
        _ range: ClosedRange<UInt64>,
        _ direction: ReadDirection,
        _ found: inout Found
    ) throws(EventLogError) {
        guard range.overlaps(part.range) else { return }
        let range = range.clamped(to: part.range)
        let first = part.generation.first
        let rows = Int(range.lowerBound - first)...Int(range.upperBound - first)
        var row = direction == .forward ? rows.lowerBound : rows.upperBound
        while !found.isFull, rows.contains(row) {
            if query.fits(part.generation, row: row) {
                found.proposed.append(first + UInt64(row))
                if found.isDue { try decode(&found) }
            }
            row += direction == .forward ? 1 : -1
        }
    }

    private func decode(_ found: inout Found) throws(EventLogError) {
        guard !found.proposed.isEmpty else { return }
        let events = try reader.storage.events(at: found.proposed)
        found.proposed.removeAll(keepingCapacity: true)
        found.events += events.filter(filter.matches)
    }
}
