public import EventModel

/// How a scrub goes about it.
public struct ScrubOptions: Sendable {
    /// How many bytes of records are read a second at the most; nil does not slow it down.
    public var bytesPerSecond: Int?
    /// Remembers in the log's folder how far it has come, and goes on from there.
    public var isResumed: Bool

    public init(bytesPerSecond: Int? = nil, isResumed: Bool = false) {
        self.bytesPerSecond = bytesPerSecond
        self.isResumed = isResumed
    }
}

extension EventLog {
    /// How many records are read between two pauses.
    private static let scrubChunkEvents: UInt64 = 1024

    /// Reads every record up to the head and checks its length, its checksum and its canonical form, to
    /// find what a disk has changed while nobody looked.
    ///
    /// - Parameters:
    ///   - options: how fast, and whether to go on where an earlier one was interrupted.
    ///   - pause: waits for so many seconds; throws to interrupt the scrub.
    ///   - progress: hears how far it has come.
    /// - Returns: what was found; damage does not make it throw.
    /// - Throws: ``EventLogError`` if the log is closed, or what `pause` throws.
    public func scrub(
        options: ScrubOptions = ScrubOptions(),
        pause: @Sendable (Double) async throws -> Void = {
            try await Task.sleep(for: .seconds($0))
        },
        progress: @escaping @Sendable (KeepProgress) -> Void = { _ in }
    ) async throws -> ScrubReport {
        let head = try checkedHead()
        var report = ScrubReport(from: 1, beganAt: configuration.now())
        if options.isResumed, let state = try ScrubState.read(of: self), state.to.value < head {
            report = state
        }
        while report.to.value < head {
            let before = report
            let last = min(head, report.to.value + EventLog.scrubChunkEvents)
            report = try await WorkerThread.run("scrub") { [self] in
                Result { () throws(EventLogError) in try scrubbing(before, through: last) }
            }
            progress(
                KeepProgress(
                    phase: .verifying,
                    done: report.to.value,
                    total: head,
                    byteCount: report.byteCount
                )
            )
            if options.isResumed { try ScrubState.write(report, of: self) }
            if let rate = options.bytesPerSecond, rate > 0, report.to.value < head {
                try await pause(Double(report.byteCount - before.byteCount) / Double(rate))
            }
        }
        report.endedAt = configuration.now()
        if options.isResumed { try ScrubState.remove(of: self) }
        return report
    }

    /// Reads the next records, one by one if something is wrong among them.
    private func scrubbing(
        _ before: ScrubReport,
        through last: UInt64
    ) throws(EventLogError) -> ScrubReport {
        var report = before
        guard !signal.isClosed else { throw closed }
        do throws(EventLogError) {
            try records.forEach(from: before.to.value + 1, through: last) {
                position,
                record throws(EventLogError) in
                _ = try RecordCodec.decode(record, position: position, file: storage.file)
                report.eventCount += 1
                report.byteCount += UInt64(record.count)
                return true
            }
        } catch {
            guard error.code == .corrupt || error.code == .newerFormat else { throw error }
            report = before
            for position in before.to.value + 1...last { try scrubOne(position, &report) }
        }
        report.to = Position(last)
        return report
    }

    private func scrubOne(
        _ position: UInt64,
        _ report: inout ScrubReport
    ) throws(EventLogError) {
        do throws(EventLogError) {
            try records.forEach(from: position, through: position) {
                position,
                record throws(EventLogError) in
                report.byteCount += UInt64(record.count)
                _ = try RecordCodec.decode(record, position: position, file: storage.file)
                return true
            }
        } catch {
            guard error.code == .corrupt || error.code == .newerFormat else { throw error }
            report.note(error.message, at: position, file: storage.file)
        }
        report.eventCount += 1
    }

    /// Appends the result of a scrub to its stream.
    ///
    /// - Parameters:
    ///   - report: the result.
    ///   - id: the identity of the event.
    ///   - actor: who had it done.
    public func record(
        _ report: ScrubReport,
        id: EventID,
        actor: String
    ) async throws(EventLogError) {
        let event = ScrubEvents.proposed(report, id: id, actor: actor)
        _ = try await append(
            [StreamWrite(stream: ScrubEvents.stream, expected: .any, events: [event])]
        )
    }
}

/// How far an interrupted scrub had come: the file `scrub` in the log's folder.
private enum ScrubState {
    private static let title = "scrub"

    static func path(_ log: EventLog) -> String { log.folder + "/scrub" }

    /// What was found so far; nil if nothing of this log is there, or nothing that can be read.
    static func read(of log: EventLog) throws(EventLogError) -> ScrubReport? {
        let file: MarkFile?
        do throws(EventLogError) {
            file = try MarkFile.read(path(log), title: title)
        } catch {
            // To begin anew costs time only.
            guard error.code == .corrupt || error.code == .newerFormat else { throw error }
            return nil
        }
        guard let file, file["log"] == log.storage.identity.id,
            let text = file["report"], let data = try? JSON.parse(text)
        else { return nil }
        return ScrubEvents.report(data)
    }

    static func write(_ report: ScrubReport, of log: EventLog) throws(EventLogError) {
        let text: String
        do throws(JSONError) {
            text = try JSON.text(ScrubEvents.data(of: report))
        } catch {
            throw EventLogError(.invalid, error.message)
        }
        try MarkFile(title, [("log", log.storage.identity.id), ("report", text)]).write(path(log))
    }

    static func remove(of log: EventLog) throws(EventLogError) { try Files.remove(path(log)) }
}
