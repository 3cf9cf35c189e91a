import EventModel

/// How far the tree's files go, and what the root is there.
///
/// Written after the files are on the disk. Files that do not give this root at this size are not
/// believed, and made anew.
struct TreeState: Sendable, Hashable {
    /// The log's identity.
    var log: String
    /// How many leaves the files hold.
    var size: UInt64
    /// The root over them.
    var root: Digest

    private static let title = "daybook tree 1"

    static func path(in folder: String) -> String { folder + "/tree/state" }

    /// Reads the state; nil if there is none that can be used, which costs no more than time.
    static func read(in folder: String) throws(EventLogError) -> TreeState? {
        let sealed: SealedText?
        do throws(EventLogError) {
            sealed = try SealedText.read(path(in: folder), title: title, remedy: "remove it")
        } catch {
            guard error.code == .corrupt else { throw error }
            return nil
        }
        guard let sealed, let log = sealed["log"],
            let size = sealed["size"].flatMap({ UInt64($0) }),
            let root = sealed["root"].flatMap({ Digest(hexadecimal: $0) })
        else { return nil }
        return TreeState(log: log, size: size, root: root)
    }

    /// Replaces the state.
    func write(in folder: String) throws(EventLogError) {
        let sealed = SealedText(
            title: TreeState.title,
            members: [("log", log), ("size", String(size)), ("root", root.hexadecimal)]
        )
        try sealed.write(TreeState.path(in: folder))
    }
}
