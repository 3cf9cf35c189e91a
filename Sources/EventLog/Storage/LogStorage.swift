import EventModel

/// The table of events: position to record, in the environment that is synced at every commit.
final class LogStorage: Sendable {
    static let events = 0
    static let meta = 1
    static let tables = [Table(eventsName, keys: .integers), Table("meta")]
    private static let eventsName = "events"
    /// After how many bytes of a long walk the environment hears of them.
    private static let noteBytes = 16 << 20
    private static let twoPagesBytes = 2 * 4096

    let environment: Environment
    let identity: LogIdentity
    /// The folder of the whole log, not of this environment.
    let folder: String
    /// What the head file said when the log was opened; nil if there was none.
    let foundHead: HeadFile?
    private let tailRecordsChecked: Int

    var file: String { environment.file }

    /// Opens the table, and refuses one that is damaged, truncated or shorter than it was.
    init(folder: String, configuration: EventLogConfiguration) throws(EventLogError) {
        // Read before the log, so that a writer beside us can only make the log longer meanwhile.
        let headFile = try HeadFile.read(in: folder)
        let isWriter = configuration.mode == .readWrite
        try LogStorage.checkFile(in: folder, headFile: headFile, isWriter: isWriter)
        environment = try Environment(
            Environment.Options(
                folder: folder + "/log",
                tables: LogStorage.tables,
                mapBytes: configuration.mapBytes,
                durability: .full,
                isWriter: isWriter,
                hasAllTables: true
            )
        )
        self.folder = folder
        foundHead = headFile
        tailRecordsChecked = configuration.tailRecordsChecked
        do throws(EventLogError) {
            identity = try LogStorage.identity(in: environment, isWriter: isWriter)
            try check(headFile, notice: configuration.notice)
            try checkTail()
            if isWriter, headFile == nil { try writeHeadFile() }
        } catch {
            environment.close()
            throw error
        }
        if isWriter { try Files.synchronizeFolder(folder) }
    }

    // MARK: Opening

    private static func checkFile(
        in folder: String,
        headFile: HeadFile?,
        isWriter: Bool
    ) throws(EventLogError) {
        let file = folder + "/log/data.mdb"
        let size = Files.exists(file) ? try Files.size(of: file) : 0
        // LMDB makes a file with one write of two pages, and the head file comes right after the
        // first commit: less than that is a log whose making was cut short, and holds nothing.
        if size > 0, size < twoPagesBytes, headFile == nil, isWriter {
            try Files.remove(file)
            return
        }
        guard size == 0 else { return }
        if let headFile, headFile.position > 0 {
            throw EventLogError(
                .corrupt,
                "\(file) is missing or empty, but \(HeadFile.path(in: folder)) says that it holds "
                    + "\(headFile.position) events; restore it from a backup"
            )
        }
        guard isWriter else { throw EventLogError(.missing, "there is no log in \(folder)") }
        try Files.makeFolder(folder + "/log")
    }

    private static func identity(
        in environment: Environment,
        isWriter: Bool
    ) throws(EventLogError) -> LogIdentity {
        let file = environment.file
        let found = try environment.read { transaction throws(EventLogError) in
            try LogIdentity.read(
                { name throws(EventLogError) in
                    try transaction.bytes(meta, key: Array(name.utf8))
                        .map { String(decoding: $0, as: UTF8.self) }
                },
                file: file
            )
        }
        if let found {
            guard isWriter, found.foundFormat != LogIdentity.format else { return found }
            // Before the journal holds anything that an older program would not look for.
            try environment.write { transaction throws(EventLogError) in
                let format = Array(String(LogIdentity.format).utf8)
                try transaction.put(meta, key: Array("format".utf8), value: format)
            }
            return LogIdentity(id: found.id)
        }
        let count = try environment.read { transaction throws(EventLogError) in
            try transaction.count(events)
        }
        guard count == 0 else {
            throw EventLogError(.corrupt, "\(file) holds \(count) events but no format mark")
        }
        guard isWriter else { throw EventLogError(.missing, "there is no log in \(file)") }
        let identity = LogIdentity.random()
        try environment.write { transaction throws(EventLogError) in
            for (key, value) in identity.entries {
                try transaction.put(meta, key: Array(key.utf8), value: Array(value.utf8))
            }
        }
        try Files.synchronizeFolder(environment.folder)
        return identity
    }

