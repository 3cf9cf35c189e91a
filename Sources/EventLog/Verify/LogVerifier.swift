import EventModel

/// Walks over every record of a log and compares the index with what it finds.
struct LogVerifier {
    private static let chunkEventsMax: UInt64 = 1024

    private let log: EventLog
    private let head: UInt64
    private let index: IndexStore?
    private var report = VerifyReport()
    /// How many events of each stream went by.
    private var counts: [StreamName: UInt64] = [:]
    private var lastMicroseconds = Int64.min

    init(_ log: EventLog) throws(EventLogError) {
        self.log = log
        head = try log.checkedHead()
        do throws(EventLogError) {
            index = try log.streamPlaces(through: head).index
        } catch {
            index = nil
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
            let indexed = try indexedPosition()
            for position in next...last { try check(position, indexed: indexed) }
            progress(VerifyProgress(position: Position(last), head: Position(head)))
            next = last + 1
        }
        report.streamCount = counts.count
        try checkCounts()
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
                return true
            }
            guard let decoded else { return }
            event = decoded
            report.eventCount += 1
            report.byteCount += byteCount
        } catch {
            guard error.code == .corrupt || error.code == .newerFormat else { throw error }
            report.note(error.message, at: position)
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

    private mutating func compareWithIndex(_ event: Event) throws(EventLogError) {
        guard let index else { return }
        let position = event.position.value
        let file = index.environment.file
        let byID = try index.position(of: event.id)
        if byID != position {
            let found = byID.map { "at \($0)" } ?? "nowhere"
            report.note(
                "\(file) has its id \(event.id) \(found): either two events have this id, or the "
                    + "index is damaged and must be removed",
                at: position
            )
        }
        let byStream: UInt64?
        do throws(EventLogError) {
            let (end, isBeyond) = event.revision.addingReportingOverflow(1)
            let revisions = isBeyond ? 0..<0 : event.revision..<end
            byStream = try index.positions(of: event.stream, revisions: revisions).first
        } catch {
            guard error.code == .corrupt else { throw error }
            byStream = nil
        }
        if byStream != position {
            let found = byStream.map { "at \($0)" } ?? "nowhere"
            report.note(
                "\(file) has revision \(event.revision) of stream \(event.stream) \(found); remove "
                    + "the index to have it made anew",
                at: position
            )
        }
    }

    /// More entries than events are entries that no event led to.
    private mutating func checkCounts() throws(EventLogError) {
        guard let index else { return }
        let (ids, streamEvents, through) = try index.entryCounts()
        guard UInt64(ids) == through, UInt64(streamEvents) == through else {
            report.note(
                "\(index.environment.file) holds \(ids) ids and \(streamEvents) places for "
                    + "\(through) events; remove the index to have it made anew"
            )
            return
        }
    }

    private func indexedPosition() throws(EventLogError) -> UInt64 {
        try index?.cursor().position ?? 0
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
