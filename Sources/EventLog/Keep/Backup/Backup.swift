import EventModel

/// What a backup takes with it, and whether it is read again.
public struct BackupOptions: Sendable {
    /// Reads everything again after it was written.
    public var verifies: Bool
    /// Files and folders beside the log that are copied too, by their names in the log's folder; what
    /// is not there is passed over.
    public var others: [String]

    /// What must not be lost with the log and is not in it: sealed values and their key, and the keys
    /// of personal data.
    public static let secrets = ["secrets", "secrets.key", "keys"]
    /// What was signed and published; without it nobody knows what may be signed.
    public static let checkpoints = ["checkpoints"]

    public init(verifies: Bool = true, others: [String] = []) {
        self.verifies = verifies
        self.others = others
    }
}

extension EventLog {
    /// The end of the name of a backup that is a single file.
    public static let backupFileEnding = ".daybook"

    /// Copies the log as it is at this moment, while it may be written.
    ///
    /// The backup is a folder that is a log, with the file `backup` beside it; or, if the destination
    /// ends in `.daybook`, one compressed file. It gets its name when it is whole and on the disk, so an
    /// interrupted backup leaves nothing that looks like one.
    ///
    /// - Parameters:
    ///   - destination: where to put it; nothing may be there.
    ///   - options: what to take and whether to read it again.
    ///   - progress: hears from another thread how far it has come.
    /// - Returns: what was written.
    /// - Throws: ``EventLogError`` with code `exists` if something is at the destination, or because a
    ///   record or the copy is damaged, or the disk full.
    public func backUp(
        to destination: String,
        options: BackupOptions = BackupOptions(),
        progress: @escaping @Sendable (KeepProgress) -> Void = { _ in }
    ) async throws(EventLogError) -> KeepReport {
        try await WorkerThread.run("backup") { [self] () -> Result<KeepReport, EventLogError> in
            Result { () throws(EventLogError) in
                if destination.hasSuffix(EventLog.backupFileEnding) {
                    return try backUpToFile(destination, options, progress)
                }
                return try backUpToFolder(destination, options, progress)
            }
        }
    }

    private func backUpToFolder(
        _ destination: String,
        _ options: BackupOptions,
        _ progress: @escaping @Sendable (KeepProgress) -> Void
    ) throws(EventLogError) -> KeepReport {
        let head = try checkedHead()
        let copy = try FreshLog(target: destination, identity: storage.identity)
        do throws(EventLogError) {
            var report = try fill(copy, through: head, options, progress)
            if options.verifies {
                try EventLog.verifyBackup(copy.folder, progress)
                report.isVerified = true
            }
            try copy.place()
            report.path = destination
            return report
        } catch {
            copy.abandon()
            throw error
        }
    }

    private func fill(
        _ copy: FreshLog,
        through head: UInt64,
        _ options: BackupOptions,
        _ progress: @escaping @Sendable (KeepProgress) -> Void
    ) throws(EventLogError) -> KeepReport {
        var check = RecordCheck(name: storage.file)
        var meter = KeepMeter(.writing, total: head, progress)
        if head > 0 {
            try walk(from: 1, through: head) { position, record throws(EventLogError) in
                try check.check(position, record, place: storage.file)
                try copy.add(record)
                meter.count(record.count)
            }
        }
        meter.finish()
        try copy.seal()
        var report = KeepReport(path: copy.folder, identity: storage.identity.id)
        for name in options.others where Files.exists("\(folder)/\(name)") {
            let (source, target) = ("\(folder)/\(name)", "\(copy.folder)/\(name)")
            // Keys may be made and destroyed meanwhile, and half a table opens nothing.
            if name == "keys", VaultStore.exists(at: source) {
                try VaultStore.copy(source, to: target)
            } else {
                try Files.copyTree(source, to: target)
            }
            report.others.append(name)
        }
        let mark = BackupMark(
            log: storage.identity.id,
            position: head,
            digest: check.recordsDigest,
            madeAt: configuration.now(),
            others: report.others
        )
        try mark.write(in: copy.folder)
        report.add(check)
        report.fileBytes = try Files.size(of: copy.folder + "/log/data.mdb")
        return report
    }

