import EventModel

/// Walks over every record of a log and compares the index with what it finds.
struct LogVerifier {
    private static let chunkEventsMax: UInt64 = 1024

    private let log: EventLog
    private let head: UInt64
    private let index: LogIndex?
    private var comparison: IndexComparison?
    private var report = VerifyReport()
    /// How many events of each stream went by.
    private var counts: [StreamName: UInt64] = [:]
    private var lastMicroseconds = Int64.min

    init(_ log: EventLog) throws(EventLogError) {
        self.log = log
        head = try log.checkedHead()
        do throws(EventLogError) {
            let index = try log.index(through: head)
            self.index = index
            comparison = IndexComparison(index.snapshot().segments, hasher: index.hasher)
        } catch {
            index = nil
            comparison = nil
            report.note(error.message)
        }
    }

    /// Walks over everything that is in the log now; damage is reported, not thrown.
    mutating func run(
        _ progress: @Sendable (VerifyProgress) -> Void
    ) throws(EventLogError) -> VerifyReport {
        var next: UInt64 = 1
        while next <= head {
            let last = min(head, next + LogVerifier.chunkEventsMax - 1)
            let indexed = indexedPosition()
            for position in next...last { try check(position, indexed: indexed) }
            progress(VerifyProgress(position: Position(last), head: Position(head)))
            next = last + 1
        }
        report.streamCount = counts.count
        try checkSegments()
        return report
    }

    private mutating func check(_ position: UInt64, indexed: UInt64) throws(EventLogError) {
        let storage = log.records
        let event: Event
        do throws(EventLogError) {
            var decoded: Event?
            var byteCount: UInt64 = 0
            try storage.forEach(from: position, through: position) {
                position,
                bytes throws(EventLogError) in
                byteCount = UInt64(bytes.count)
                decoded = try RecordCodec.decode(bytes, position: position, file: storage.file)
                compareSegment(bytes, position: position)
                return true
            }
            guard let decoded else { return }
            event = decoded
            report.eventCount += 1
            report.byteCount += byteCount
        } catch {
            guard error.code == .corrupt || error.code == .newerFormat else { throw error }
            report.note(error.message, at: position)
            compareSegment(nil, position: position)
            return
        }
        let expected = counts[event.stream] ?? 0
        if event.revision != expected {
            report.note(
                "its revision in stream \(event.stream) is \(event.revision), not \(expected)",
                at: position
            )
        }
        // Forged bytes can hold any number, so nothing may be added to it unseen.
        counts[event.stream] = event.revision &+ 1
        if event.recordedAt.microseconds < lastMicroseconds {
            report.note("it is older than the event before it", at: position)
        }
        lastMicroseconds = event.recordedAt.microseconds
        if position <= indexed { try compareWithIndex(event) }
    }

    /// Compares the segment that ends at a position with the events that went by.
    private mutating func compareSegment(_ record: UnsafeRawBufferPointer?, position: UInt64) {
        let problem = comparison?.add(record, position: position, file: log.records.file)
        if let problem { report.note(problem, at: position) }
    }

    private mutating func compareWithIndex(_ event: Event) throws(EventLogError) {
        guard let index else { return }
        let position = event.position.value
        let byID = try unlessDamaged { () throws(EventLogError) in
            try index.segmentPosition(of: IndexKey(event.id))
        }
        if byID != position {
            let found = byID.map { "at \($0)" } ?? "nowhere"
            report.note(
                "\(index.folder) has its id \(event.id) \(found): either two events have this id, "
                    + "or the index is damaged and must be removed",
                at: position
            )
        }
        let (end, isBeyond) = event.revision.addingReportingOverflow(1)
        let revisions = isBeyond ? 0..<0 : event.revision..<end
        let byStream = try unlessDamaged { () throws(EventLogError) in
            try index.places(of: event.stream, revisions: revisions).first?.position
        }
        if byStream != position {
            let found = byStream.map { "at \($0)" } ?? "nowhere"
            report.note(
                "\(index.folder) has revision \(event.revision) of stream \(event.stream) "
                    + "\(found); remove the index to have it made anew",
                at: position
            )
        }
    }

    private func unlessDamaged(
        _ body: () throws(EventLogError) -> UInt64?
    ) throws(EventLogError) -> UInt64? {
        do throws(EventLogError) {
            return try body()
        } catch {
            guard error.code == .corrupt else { throw error }
            return nil
        }
    }

    /// Looks at every byte of the index; more entries than events are entries that no event led to.
    private mutating func checkSegments() throws(EventLogError) {
        guard let index else { return }
        for segment in index.snapshot().segments {
            segment.checkForDamage()
            guard segment.isDamaged else { continue }
            report.note("\(segment.path) is damaged; open the log for writing, which makes it anew")
        }
    }

    private func indexedPosition() -> UInt64 {
        index?.segments.lastPosition ?? 0
    }
}

extension EventLog {
    /// Reads every record of the log, and compares the index with it.
    ///
    /// Checked are: length, checksum and canonical form of each record, positions without gaps,
    /// revisions without gaps in each stream, times that never go back, ids that are unique.
    ///
    /// - Parameter progress: hears from another thread how far it has come.
    /// - Returns: what was found; damage does not make it throw.
    /// - Throws: ``EventLogError`` if the log is closed or cannot be read at all.
    public func verify(
        progress: @escaping @Sendable (VerifyProgress) -> Void = { _ in }
    ) async throws(EventLogError) -> VerifyReport {
        try await WorkerThread.run("verify") { [self] () -> Result<VerifyReport, EventLogError> in
            Result { () throws(EventLogError) in
                var verifier = try LogVerifier(self)
                return try verifier.run(progress)
            }
        }
    }
}
