public import EventModel

/// How exported events are written.
public enum ExportFormat: String, Sendable, Hashable, CaseIterable {
    /// CloudEvents 1.0 in structured JSON, one a line.
    case ndjson
    /// A CBOR sequence (RFC 8742).
    case cbor
    /// A CBOR sequence, compressed with Zstandard (RFC 8878).
    case compressed
}

/// Which events are exported, and how.
public struct ExportOptions: Sendable {
    public var format: ExportFormat
    /// The first position; less than 1 begins at the first event.
    public var from: Position
    /// The last position; nil ends at the last event that is there when the export begins.
    public var through: Position?
    /// Only these events; ``EventFilter/all`` takes all.
    public var filter: EventFilter
    /// Only events of this stream.
    public var stream: StreamName?

    public init(
        format: ExportFormat,
        from: Position = 1,
        through: Position? = nil,
        filter: EventFilter = .all,
        stream: StreamName? = nil
    ) {
        self.format = format
        self.from = from
        self.through = through
        self.filter = filter
        self.stream = stream
    }
}

/// A stretch of the log, with what is wanted of it.
struct ExportRange: Sendable {
    var first: UInt64
    var last: UInt64
    /// Nil takes everything.
    var filter: (@Sendable (Event) -> Bool)?
}

extension EventLog {
    /// Standard output, as the destination of an export.
    public static let standardOutput = "-"

    /// Writes events to a file or to standard output, in a form that others can read and that an import
    /// gives back byte for byte.
    ///
    /// The same events always give the same bytes. A file gets its name when it is whole.
    ///
    /// - Parameters:
    ///   - destination: the file, where nothing may be; `-` is standard output.
    ///   - options: which events, and how.
    ///   - progress: hears from another thread how far it has come.
    /// - Returns: what was written.
    /// - Throws: ``EventLogError`` if the destination is taken, the range is beyond the log, or the log
    ///   or the disk fails.
    public func export(
        to destination: String,
        options: ExportOptions,
        progress: @escaping @Sendable (KeepProgress) -> Void = { _ in }
    ) async throws(EventLogError) -> KeepReport {
        try await WorkerThread.run("export") { [self] () -> Result<KeepReport, EventLogError> in
            Result { () throws(EventLogError) in
                let range = try exportRange(options)
                guard destination == EventLog.standardOutput else {
                    return try writeExport(
                        range,
                        format: options.format,
                        to: destination,
                        progress
                    ) { _ in false }
                }
                let sink = FileSink(descriptor: 1, name: "standard output")
                return try writeExport(range, options.format, sink, destination, progress)
            }
        }
    }

    private func exportRange(_ options: ExportOptions) throws(EventLogError) -> ExportRange {
        let head = try checkedHead()
        let first = max(options.from.value, 1)
        let last = options.through?.value ?? head
        guard last <= head, first <= head + 1 else {
            throw EventLogError(
                .invalid,
                "the log ends at \(head), so it has no events from \(first) to \(last)"
            )
        }
        guard last + 1 >= first else {
            throw EventLogError(.invalid, "no events lie from \(first) to \(last)")
        }
        let (filter, stream) = (options.filter, options.stream)
        guard filter != .all || stream != nil else {
            return ExportRange(first: first, last: last, filter: nil)
        }
        return ExportRange(first: first, last: last) { event in
            (stream == nil || event.stream == stream) && filter.matches(event)
        }
    }

    /// Writes a file under a hidden name, lets the closure look at it, and gives it its name.
    func writeExport(
        _ range: ExportRange,
        format: ExportFormat,
        to destination: String,
        _ progress: @escaping @Sendable (KeepProgress) -> Void,
        _ verify: (String) throws(EventLogError) -> Bool
    ) throws(EventLogError) -> KeepReport {
        guard !Files.exists(destination) else {
            throw EventLogError(
                .exists,
                "\(destination) exists; name another place, or move it away first"
            )
        }
        let unfinished = Files.unfinished(destination)
        do throws(EventLogError) {
            let sink = try FileSink(making: unfinished)
            var report = try writeExport(range, format, sink, destination, progress)
            report.fileBytes = try Files.size(of: unfinished)
            report.isVerified = try verify(unfinished)
            try Files.place(unfinished, at: destination)
            return report
        } catch {
            // What cannot be removed now is overwritten by the next try.
            try? Files.remove(unfinished)
            throw error
        }
    }

    private func writeExport(
        _ range: ExportRange,
        _ format: ExportFormat,
        _ sink: any ByteSink,
        _ destination: String,
        _ progress: @escaping @Sendable (KeepProgress) -> Void
    ) throws(EventLogError) -> KeepReport {
        let header = RecordFileHeader(
            log: storage.identity.id,
            first: range.first,
            last: range.last,
            isWhole: range.filter == nil
        )
        var writer: any RecordWriter
        switch format {
        case .ndjson: writer = try LineWriter(sink, header: header)
        case .cbor: writer = try CBORSequenceWriter(sink, header: header)
        case .compressed:
            writer = try CBORSequenceWriter(try CompressingSink(sink), header: header)
        }
        var report = KeepReport(path: destination, identity: header.log)
        let total = range.last + 1 - range.first
        var meter = KeepMeter(.writing, total: total, progress)
        try walk(from: range.first, through: range.last) { position, record throws(EventLogError) in
            meter.count(record.count)
            if let filter = range.filter {
                let event = try RecordCodec.decode(record, position: position, file: storage.file)
                guard filter(event) else { return }
            } else {
                try RecordCodec.check(record, position: position, file: storage.file)
            }
            try writer.add(position, record)
            if report.eventCount == 0 { report.first = Position(position) }
            report.last = Position(position)
            report.eventCount += 1
            report.recordBytes += UInt64(record.count)
        }
        meter.finish()
        try writer.finish()
        return report
    }
}
