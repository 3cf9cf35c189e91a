import EventModel

/// A file of records, whatever its format.
enum RecordFile {
    /// Opens a file and reads its head.
    ///
    /// The format is told from the first bytes.
    static func open(_ path: String) throws(EventLogError) -> any RecordReader {
        guard Files.exists(path) else {
            throw EventLogError(.missing, "there is no file \(path)")
        }
        guard !Files.isFolder(path) else {
            throw EventLogError(
                .invalid,
                "\(path) is a folder; name a file, or restore it with 'daybook log restore'"
            )
        }
        return try open(ByteReader(try FileSource(path), name: path))
    }

    /// Reads the head of whatever the bytes are.
    static func open(_ bytes: ByteReader) throws(EventLogError) -> any RecordReader {
        let start = try bytes.peek(4)
        guard !start.isEmpty else {
            throw EventLogError(.corrupt, "\(bytes.name) is empty; take a whole copy of it")
        }
        if start.first == UInt8(ascii: "{") { return try LineReader(bytes) }
        return try CBORSequenceReader(bytes)
    }

    /// Opens a file that may be compressed.
    static func openAny(_ path: String) throws(EventLogError) -> any RecordReader {
        guard Files.exists(path), !Files.isFolder(path) else { return try open(path) }
        let bytes = ByteReader(try FileSource(path), name: path)
        guard try bytes.peek(4) == DecompressingSource.magic else { return try open(bytes) }
        let source = try DecompressingSource(try FileSource(path), name: path)
        return try open(ByteReader(source, name: path))
    }

    /// Reads a file from the first record to the last, as a whole log.
    static func check(
        _ path: String,
        _ progress: @escaping @Sendable (KeepProgress) -> Void
    ) throws(EventLogError) -> RecordCheck {
        var reader = try openAny(path)
        return try check(&reader, name: path, .verifying, progress) { _ in }
    }

    /// Hands the records of a whole log to the closure and checks all of them.
    static func check(
        _ reader: inout any RecordReader,
        name: String,
        _ phase: KeepProgress.Phase,
        _ progress: @escaping @Sendable (KeepProgress) -> Void,
        _ body: (UnsafeRawBufferPointer) throws(EventLogError) -> Void
    ) throws(EventLogError) -> RecordCheck {
        let header = reader.header
        guard header.isLog else {
            let part =
                header.isWhole
                ? "the events from \(header.first) on" : "some of the events of a stretch"
            throw EventLogError(
                .invalid,
                "\(name) holds \(part), so it is no log; only an export of everything, from the "
                    + "first event and without a filter, can become one"
            )
        }
        var check = RecordCheck(name: name)
        var meter = KeepMeter(phase, total: header.last, progress)
        while let position = try reader.next() {
            let place = reader.place
            try reader.record.withBytes { record throws(EventLogError) in
                try check.check(position, record, place: place)
                try body(record)
                meter.count(record.count)
            }
        }
        meter.finish()
        guard check.last == header.last else {
            throw EventLogError(
                .corrupt,
                "\(name) ends at event \(check.last), but its head says \(header.last); "
                    + "take a whole copy of it"
            )
        }
        return check
    }
}