    private func backUpToFile(
        _ destination: String,
        _ options: BackupOptions,
        _ progress: @escaping @Sendable (KeepProgress) -> Void
    ) throws(EventLogError) -> KeepReport {
        guard options.others.isEmpty else {
            throw EventLogError(
                .invalid,
                "a backup in one file holds the log alone; name a folder to take secrets with it"
            )
        }
        let range = ExportRange(first: 1, last: try checkedHead(), filter: nil)
        return try writeExport(range, format: .compressed, to: destination, progress) {
            unfinished throws(EventLogError) in
            guard options.verifies else { return false }
            Files.forget(unfinished)
            _ = try RecordFile.check(unfinished, progress)
            return true
        }
    }

    /// Reads a backup's folder from the first record to the last.
    ///
    /// - Throws: ``EventLogError`` that says what is damaged.
    static func verifyBackup(
        _ folder: String,
        _ progress: @escaping @Sendable (KeepProgress) -> Void
    ) throws(EventLogError) {
        Files.forget(folder + "/log/data.mdb")
        try readBackup(folder, .verifying, progress) { _, _ in }
    }

    /// Hands the records of a backup's folder to the closure and checks all of them.
    @discardableResult
    static func readBackup(
        _ folder: String,
        _ phase: KeepProgress.Phase,
        _ progress: @escaping @Sendable (KeepProgress) -> Void,
        _ body: (UInt64, UnsafeRawBufferPointer) throws(EventLogError) -> Void
    ) throws(EventLogError) -> (mark: BackupMark, check: RecordCheck) {
        let mark = try BackupMark.read(in: folder)
        let storage = try LogStorage(
            folder: folder,
            configuration: EventLogConfiguration(mode: .readOnly, tailRecordsChecked: 1)
        )
        defer { storage.environment.close() }
        var check = RecordCheck(name: storage.file)
        let last = try storage.lastPosition()
        guard storage.identity.id == mark.log, last == mark.position else {
            throw EventLogError(
                .corrupt,
                "\(storage.file) with \(last) events is not the log that "
                    + "\(BackupMark.path(in: folder)) was written for; take another backup"
            )
        }
        var meter = KeepMeter(phase, total: last, progress)
        if last > 0 {
            try storage.forEach(from: 1, through: last) { position, record throws(EventLogError) in
                try check.check(position, record, place: storage.file)
                try body(position, record)
                meter.count(record.count)
                return true
            }
        }
        meter.finish()
        guard check.recordsDigest == mark.digest else {
            throw EventLogError(
                .corrupt,
                "\(storage.file) holds other events than \(BackupMark.path(in: folder)) was "
                    + "written for; take another backup"
            )
        }
        return (mark, check)
    }
}

extension KeepReport {
    mutating func add(_ check: RecordCheck) {
        eventCount = check.last
        first = check.last > 0 ? 1 : 0
        last = Position(check.last)
        recordBytes = check.byteCount
    }
}

/// Tells about progress now and then.
struct KeepMeter {
    private static let eventsBetween: UInt64 = 4096

    private let phase: KeepProgress.Phase
    private let total: UInt64
    private let progress: @Sendable (KeepProgress) -> Void
    private var done: UInt64 = 0
    private(set) var byteCount: UInt64 = 0

    init(
        _ phase: KeepProgress.Phase,
        total: UInt64,
        _ progress: @escaping @Sendable (KeepProgress) -> Void
    ) {
        self.phase = phase
        self.total = total
        self.progress = progress
    }

    mutating func count(_ bytes: Int) {
        done += 1
        byteCount += UInt64(bytes)
        if done.isMultiple(of: KeepMeter.eventsBetween) { tell() }
    }

    /// Tells the last figures.
    func finish() { tell() }

    private func tell() {
        progress(KeepProgress(phase: phase, done: done, total: total, byteCount: byteCount))
    }
}
