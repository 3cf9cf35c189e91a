/// What is known to be durable in the table, and what is not known after a commit that failed.
///
/// A failed commit may or may not be on the disk: the data may be there and the report of it lost.
/// Nothing more is written before the file itself has been asked.
struct LogCommitment: ~Copyable {
    private let storage: LogStorage
    /// The last position that is durable.
    private(set) var head: UInt64
    /// The groups whose commit failed.
    private var uncertain: [RecordGroup] = []

    init(storage: LogStorage, head: UInt64) {
        self.storage = storage
        self.head = head
    }

    /// True while ``settle()`` has to come before the next commit.
    var isUncertain: Bool { !uncertain.isEmpty }

    /// Writes groups that follow each other and the head; afterwards they are either durable or
    /// uncertain.
    mutating func commit(_ groups: [RecordGroup]) throws(EventLogError) {
        guard let last = groups.last?.last else { return }
        do throws(EventLogError) {
            try storage.append(groups)
        } catch {
            noteFailure(of: groups)
            // LMDB calls a write that a full disk cut short an I/O error.
            let byteCount = groups.reduce(0) { $0 + $1.byteCount }
            guard error.code == .inputOutput, !storage.hasRoom(bytes: byteCount) else {
                throw error
            }
            throw EventLogError(
                .diskFull,
                "\(error.message), for want of room; make room, writing resumes by itself"
            )
        }
        head = last
    }

    /// Remembers groups of which nobody knows whether they are in the log.
    mutating func noteFailure(of groups: [RecordGroup]) { uncertain = groups }

    /// Opens the log anew and looks whether the uncertain groups are in it; the head says so
    /// afterwards.
    mutating func settle() throws(EventLogError) {
        guard let end = uncertain.last?.last else { return }
        try storage.reopen()
        let last = try storage.lastPosition()
        if last == end, try storage.holds(uncertain) {
            // What the cache holds is not what the disk holds, until one more commit went through.
            try storage.confirm()
            head = last
        } else if last != head {
            throw EventLogError(
                .corrupt,
                "\(storage.file) holds \(last) events after a failed commit, \(head) were durable; "
                    + "nothing more is written to it: restore it from a backup"
            )
        }
        uncertain = []
    }
}
