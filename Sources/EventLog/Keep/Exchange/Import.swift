public import EventModel

extension EventLog {
    /// Makes a log of an export of everything, all or nothing.
    ///
    /// Checked are the hash, the checksum and the canonical form of every record, the digest of the
    /// file, positions and revisions without gaps, and times that never go back. The records are those
    /// of the log that was exported, byte for byte, and so is the log's identity.
    ///
    /// - Parameters:
    ///   - file: what ``export(to:options:progress:)`` has written, or a backup in one file.
    ///   - folder: where to put the log; nothing may be there.
    ///   - isTrial: true checks the file and writes nothing.
    ///   - now: the clock.
    ///   - progress: hears from another thread how far it has come.
    /// - Returns: what was imported.
    /// - Throws: ``EventLogError`` with the line or the byte of the file that is wrong, with code
    ///   `invalid` if the file is a part of a log only, or `exists` if something is in the folder; then
    ///   nothing is made.
    public static func importLog(
        from file: String,
        to folder: String,
        isTrial: Bool = false,
        now: @escaping @Sendable () -> Timestamp = EventLogConfiguration.systemClock,
        progress: @escaping @Sendable (KeepProgress) -> Void = { _ in }
    ) async throws(EventLogError) -> KeepReport {
        try await WorkerThread.run("import") { () -> Result<KeepReport, EventLogError> in
            Result { () throws(EventLogError) in
                try Files.expectNothing(at: folder)
                guard isTrial else {
                    let origin = RestoredMark(source: file, at: now())
                    return try importFile(file, to: folder, origin: origin, progress)
                }
                var reader = try RecordFile.openAny(file)
                let check = try RecordFile.check(&reader, name: file, .verifying, progress) { _ in }
                var report = KeepReport(path: folder, identity: reader.header.log)
                report.add(check)
                return report
            }
        }
    }

    static func importFile(
        _ file: String,
        to folder: String,
        origin: RestoredMark,
        _ progress: @escaping @Sendable (KeepProgress) -> Void
    ) throws(EventLogError) -> KeepReport {
        var reader = try RecordFile.openAny(file)
        let log = reader.header.log
        let copy = try FreshLog(target: folder, identity: LogIdentity(id: log))
        do throws(EventLogError) {
            let check = try RecordFile.check(&reader, name: file, .writing, progress) {
                record throws(EventLogError) in
                try copy.add(record)
            }
            try copy.seal()
            var report = KeepReport(path: folder, identity: log)
            report.add(check)
            report.isVerified = true
            report.fileBytes = try Files.size(of: copy.folder + "/log/data.mdb")
            try origin.write(in: copy.folder, report)
            try copy.place()
            return report
        } catch {
            copy.abandon()
            throw error
        }
    }
}
