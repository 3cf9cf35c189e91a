import EventModel

/// What the log's key has signed last: the one thing about checkpoints that cannot be made again.
///
/// It is on the disk before a checkpoint is handed out. Whoever signs reads it first, and signs
/// nothing that it does not lead to.
struct SigningState: Sendable, Hashable {
    /// The log's identity.
    var log: String
    /// The verifier key of whoever signed.
    var key: String
    /// The size that was signed.
    var size: UInt64
    /// The root that was signed.
    var root: Digest
    /// Of which restore this knows: the digest of the folder's `restored` file, or `none`.
    var restored: String

    private static let title = "daybook signed 1"

    static func path(in folder: String) -> String { folder + "/checkpoints/signed" }

    /// Reads the state; nil if nothing was signed yet.
    ///
    /// - Throws: ``EventLogError`` `.corrupt` if it is not as it was written.
    static func read(in folder: String) throws(EventLogError) -> SigningState? {
        let path = path(in: folder)
        let remedy =
            "nobody knows what was signed, so nothing more is signed: restore the file from a "
            + "backup, or go on with a new key by 'daybook log key accept-restore'"
        guard let sealed = try SealedText.read(path, title: title, remedy: remedy) else {
            return nil
        }
        guard let log = sealed["log"], let key = sealed["key"],
            let size = sealed["size"].flatMap({ UInt64($0) }),
            let root = sealed["root"].flatMap({ Digest(hexadecimal: $0) }),
            let restored = sealed["restored"]
        else { throw EventLogError(.corrupt, "\(path) lacks a line; \(remedy)") }
        return SigningState(log: log, key: key, size: size, root: root, restored: restored)
    }

    /// What ``restored`` would be now.
    static func restored(in folder: String) throws(EventLogError) -> String {
        guard let mark = try Files.read(RestoredMark.path(in: folder)) else { return "none" }
        return Digest.sha256(mark).hexadecimal
    }

    /// Replaces the state and brings it to the disk.
    func write(in folder: String) throws(EventLogError) {
        let members = [
            ("log", log), ("key", key), ("size", String(size)), ("root", root.hexadecimal),
            ("restored", restored),
        ]
        let sealed = SealedText(title: SigningState.title, members: members)
        try sealed.write(SigningState.path(in: folder))
        try Files.synchronizeFolder(folder + "/checkpoints")
    }
}