    private func check(
        _ headFile: HeadFile?,
        notice: @Sendable (String) -> Void
    ) throws(EventLogError) {
        let last = try lastPosition()
        let path = HeadFile.path(in: folder)
        guard let headFile else {
            if last > 0 { notice("\(path) is missing; the log is taken as it is, \(last) events") }
            return
        }
        let remedy = "restore it from a backup, or remove \(path) to accept the log as it is"
        guard headFile.log == identity.id else {
            throw EventLogError(
                .corrupt,
                "\(file) is not the log that \(path) was written for; \(remedy)"
            )
        }
        guard last >= headFile.position else {
            throw EventLogError(
                .corrupt,
                "\(file) holds \(last) events, but \(path) says that it held "
                    + "\(headFile.position); \(remedy)"
            )
        }
        guard headFile.position > 0 else { return }
        let checksum = try checksum(of: headFile.position)
        guard checksum == headFile.checksum else {
            throw EventLogError(
                .corrupt,
                "event \(headFile.position) in \(file) is not the one that \(path) was written "
                    + "for; \(remedy)"
            )
        }
    }

    /// Writes the head file, for what the table holds now.
    ///
    /// - Parameter journalBytes: see ``HeadFile/journalBytes``.
    func writeHeadFile(journalBytes: Int? = nil) throws(EventLogError) {
        let last = try lastPosition()
        try writeHeadFile(position: last, journalBytes: journalBytes)
    }

    /// Writes the head file, for an event of the table or 0.
    func writeHeadFile(position: UInt64, journalBytes: Int?) throws(EventLogError) {
        let checksum = position > 0 ? try checksum(of: position) : 0
        let file = HeadFile(
            log: identity.id,
            position: position,
            checksum: checksum,
            journalBytes: journalBytes
        )
        try file.write(in: folder)
    }

    /// Reads the last records, and checks that no position is missing anywhere.
    private func checkTail() throws(EventLogError) {
        let (last, count) = try withReader { reader throws(EventLogError) in
            (try reader?.last() ?? 0, reader?.tree.entryCount ?? 0)
        }
        guard count == last else {
            throw EventLogError(
                .corrupt,
                "\(file) holds \(count) events, but the last one has position \(last); "
                    + "restore it from a backup"
            )
        }
        guard last > 0 else { return }
        let checked = UInt64(max(tailRecordsChecked, 1))
        let first = last >= checked ? last - checked + 1 : 1
        try forEach(from: first, through: last) { position, bytes throws(EventLogError) in
            _ = try RecordCodec.decode(bytes, position: position, file: file)
            return true
        }
    }

    // MARK: Reading

    /// The position of the last record; 0 if there is none.
    func lastPosition() throws(EventLogError) -> UInt64 {
        try withReader { reader throws(EventLogError) in try reader?.last() ?? 0 }
    }

    /// Hands the table of events in one committed state to the closure; nil if there is none yet.
    private func withReader<R>(
        _ body: (PageReader?) throws(EventLogError) -> R
    ) throws(EventLogError) -> R {
        try environment.readPages { snapshot throws(EventLogError) in
            try body(try PageReader(snapshot, table: LogStorage.eventsName))
        }
    }

    /// The checksum of a record's stored bytes, as the head file and the index keep it.
    func checksum(of position: UInt64) throws(EventLogError) -> UInt32 {
        try withRecord(position) { bytes throws(EventLogError) in CRC32C.checksum(bytes) }
    }

