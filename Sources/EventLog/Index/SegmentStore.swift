import EventModel
import Glibc
import Synchronization

/// The segments of a log's index, and the manifest that lists them.
///
/// Readers take the list as it is at the moment; a segment that is replaced meanwhile stays mapped
/// until the last of them lets go of it, although its file is gone.
final class SegmentStore: Sendable {
    struct State {
        var manifest: IndexManifest
        var segments: [SegmentFile]
        /// Grows with every change, so that whoever waits for one sees it.
        var version = 0
        var isClosing = false
        /// Tells whether another process has replaced the manifest.
        var identity = ""
    }

    let folder: String
    let monitor: Monitor<State>
    /// Held while the manifest is replaced: one change after the other.
    private let changes = Mutex<Void>(())
    /// Held while segments are made anew, so that one thread does it.
    let repairs = Mutex<Void>(())

    private init(folder: String, manifest: IndexManifest, segments: [SegmentFile]) {
        self.folder = folder
        monitor = Monitor(State(manifest: manifest, segments: segments))
    }

    // MARK: Opening

    /// Opens the index of a log for writing; one that does not fit is made anew, empty.
    static func open(
        of records: LogRecords,
        notice: @Sendable (String) -> Void
    ) throws(EventLogError) -> SegmentStore {
        let folder = records.folder + "/index"
        try Files.makeFolder(folder)
        let names = try Files.names(in: folder)
        var reason: String?
        if names.contains("data.mdb") {
            reason = "it is of an older version, in LMDB"
        } else if names.contains("manifest") {
            do throws(EventLogError) {
                let store = try load(of: records, in: folder)
                try store.check(with: records)
                store.removeStrangers(names)
                return store
            } catch {
                guard error.code == .corrupt || error.code == .missing else { throw error }
                reason = error.message
            }
        } else if names.contains(where: { $0.hasSuffix(".segment") }) {
            reason = "its manifest is missing"
        }
        if let reason { notice("the index in \(folder) is made anew from the log: \(reason)") }
        let store = SegmentStore(
            folder: folder,
            manifest: .new(log: records.identity.id),
            segments: []
        )
        try store.monitor.withLock { $0.manifest }.write(in: folder)
        store.removeStrangers(names)
        return store
    }

    /// Opens the index of a log for reading, beside a process that may write it.
    static func openForReading(of records: LogRecords) throws(EventLogError) -> SegmentStore {
        let folder = records.folder + "/index"
        let remedy = "open the log once for writing, which makes it"
        guard Files.exists(IndexManifest.path(in: folder)) else {
            throw EventLogError(.missing, "there is no index in \(folder); \(remedy)")
        }
        // The writer may remove a segment between the look at the manifest and the file.
        var attempts = 0
        while true {
            attempts += 1
            do throws(EventLogError) {
                return try load(of: records, in: folder)
            } catch {
                guard error.code == .missing || error.code == .corrupt else { throw error }
                guard attempts < 5 else {
                    throw EventLogError(
                        .corrupt,
                        "the index in \(folder) is of no use: \(error.message); \(remedy)"
                    )
                }
            }
        }
    }

    private static func load(
        of records: LogRecords,
        in folder: String
    ) throws(EventLogError) -> SegmentStore {
        let identity = try fileIdentity(of: folder)
        guard let manifest = try IndexManifest.read(in: folder) else {
            throw EventLogError(.missing, "there is no manifest in \(folder)")
        }
        guard manifest.log == records.identity.id else {
            throw EventLogError(.corrupt, "it is of another log")
        }
        var segments: [SegmentFile] = []
        for entry in manifest.entries {
            segments.append(try SegmentFile(entry, in: folder, seal: manifest.seal))
        }
        let store = SegmentStore(folder: folder, manifest: manifest, segments: segments)
        store.monitor.withLock { $0.identity = identity }
        return store
    }

    /// Compares what the segments say about the log with the log.
    func check(with records: LogRecords) throws(EventLogError) {
        let segments = segments
        guard let newest = segments.last else { return }
        let remedy = "open the log once for writing, which makes the index in \(folder) anew"
        guard newest.last <= (try records.lastPosition()) else {
            throw EventLogError(
                .corrupt,
                "the index is ahead of the log, at event \(newest.last); \(remedy)"
            )
        }
        for segment in segments
        where try records.checksum(of: segment.last) != segment.header.checksum {
            throw EventLogError(
                .corrupt,
                "event \(segment.last) of the log is not the one that the index was made from; "
                    + remedy
            )
        }
    }

