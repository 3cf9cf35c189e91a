import EventModel

/// What a backup's folder says about itself; without it a folder is no backup.
struct BackupMark: Sendable, Hashable {
    private static let title = "backup"

    var log: String
    var position: UInt64
    /// The SHA-256 of all records as they are stored, one behind the other.
    var digest: Digest
    var madeAt: Timestamp
    /// What lies beside the log.
    var others: [String]

    static func path(in folder: String) -> String { folder + "/backup" }

    func write(in folder: String) throws(EventLogError) {
        let file = MarkFile(
            BackupMark.title,
            [
                ("log", log), ("position", String(position)), ("records", digest.hexadecimal),
                ("made", madeAt.rfc3339),
                ("others", others.isEmpty ? "none" : others.joined(separator: ",")),
            ]
        )
        try file.write(BackupMark.path(in: folder))
    }

    /// Reads the mark of a backup.
    static func read(in folder: String) throws(EventLogError) -> BackupMark {
        let path = path(in: folder)
        guard let file = try MarkFile.read(path, title: title) else {
            throw EventLogError(
                .missing,
                "\(folder) is no backup: it has no file 'backup', which is written last"
            )
        }
        guard let log = file["log"], let position = file["position"].flatMap({ UInt64($0) }),
            let digest = file["records"].flatMap({ Digest(hexadecimal: $0) }),
            let madeAt = file["made"].flatMap({ try? Timestamp(rfc3339: $0) }),
            let others = file["others"]
        else { throw EventLogError(.corrupt, "\(path) is damaged; take another backup") }
        return BackupMark(
            log: log,
            position: position,
            digest: digest,
            madeAt: madeAt,
            others: others == "none" ? [] : others.split(separator: ",").map(String.init)
        )
    }
}
