import EventModel

/// The index entries of a stretch of the log, in memory until they are written together.
struct Generation: Sendable {
    /// The events of one stream within the stretch.
    struct Stream: Sendable {
        /// The revision of the first of them.
        var firstRevision: Revision
        /// Their positions, ascending.
        var positions: [UInt64]

        /// How many events the stream has, these and those before, up to a position of the log.
        func count(through position: UInt64) -> UInt64 {
            guard let last = positions.last, last > position else {
                return firstRevision + UInt64(positions.count)
            }
            return firstRevision + UInt64(firstIndex(above: position))
        }

        /// The revision of the event at a position; nil if the event is not in the stream.
        func revision(of position: UInt64) -> Revision? {
            let index = position == 0 ? 0 : firstIndex(above: position - 1)
            guard index < positions.count, positions[index] == position else { return nil }
            return firstRevision + UInt64(index)
        }

        /// Where the positions above a position of the log begin.
        func firstIndex(above position: UInt64) -> Int {
            var low = 0
            var high = positions.count
            while low < high {
                let middle = (low + high) / 2
                if positions[middle] > position { high = middle } else { low = middle + 1 }
            }
            return low
        }
    }

    /// The position of the first event of the stretch.
    let first: UInt64
    /// The events' ids in the order of the log.
    private(set) var ids: [EventID] = []
    private(set) var positions: [EventID: UInt64] = [:]
    private(set) var streams: [StreamName: Stream] = [:]
    private(set) var idMax: EventID?

    init(first: UInt64) { self.first = first }

    var count: Int { ids.count }
    var isEmpty: Bool { ids.isEmpty }
    /// The position of the last event; one less than the first if there is none.
    var last: UInt64 { first + UInt64(ids.count) - 1 }

    /// Adds the next event of the log.
    mutating func append(_ id: EventID, stream: StreamName, revision: Revision) {
        let position = first + UInt64(ids.count)
        append(id, at: position)
        streams[stream, default: Stream(firstRevision: revision, positions: [])]
            .positions.append(position)
    }

    /// Adds the next events of the log, all of one stream.
    mutating func append(_ events: [ProposedEvent], stream: StreamName, firstRevision: Revision) {
        guard !events.isEmpty else { return }
        let firstPosition = first + UInt64(ids.count)
        let positions = firstPosition..<firstPosition + UInt64(events.count)
        for (event, position) in zip(events, positions) { append(event.id, at: position) }
        streams[stream, default: Stream(firstRevision: firstRevision, positions: [])]
            .positions.append(contentsOf: positions)
    }

    /// Takes away the events after a position.
    mutating func truncate(after position: UInt64) {
        guard last > position else { return }
        let kept = Int(position - (first - 1))
        for id in ids[kept...] { positions[id] = nil }
        ids.removeSubrange(kept...)
        for (name, stream) in streams {
            let index = stream.firstIndex(above: position)
            guard index < stream.positions.count else { continue }
            if index == 0 {
                streams[name] = nil
            } else {
                streams[name]?.positions.removeSubrange(index...)
            }
        }
    }

    private mutating func append(_ id: EventID, at position: UInt64) {
        ids.append(id)
        positions[id] = position
        idMax = max(idMax ?? id, id)
    }
}
