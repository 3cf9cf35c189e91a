public import EventModel

extension EventLog {
    /// Makes a log of a backup, a folder or a single file, and checks every record on the way.
    ///
    /// The log keeps its identity, so only one of it and the log that the backup is of may be written
    /// from then on. The file `restored` remembers where it came from.
    ///
    /// - Parameters:
    ///   - backup: what ``backUp(to:options:progress:)`` has written.
    ///   - folder: where to put the log; nothing may be there.
    ///   - now: the clock.
    ///   - progress: hears from another thread how far it has come.
    /// - Returns: what was restored.
    /// - Throws: ``EventLogError`` if the backup is damaged, incomplete or of a newer format, or if
    ///   something is in the folder; then nothing is made.
    public static func restore(
        _ backup: String,
        to folder: String,
        now: @escaping @Sendable () -> Timestamp = EventLogConfiguration.systemClock,
        progress: @escaping @Sendable (KeepProgress) -> Void = { _ in }
    ) async throws(EventLogError) -> KeepReport {
        try await WorkerThread.run("restore") { () -> Result<KeepReport, EventLogError> in
            Result { () throws(EventLogError) in
                try Files.expectNothing(at: folder)
                guard Files.exists(backup) else {
                    throw EventLogError(.missing, "there is no backup at \(backup)")
                }
                let origin = RestoredMark(source: backup, at: now())
                if Files.isFolder(backup) {
                    return try restoreFolder(backup, to: folder, origin, progress)
                }
                return try importFile(backup, to: folder, origin: origin, progress)
            }
        }
    }

    private static func restoreFolder(
        _ backup: String,
        to folder: String,
        _ origin: RestoredMark,
        _ progress: @escaping @Sendable (KeepProgress) -> Void
    ) throws(EventLogError) -> KeepReport {
        let mark = try BackupMark.read(in: backup)
        let copy = try FreshLog(target: folder, identity: LogIdentity(id: mark.log))
        do throws(EventLogError) {
            let (_, check) = try readBackup(backup, .writing, progress) {
                _,
                record throws(EventLogError) in
                try copy.add(record)
            }
            try copy.seal()
            for name in mark.others {
                guard Files.exists("\(backup)/\(name)") else {
                    throw EventLogError(
                        .corrupt,
                        "\(backup) has lost '\(name)', which was part of the backup"
                    )
                }
                try Files.copyTree("\(backup)/\(name)", to: "\(copy.folder)/\(name)")
            }
            var report = KeepReport(path: folder, identity: mark.log)
            report.add(check)
            report.others = mark.others
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

/// What a restored log's folder says about where it came from.
struct RestoredMark: Sendable {
    var source: String
    var at: Timestamp

    static func path(in folder: String) -> String { folder + "/restored" }

    func write(in folder: String, _ report: KeepReport) throws(EventLogError) {
        let file = MarkFile(
            "restored",
            [
                ("log", report.identity), ("position", String(report.last.value)),
                ("at", at.rfc3339), ("from", source),
            ]
        )
        try file.write(RestoredMark.path(in: folder))
    }
}
