import EventModel
import Synchronization

/// The Merkle tree over the log: leaf p - 1 stands for the event at position p.
///
/// It trails the log and can always be made again from it. What its files hand out is never
/// believed: every answer is checked against the root, which is kept in memory and computed from
/// the records themselves.
final class LogTree: Sendable {
    /// So many leaves are written to the files together.
    static let leavesPerWrite: UInt64 = 16_384
    /// After so many leaves the files are synced and the state replaced.
    static let leavesPerSync: UInt64 = 262_144
    /// So many records are read in one transaction.
    static let recordsPerRead: UInt64 = 2048
    /// A tree that only reads makes up for so many events in memory, at the most: 128 MiB.
    static let leavesInMemoryMax: UInt64 = 4_194_304

    struct State {
        var levels = TreeLevels()
        /// How many leaves the state file speaks of.
        var syncedSize: UInt64 = 0
        /// Someone waits for the tree to have so many leaves.
        var wantedSize: UInt64 = 0
        /// The files gave something that does not fit the root.
        var isDamaged = false
        var isFinishing = false
        var hasEnded = false
        var failure: EventLogError?
    }

    let folder: String
    let identity: String
    let records: any RecordSource
    let files: TreeFiles
    let isWriter: Bool
    let notice: @Sendable (String) -> Void
    let monitor: Monitor<State>
    /// True while the thread sleeps until it is woken; asked without the lock by every append.
    let isIdle = Atomic(false)

    /// Opens the tree of a log; a tree whose files do not fit the log begins anew.
    ///
    /// - Parameters:
    ///   - folder: the log's folder; the tree lies in `tree/` there.
    ///   - identity: the log's identity.
    ///   - records: where the events come from.
    ///   - head: the log's last position.
    ///   - isWriter: whether the files may be written.
    ///   - notice: hears when the tree is made anew.
    init(
        folder: String,
        identity: String,
        records: any RecordSource,
        head: UInt64,
        isWriter: Bool,
        notice: @escaping @Sendable (String) -> Void
    ) throws(EventLogError) {
        self.folder = folder
        self.identity = identity
        self.records = records
        self.isWriter = isWriter
        self.notice = notice
        files = TreeFiles(folder: folder + "/tree", isWriter: isWriter)
        monitor = Monitor(State())
        // Whoever only reads looks at the files when somebody asks.
        guard isWriter else { return }
        do throws(EventLogError) {
            try load(head: head)
        } catch {
            // The log must open without it; the thread tries again until it can be made.
            notice("the tree in \(folder)/tree cannot be opened for now: \(error.message)")
            monitor.change { state in
                state.isDamaged = true
                state.failure = error
            }
        }
    }

    // MARK: Opening

    /// Takes over what the files hold, if it is what the state says and the log has.
    func load(head: UInt64) throws(EventLogError) {
        if isWriter { try Files.makeFolder(folder + "/tree") }
        let (levels, reason) = try kept(head: head)
        if let reason, head > 0, isWriter {
            notice("the tree in \(folder)/tree is made anew from the log: \(reason)")
        }
        if isWriter { try files.truncate(toSize: levels.size) }
        monitor.change { state in
            state.levels = levels
            state.syncedSize = levels.size
            state.isDamaged = false
        }
    }

    /// The tree of the files, or an empty one and why.
    private func kept(head: UInt64) throws(EventLogError) -> (TreeLevels, reason: String?) {
        guard let state = try TreeState.read(in: folder) else {
            return (TreeLevels(), "there is no state that can be read")
        }
        guard state.log == identity else { return (TreeLevels(), "it is another log's") }
        guard state.size <= head else {
            return (TreeLevels(), "it has \(state.size) leaves, the log \(head) events")
        }
        do throws(EventLogError) {
            for level in 0..<TreeFiles.levelsMax {
                guard try files.count(level) >= state.size >> UInt64(8 * level) else {
                    return (TreeLevels(), "\(files.path(level)) is too short")
                }
            }
            let levels = try TreeLevels(size: state.size, read: files.read)
            guard try levels.root() == state.root else {
                return (
                    TreeLevels(), "the files do not give the root that \(folder)/tree/state has"
                )
            }
            // Another log may have grown from the same beginning: an older copy that went on.
            let checked = min(state.size, 64)
            let leaves = try leaves(from: state.size - checked + 1, through: state.size)
            let kept = try files.read(0, from: state.size - checked, count: Int(checked))
            guard leaves == kept else { return (TreeLevels(), "its last leaves are not the log's") }
            return (levels, nil)
        } catch {
            guard error.code == .corrupt else { throw error }
            return (TreeLevels(), error.message)
        }
    }

    /// The hashes of the leaves of events, from the log; both positions are inclusive.
    func leaves(from first: UInt64, through last: UInt64) throws(EventLogError) -> [Digest] {
        guard first <= last else { return [] }
        var hasher = LeafHasher()
        try records.forEach(from: first, through: last) { position, record in
            hasher.add(position: position, record)
            return true
        }
        return hasher.take()
    }

    // MARK: Growing

    var size: UInt64 { monitor.withLock { $0.levels.size } }

    /// Adds the next leaves up to a position, at most one transaction's worth.
    ///
    /// Only one thread may do this at a time.
    func grow(to head: UInt64) throws(EventLogError) {
        let size = size
        guard head > size else { return }
        let last = min(head, size + LogTree.recordsPerRead)
        let leaves = try leaves(from: size + 1, through: last)
        monitor.change { $0.levels.append(leaves) }
    }

    /// Writes what is in memory only to the files; not synced.
    func write() throws(EventLogError) {
        let levels = monitor.withLock { $0.levels }
        var counts: [UInt64] = []
        for level in levels.levels.indices {
            let (first, hashes) = levels.unwritten(level)
            try files.write(hashes, level: level, at: first)
            counts.append(first + UInt64(hashes.count))
        }
        monitor.withLock { $0.levels.noteWritten(counts) }
    }

    /// Makes the files durable and says so in the state.
    func synchronize() throws(EventLogError) {
        try write()
        let levels = monitor.withLock { $0.levels }
        guard levels.size != monitor.withLock({ $0.syncedSize }) else { return }
        try files.synchronize()
        let state = TreeState(log: identity, size: levels.size, root: try levels.root())
        try state.write(in: folder)
        monitor.withLock { $0.syncedSize = levels.size }
    }

    // MARK: For those who only read

    /// How many leaves there are: in memory, or for a reader, in the files.
    func coveredSize(head: UInt64) throws(EventLogError) -> UInt64 {
        if isWriter { return size }
        return min(max(size, try TreeState.read(in: folder)?.size ?? 0), head)
    }

    /// Brings a tree that only reads to a size, in memory.
    ///
    /// - Parameter head: the log's last position.
    func follow(to wanted: UInt64, head: UInt64) throws(EventLogError) {
        if size < wanted, let state = try TreeState.read(in: folder), state.size > size {
            try load(head: head)
        }
        while size < wanted {
            guard size + LogTree.leavesInMemoryMax >= wanted else {
                throw EventLogError(
                    .missing,
                    "the tree in \(folder)/tree is \(wanted - size) events behind; open the log "
                        + "once for writing, which brings it up to date"
                )
            }
            try grow(to: wanted)
        }
    }
}
