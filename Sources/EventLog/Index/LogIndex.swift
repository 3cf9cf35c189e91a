import EventModel

/// Finds events without reading the log: segments on disk, and in memory what they do not hold yet.
///
/// All of it can be made again from the log, so whatever is wrong with it is answered by doing
/// that.
final class LogIndex: Sendable {
    let tail: IndexTail
    let segments: SegmentStore
    /// To be copied by whoever makes keys; see ``IndexHasher``.
    let hasher: IndexHasher
    private let records: LogRecords
    private let configuration: EventLogConfiguration

    var folder: String { segments.folder }

    /// Begins where the segments end.
    init(
        segments: SegmentStore,
        records: LogRecords,
        configuration: EventLogConfiguration
    ) {
        self.segments = segments
        self.records = records
        self.configuration = configuration
        hasher = IndexHasher(secret: segments.secret.secret)
        tail = IndexTail(
            indexed: segments.lastPosition,
            idMaxIndexed: segments.idMax,
            generationEventsMax: configuration.indexBatchEventsMax
        )
    }

    /// A tail of fewer events is not written when the log is closed, but read again when it is
    /// opened: a sixteenth of a generation.
    static func sealEventsMin(_ configuration: EventLogConfiguration) -> Int {
        max(configuration.indexBatchEventsMax / 16, 1)
    }

    // MARK: Following the log

    /// Adds the events of the log after those that are here, up to a position.
    ///
    /// - Parameter afterEach: runs after each stretch, and may wait.
    func catchUp(
        through last: UInt64,
        afterEach: () throws(EventLogError) -> Void = {}
    ) throws(EventLogError) {
        var next = tail.extent.last + 1
        var results: [RecordScan.Result] = []
        while next <= last {
            let end = min(last, next + 4095)
            results.removeAll(keepingCapacity: true)
            try records.forEach(from: next, through: end) { position, bytes throws(EventLogError) in
                results.append(
                    try RecordScan.read(
                        bytes,
                        position: position,
                        file: records.file,
                        hasher: hasher
                    )
                )
                return true
            }
            tail.append(durable: results)
            next = end + 1
            try afterEach()
        }
    }

    // MARK: Damage

    /// Runs a question; if a segment turns out to be damaged, it is made anew and the question is
    /// asked again.
    ///
    /// A process that only reads cannot do that and throws.
    func repairing<R>(_ body: () throws(EventLogError) -> R) throws(EventLogError) -> R {
        while true {
            let version = segments.version
            do throws(EventLogError) {
                return try body()
            } catch {
                guard error.code == .corrupt, configuration.mode == .readWrite else { throw error }
                // Somebody else may have repaired it, or replaced it by a merged one.
                guard try repairDamaged() || segments.version != version else { throw error }
            }
        }
    }

    /// Makes segments anew in which damage was found; false if there are none.
    func repairDamaged() throws(EventLogError) -> Bool {
        try segments.repairDamaged(
            from: records,
            eventsMax: tail.generationEventsMax,
            notice: configuration.notice
        )
    }

    // MARK: Streams and ids

    /// How many events a stream has up to a position.
    func eventCount(of stream: StreamName, through head: UInt64) throws(EventLogError) -> UInt64 {
        let key = hasher.key(stream.text)
        // Memory first: what leaves it in between is in a segment by then.
        if let count = tail.eventCount(of: key, through: head) { return count }
        return try segmentEventCount(of: key, through: head)
    }

    /// How many events a stream has in the segments, up to a position.
    func segmentEventCount(
        of stream: IndexKey,
        through head: UInt64
    ) throws(EventLogError) -> UInt64 {
        try repairing { () throws(EventLogError) in
            for segment in segments.segments.reversed() {
                if let count = try segment.eventCount(of: stream, through: head) { return count }
            }
            return 0
        }
    }

    /// The position of an event in the segments; nil if none of them has it.
    func segmentPosition(of id: IndexKey) throws(EventLogError) -> UInt64? {
        try repairing { () throws(EventLogError) in
            for segment in segments.segments.reversed() {
                if let position = try segment.position(of: id) { return position }
            }
            return nil
        }
    }

    /// The positions of a range of revisions of a stream, which must be there.
    func places(
        of stream: StreamName,
        revisions: Range<Revision>
    ) throws(EventLogError) -> [(revision: Revision, position: UInt64)] {
        let key = hasher.key(stream.text)
        let recent = tail.places(of: key, revisions: revisions)
        var places = recent
        var end = recent.first?.revision ?? revisions.upperBound
        guard revisions.lowerBound < end else { return try checked(places, stream, revisions) }
        places = try repairing { () throws(EventLogError) in
            var parts: [[(revision: Revision, position: UInt64)]] = [recent]
            end = recent.first?.revision ?? revisions.upperBound
            for segment in segments.segments.reversed() where end > revisions.lowerBound {
                let wanted = revisions.lowerBound..<end
                guard let found = try segment.places(of: key, revisions: wanted) else { continue }
                parts.append(found.places)
                end = min(end, max(found.first, revisions.lowerBound))
            }
            return parts.reversed().flatMap { $0 }
        }
        return try checked(places, stream, revisions)
    }

    private func checked(
        _ places: [(revision: Revision, position: UInt64)],
        _ stream: StreamName,
        _ revisions: Range<Revision>
    ) throws(EventLogError) -> [(revision: Revision, position: UInt64)] {
        guard places.count == revisions.count,
            zip(places, revisions).allSatisfy({ $0.revision == $1 })
        else {
            throw EventLogError(
                .corrupt,
                "the index in \(folder) lacks events of stream \(stream) from revision "
                    + "\(revisions.lowerBound); close the log and remove the folder, which makes "
                    + "it anew"
            )
        }
        return places
    }

    // MARK: Everything at once

    /// Durable rows of the tail that are in none of the segments of a snapshot.
    struct Part: Sendable {
        let generation: TailGeneration
        let rows: Range<Int>

        var range: ClosedRange<UInt64> {
            generation.first + UInt64(rows.lowerBound)...generation.first
                + UInt64(rows.upperBound - 1)
        }
    }

    /// Segments and memory as they are at one moment: each event once, in the order of the log.
    struct Snapshot: Sendable {
        var segments: [SegmentFile]
        var parts: [Part]

        /// The last event that is in a segment.
        var indexed: UInt64 { segments.last?.last ?? 0 }
    }

    /// Takes hold of everything there is.
    func snapshot() -> Snapshot {
        while true {
            let segments = segments.segments
            let indexed = segments.last?.last ?? 0
            let (parts, first) = tail.parts()
            // What has left memory since is in a segment that is not among these.
            guard first <= indexed + 1 else { continue }
            let rest = parts.compactMap { part -> Part? in
                guard part.last > indexed else { return nil }
                let generation = part.generation
                let start = indexed < generation.first ? 0 : Int(indexed + 1 - generation.first)
                return Part(generation: generation, rows: start..<part.rowCount)
            }
            return Snapshot(segments: segments, parts: rest)
        }
    }

    /// How many streams begin up to a position, and the last event that is in a segment.
    func streamCount(through head: UInt64) -> (count: Int, indexed: UInt64) {
        let snapshot = snapshot()
        var count = snapshot.segments.reduce(0) { $0 + Int($1.header.newStreamCount) }
        for part in snapshot.parts where part.range.lowerBound <= head {
            let end = min(part.range.upperBound, head) - part.generation.first
            count += part.generation.newStreamCount(part.rows.lowerBound..<Int(end) + 1)
        }
        return (count, snapshot.indexed)
    }
}
