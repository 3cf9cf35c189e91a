import EventModel
import Glibc

/// Writes a whole log into a hidden folder beside its place, and gives it its place when it is durable.
///
/// Until then nothing is synced, which is safe because nobody can take what is there for a log. Belongs
/// to one thread.
final class FreshLog {
    private static let batchBytesMax = 8 << 20
    private static let batchEventsMax = 16_384

    /// The folder in which it is written.
    let folder: String
    private let target: String
    private let identity: LogIdentity
    private let lock: FolderLock
    private let environment: Environment
    private var first: UInt64 = 1
    private var pending: [UInt8] = []
    private var ends: [Int] = []
    private var lastChecksum: UInt32 = 0

    /// Makes the hidden folder; what an earlier try left there is removed.
    ///
    /// - Throws: ``EventLogError`` with code `exists` if something is at the target, or `locked` if
    ///   somebody else is writing there.
    init(target: String, identity: LogIdentity) throws(EventLogError) {
        try Files.expectNothing(at: target)
        self.target = target
        self.identity = identity
        folder = Files.unfinished(target)
        try Files.makeFolder(folder)
        lock = try FolderLock(folder: folder)
        for name in try Files.names(in: folder) where name != "lock" {
            try Files.removeTree("\(folder)/\(name)")
        }
        try Files.makeFolder(folder + "/log")
        environment = try Environment(
            Environment.Options(
                folder: folder + "/log",
                tables: LogStorage.tables,
                mapBytes: EventLogConfiguration().mapBytes,
                durability: .none,
                isWriter: true
            )
        )
        let entries = identity.entries
        try environment.write { transaction throws(EventLogError) in
            for (key, value) in entries {
                try transaction.put(
                    LogStorage.meta,
                    key: Array(key.utf8),
                    value: Array(value.utf8)
                )
            }
        }
    }

    /// Adds the next record.
    func add(_ record: UnsafeRawBufferPointer) throws(EventLogError) {
        pending.append(contentsOf: record)
        ends.append(pending.count)
        if ends.count >= FreshLog.batchEventsMax || pending.count >= FreshLog.batchBytesMax {
            try flush()
        }
    }

    /// Brings everything to the disk and closes the log; it still lies in the hidden folder.
    func seal() throws(EventLogError) {
        try flush()
        try environment.synchronize()
        environment.close()
        // Made by LMDB for whoever has it open, which nobody has.
        try Files.remove(folder + "/log/lock.mdb")
        try Files.synchronizeFolder(folder + "/log")
        try HeadFile(log: identity.id, position: first - 1, checksum: lastChecksum)
            .write(in: folder)
    }

    /// Gives the log its place.
    func place() throws(EventLogError) {
        try Files.remove(folder + "/lock")
        try Files.synchronizeFolder(folder)
        try Files.place(folder, at: target)
        lock.release()
    }

    /// Removes everything.
    func abandon() {
        environment.close()
        // What cannot be removed now is removed by the next try.
        try? Files.removeTree(folder)
        lock.release()
    }

    private func flush() throws(EventLogError) {
        guard !ends.isEmpty else { return }
        try pending.withBytes { bytes throws(EventLogError) in
            try environment.write { transaction throws(EventLogError) in
                var start = 0
                for (index, end) in ends.enumerated() {
                    try transaction.append(
                        LogStorage.events,
                        integer: first + UInt64(index),
                        value: UnsafeRawBufferPointer(rebasing: bytes[start..<end])
                    )
                    start = end
                }
            }
            let start = ends.count > 1 ? ends[ends.count - 2] : 0
            lastChecksum = CRC32C.checksum(UnsafeRawBufferPointer(rebasing: bytes[start...]))
        }
        first += UInt64(ends.count)
        pending.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
    }
}