    /// The envelope of an event.
    func header(of position: UInt64) throws(EventLogError) -> EventRecord.Header {
        try withRecord(position) { bytes throws(EventLogError) in
            try RecordCodec.decodeHeader(bytes, position: position, file: file)
        }
    }

    /// Hands each record between two positions, both inclusive, to the closure, in one transaction.
    ///
    /// The closure returns false to stop. The last position may be less than the first to go
    /// backward.
    func forEach(
        from first: UInt64,
        through last: UInt64,
        _ body: (UInt64, UnsafeRawBufferPointer) throws(EventLogError) -> Bool
    ) throws(EventLogError) {
        var byteCount = 0
        try withReader { reader throws(EventLogError) in
            guard let reader else { throw gap(at: first) }
            defer { environment.noteRead(bytes: byteCount) }
            try reader.forEach(from: first, through: last) {
                position,
                bytes throws(EventLogError) in
                byteCount &+= bytes.count
                if byteCount >= LogStorage.noteBytes {
                    environment.noteRead(bytes: byteCount)
                    byteCount = 0
                }
                return try body(position, bytes)
            }
        }
    }

    /// Decodes events by their positions, in one transaction.
    func events(at positions: [UInt64]) throws(EventLogError) -> [Event] {
        try withReader { reader throws(EventLogError) in
            var events: [Event] = []
            events.reserveCapacity(positions.count)
            for position in positions {
                guard let reader else { throw gap(at: position) }
                let bytes = try reader.value(of: position)
                events.append(try RecordCodec.decode(bytes, position: position, file: file))
            }
            return events
        }
    }

    private func withRecord<R>(
        _ position: UInt64,
        _ body: (UnsafeRawBufferPointer) throws(EventLogError) -> R
    ) throws(EventLogError) -> R {
        try withReader { reader throws(EventLogError) in
            guard let reader else { throw gap(at: position) }
            return try body(try reader.value(of: position))
        }
    }

    private func gap(at position: UInt64) -> EventLogError {
        EventLogError(
            .corrupt,
            "event \(position) is missing in \(file); restore it from a backup"
        )
    }

    // MARK: Writing

    /// Adds groups of records after the last one and returns when they are durable.
    func append(_ groups: [RecordGroup]) throws(EventLogError) {
        try environment.write { transaction throws(EventLogError) in
            for group in groups {
                try group.forEach { position, bytes throws(EventLogError) in
                    try transaction.append(LogStorage.events, integer: position, value: bytes)
                }
            }
        }
    }

    /// Whether the file could become larger by so many bytes; true if that cannot be told.
    func hasRoom(bytes: Int) -> Bool {
        guard let size = try? Files.size(of: file) else { return true }
        return Files.hasRoom(beside: file, offset: size, bytes: bytes)
    }

    /// Opens the environment anew and checks its tail, after a commit that failed.
    func reopen() throws(EventLogError) {
        try environment.reopen()
        try checkTail()
    }

    /// Whether the table holds the groups, byte for byte.
    func holds(_ groups: [RecordGroup]) throws(EventLogError) -> Bool {
        var isSame = true
        for group in groups where isSame && !group.isEmpty {
            try forEach(from: group.first, through: group.last) {
                position,
                bytes throws(EventLogError) in
                isSame = try group.withRecord(position) { record throws(EventLogError) in
                    record.elementsEqual(bytes)
                }
                return isSame
            }
        }
        return isSame
    }

    /// Commits something, so that whatever the environment holds now is certain to be on the disk.
    func confirm() throws(EventLogError) {
        try environment.write { transaction throws(EventLogError) in
            let last = try transaction.reading.withCursor(LogStorage.events) {
                cursor throws(EventLogError) in
                try cursor.last() ? cursor.integerKey : 0
            }
            try transaction.put(
                LogStorage.meta,
                key: Array("recovered_at_position".utf8),
                value: Array(String(last).utf8)
            )
        }
    }
}
