public import EventModel

/// Walks over every record of a log and compares the index with what it finds.
///
/// The log is read once in the order of positions, and the index once in the order of its keys, so
/// the time grows with the number of events and the memory only with that of the streams: 24 bytes
/// and a hash table's room for each.
struct LogVerifier {
    private static let chunkEventsMax: UInt64 = 1024

    private let log: EventLog
    private let first: UInt64
    private let head: UInt64
    private let hasher: IndexHasher
    private var index: IndexVerifier?
    private var report = VerifyReport()
    /// The next revision of each stream that went by.
    private var revisions: [IndexKey: Revision] = [:]
    private var lastMicroseconds = Int64.min

    /// Begins at a position; what lies before it is taken as it is.
    init(_ log: EventLog, from first: UInt64) throws(EventLogError) {
        self.log = log
        self.first = max(first, 1)
        head = try log.checkedHead()
        do throws(EventLogError) {
            let index = try log.index(through: head)
            hasher = index.hasher
            self.index = IndexVerifier(index, from: self.first)
        } catch {
            hasher = IndexHasher(secret: (.random(in: 0 ... .max), .random(in: 0 ... .max)))
            index = nil
            report.note(error.message)
        }
    }

    /// Walks over everything that is in the log now; damage is reported, not thrown.
    mutating func run(
        _ progress: @Sendable (VerifyProgress) -> Void
    ) throws(EventLogError) -> VerifyReport {
        try checkPages()
        if first > 1, first <= head { noteTimeBefore() }
        var next = first
        while next <= head {
            let last = min(head, next + LogVerifier.chunkEventsMax - 1)
            try check(next, through: last)
            progress(VerifyProgress(position: Position(last), head: Position(head)))
            next = last + 1
        }
        report.streamCount = revisions.count
        try index?.finish(log.records, through: head, &report)
        return report
    }

    /// Looks at every page of the table, also at those that no record is read from.
    private mutating func checkPages() throws(EventLogError) {
        let environment = log.records.storage.environment
        do throws(EventLogError) {
            try environment.readPages { snapshot throws(EventLogError) in
                _ = try environment.checkPages(
                    of: snapshot,
                    readsLeaves: first == 1 ? true : nil
                )
                environment.pages?.release()
            }
        } catch {
            guard error.code == .corrupt else { throw error }
            report.note(error.message)
        }
    }

    private mutating func noteTimeBefore() {
        guard let header = try? log.records.header(of: first - 1) else { return }
        lastMicroseconds = header.recordedAt.microseconds
    }

    /// Checks a stretch in as few transactions as its damage allows.
    private mutating func check(
        _ first: UInt64,
        through last: UInt64
    ) throws(EventLogError) {
        let records = log.records
        var next = first
        while next <= last {
            do throws(EventLogError) {
                try records.forEach(from: next, through: last) {
                    position,
                    bytes throws(EventLogError) in
                    try check(bytes, position)
                    next = position + 1
                    return true
                }
            } catch {
                guard error.code == .corrupt || error.code == .newerFormat else { throw error }
                report.note(error.message, at: next)
                index?.noteDamage(at: next)
                next += 1
            }
        }
    }

    private mutating func check(
        _ bytes: UnsafeRawBufferPointer,
        _ position: UInt64
    ) throws(EventLogError) {
        let file = log.records.file
        let view = try RecordCodec.view(bytes, position: position, file: file)
        // Every byte of it, for what a good checksum says nothing about.
        _ = try RecordCodec.decode(
            bytes,
            position: position,
            file: file,
            isChecksumChecked: false
        )
        report.eventCount += 1
        report.byteCount += UInt64(bytes.count)
        let stream = hasher.key(view.streamBytes)
        let expected = revisions[stream] ?? revisionBefore(stream) ?? view.revision
        if view.revision != expected {
            let name = String(decoding: view.streamBytes, as: UTF8.self)
            report.note(
                "its revision in stream \(name) is \(view.revision), not \(expected)",
                at: position
            )
        }
        // Forged bytes can hold any number, so nothing may be added to it unseen.
        revisions[stream] = view.revision &+ 1
        if view.recordedAtMicroseconds < lastMicroseconds {
            report.note("it is older than the event before it", at: position)
        }
        lastMicroseconds = view.recordedAtMicroseconds
        index?.add(bytes, IndexKey(view.id), position, file: file)
    }

    /// The next revision of a stream that has not gone by yet; nil if that cannot be told.
    private func revisionBefore(_ stream: IndexKey) -> Revision? {
        first == 1 ? 0 : index?.eventCount(of: stream)
    }
}

extension EventLog {
    /// Reads every record of the log, and compares the index with it.
    ///
    /// Checked are: the pages of the table; length, checksum and canonical form of each record,
    /// positions without gaps, revisions without gaps in each stream, times that never go back, ids
    /// that are unique; that the index leads to these events and to no others.
    ///
    /// - Parameters:
    ///   - first: where to begin, inclusive, if what lies before was verified another time: the ids
    ///     of events from here on are still compared with all earlier ones, and their revisions with
    ///     what the index knows of their streams.
    ///   - progress: hears from another thread how far it has come.
    /// - Returns: what was found; damage does not make it throw.
    /// - Throws: ``EventLogError`` if the log is closed or cannot be read at all.
    public func verify(
        from first: Position = 1,
        progress: @escaping @Sendable (VerifyProgress) -> Void = { _ in }
    ) async throws(EventLogError) -> VerifyReport {
        try await WorkerThread.run("verify") { [self] () -> Result<VerifyReport, EventLogError> in
            Result { () throws(EventLogError) in
                var verifier = try LogVerifier(self, from: first.value)
                return try verifier.run(progress)
            }
        }
    }
}