    private static func fileIdentity(of folder: String) throws(EventLogError) -> String {
        let path = IndexManifest.path(in: folder)
        var facts = stat()
        guard stat(path, &facts) == 0 else { throw EventLogError.system("stat", path) }
        return "\(facts.st_ino) \(facts.st_size) \(facts.st_mtim.tv_sec) \(facts.st_mtim.tv_nsec)"
    }

    /// Removes what the manifest does not list: left-over files of a crash, an older version.
    private func removeStrangers(_ names: [String]) {
        let known = Set(monitor.withLock { $0.manifest.entries.map(\.fileName) } + ["manifest"])
        for name in names where !known.contains(name) { unlink("\(folder)/\(name)") }
    }

    /// Whether another process has replaced the manifest.
    func hasChanged() throws(EventLogError) -> Bool {
        try SegmentStore.fileIdentity(of: folder) != monitor.withLock { $0.identity }
    }

    /// Takes over what was read anew.
    ///
    /// - Returns: false if that is another index, made anew since, or an older state of this one.
    func adopt(_ fresh: SegmentStore) -> Bool {
        let (manifest, found, identity) = fresh.monitor.withLock {
            ($0.manifest, $0.segments, $0.identity)
        }
        return monitor.change { state in
            guard manifest.secret == state.manifest.secret,
                found.last?.last ?? 0 >= state.segments.last?.last ?? 0
            else { return false }
            // What was checked once need not be checked again.
            let old = state.segments
            state.segments = found.map { segment in
                old.first { $0.entry == segment.entry } ?? segment
            }
            state.manifest = manifest
            state.identity = identity
            state.version += 1
            return true
        }
    }

    // MARK: Reading

    /// All segments, oldest first.
    var segments: [SegmentFile] { monitor.withLock { $0.segments } }

    var secret: SipHash { monitor.withLock { $0.manifest.secret } }
    var seal: IndexKey { monitor.withLock { $0.manifest.seal } }

    /// Grows with every change of the segments.
    var version: Int { monitor.withLock { $0.version } }

    /// The last event that is in a segment; 0 if there is none.
    var lastPosition: UInt64 { monitor.withLock { $0.segments.last?.last ?? 0 } }

    /// The greatest id in a segment; nil if there is none.
    var idMax: IndexKey? { monitor.withLock { $0.segments.map(\.header.idMax).max() } }

    // MARK: Changing

    /// Adds the segment after the last one.
    func add(_ entry: IndexManifest.Entry) throws(EventLogError) {
        try replace([], with: [entry])
    }

    /// Puts segments in the place of others, or behind all of them, and removes the files of those.
    func replace(
        _ old: [SegmentFile],
        with entries: [IndexManifest.Entry]
    ) throws(EventLogError) {
        let seal = seal
        var new: [SegmentFile] = []
        for entry in entries { new.append(try SegmentFile(entry, in: folder, seal: seal)) }
        let result = changes.withLock { _ -> Result<Void, EventLogError> in
            Result { () throws(EventLogError) in try replaceLocked(old, with: new) }
        }
        try result.get()
        let names = Set(entries.map(\.fileName))
        for segment in old where !names.contains(segment.entry.fileName) { unlink(segment.path) }
    }

    private func replaceLocked(
        _ old: [SegmentFile],
        with new: [SegmentFile]
    ) throws(EventLogError) {
        var (manifest, segments) = monitor.withLock { ($0.manifest, $0.segments) }
        var place = segments.endIndex
        if let first = old.first {
            guard let found = segments.firstIndex(where: { $0 === first }),
                found + old.count <= segments.count,
                zip(segments[found...], old).allSatisfy({ $0 === $1 })
            else { throw EventLogError(.closed, "the segments were replaced meanwhile") }
            place = found
        }
        segments.replaceSubrange(place..<place + old.count, with: new)
        manifest.entries = segments.map(\.entry)
        if !old.isEmpty { try Files.synchronizeFolder(folder) }
        try manifest.write(in: folder)
        monitor.change { state in
            state.manifest = manifest
            state.segments = segments
            state.version += 1
        }
    }

    /// Lets whoever waits for a change go.
    func beginClosing() { monitor.change { $0.isClosing = true } }
}
