import Glibc

/// Two files of a fixed size that take turns: commits are written and synced here first, and may be
/// written over as soon as the table has them.
///
/// Sendable because it belongs to one thread at a time: to whoever opens the log, then to the
/// writer's, and after that has ended to whoever closes the log.
final class Journal: @unchecked Sendable {
    /// How small a file may become on a disk that is nearly full; smaller is refused.
    static let fileBytesMin = 64 << 10
    /// Which part of the room on the disk one file takes at the most: the table needs the rest.
    private static let roomShare = 16

    private let log: LogIdentity.Number
    private let files: [JournalFile]
    /// The last position in each file.
    private var lasts: [UInt64] = [0, 0]
    private var current = 0
    /// Where the next frame begins.
    private var offset = 0
    private var lap = UInt64.random(in: 1 ... .max)
    /// The frame of which nobody knows whether it is in the file.
    private var failed: Failed?

    private struct Failed {
        /// Its first bytes.
        var head: [UInt8]
        /// Whether all of it was written, so that it can be on the disk.
        var isWritten: Bool
    }

    /// The paths of the two files of a log.
    static func paths(in folder: String) -> [String] {
        ["\(folder)/log/journal-0", "\(folder)/log/journal-1"]
    }

    /// Makes the two files, empty; nothing in them may be needed any more.
    ///
    /// - Parameter fileBytes: how large each file shall be; on a disk without much room it becomes
    ///   smaller.
    init(
        folder: String,
        identity: LogIdentity,
        fileBytes: Int
    ) throws(EventLogError) {
        log = identity.number
        var opened: [JournalFile] = []
        for path in Journal.paths(in: folder) {
            let file = try JournalFile(path)
            try file.empty()
            opened.append(file)
        }
        files = opened
        try reserve(fileBytes, folder: folder)
        try Files.synchronizeFolder(folder + "/log")
    }

    private func reserve(_ fileBytes: Int, folder: String) throws(EventLogError) {
        let share = try Files.availableBytes(in: folder) / Journal.roomShare
        var wanted = max(min(fileBytes, share), Journal.fileBytesMin)
        wanted -= wanted % JournalFrame.alignment
        while true {
            do throws(EventLogError) {
                for file in files { try file.reserve(byteCount: wanted) }
                return
            } catch {
                for file in files { try file.empty() }
                guard error.code == .diskFull, wanted > Journal.fileBytesMin else {
                    guard error.code == .diskFull else { throw error }
                    throw EventLogError(
                        .diskFull,
                        "\(error.message); the journal needs \(2 * Journal.fileBytesMin) bytes "
                            + "at least: make room and open the log again"
                    )
                }
                wanted = max(wanted / 2, Journal.fileBytesMin)
                wanted -= wanted % JournalFrame.alignment
            }
        }
    }

    // MARK: Writing

    /// How large a frame may be, in bytes as it is stored.
    var frameBytesMax: Int { min(files[0].byteCount, files[1].byteCount) }

    /// How far the table must have come before a frame can be written; 0 if that does not matter.
    func foldNeeded(for byteCount: Int) -> UInt64 {
        offset + byteCount <= files[current].byteCount ? 0 : lasts[1 - current]
    }

    /// Writes a group and returns when it is durable; if it throws, the group is uncertain.
    ///
    /// Before that the table must have come as far as ``foldNeeded(for:)`` says, and nothing may be
    /// uncertain.
    func write(_ group: RecordGroup) throws(EventLogError) {
        let byteCount = JournalFrame.storedByteCount(records: group.byteCount)
        if offset + byteCount > files[current].byteCount {
            current = 1 - current
            restart()
        }
        let file = files[current]
        try group.withFrame(log: log, lap: lap) { bytes throws(EventLogError) in
            var failed = Failed(
                head: Array(bytes.prefix(JournalFrame.headByteCount)),
                isWritten: false
            )
            do throws(EventLogError) {
                try file.write(bytes, at: offset)
                failed.isWritten = true
                try file.synchronize()
            } catch {
                self.failed = failed
                guard error.code == .diskFull else { throw error }
                throw EventLogError(
                    .diskFull,
                    error.message + "; make room, writing resumes by itself"
                )
            }
        }
        offset += byteCount
        lasts[current] = group.last
    }

    /// Begins a row of frames anew; everything in the file must be in the table.
    func restart() {
        offset = 0
        lap = UInt64.random(in: 1 ... .max)
    }

    /// True while ``settle()`` has to come before the next group.
    var isUncertain: Bool { failed != nil }

    /// Makes certain that the frame that failed is not in the journal, now or after a power failure.
    func settle() throws(EventLogError) {
        guard let failed else { return }
        let file = files[current]
        // What was not even written whole, and cannot be found, nothing will bring to the disk.
        var isThere = failed.isWritten
        if !isThere { isThere = try file.holds(failed.head, at: offset) }
        if isThere {
            let zeros = [UInt8](repeating: 0, count: JournalFrame.headByteCount)
            try zeros.withBytes { bytes throws(EventLogError) in
                try file.write(bytes, at: offset)
            }
            try file.synchronize()
        }
        self.failed = nil
    }

    // MARK: Closing

    /// Takes everything out of the files, which the table must have, and closes them.
    func emptyAndClose() throws(EventLogError) {
        for file in files { try file.empty() }
        close()
    }

    /// Closes the files as they are.
    func close() {
        for file in files { file.close() }
    }
}
