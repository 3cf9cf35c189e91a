/// What the writer knows to be durable, and what it does not know after a commit that failed.
///
/// A failed commit may or may not be on the disk: the data may be there and the report of it lost.
/// Nothing is answered and nothing more is written before the file itself has been asked.
struct LogCommitment: ~Copyable {
    private let storage: LogStorage
    /// The last position that is durable.
    private(set) var head: UInt64
    /// The batch whose commit failed.
    private var uncertain: AppendPlanner.Batch?

    init(storage: LogStorage, head: UInt64) {
        self.storage = storage
        self.head = head
    }

    /// True while ``settle()`` has to come before the next batch.
    var isUncertain: Bool { uncertain != nil }

    /// Writes a batch; afterwards it is either durable or uncertain.
    mutating func commit(_ batch: AppendPlanner.Batch) throws(EventLogError) {
        do throws(EventLogError) {
            try storage.append(batch.records, first: batch.first)
        } catch {
            noteFailure(of: batch)
            // LMDB calls a write that a full disk cut short an I/O error.
            guard error.code == .inputOutput, !storage.hasRoom(bytes: batch.byteCount) else {
                throw error
            }
            throw EventLogError(
                .diskFull,
                "\(error.message), for want of room; make room, writing resumes by itself"
            )
        }
        head = batch.last
    }

    /// Remembers a batch of which nobody knows whether it is in the log.
    mutating func noteFailure(of batch: AppendPlanner.Batch) { uncertain = batch }

    /// Opens the log anew and looks whether the uncertain batch is in it; the head says so
    /// afterwards.
    mutating func settle() throws(EventLogError) {
        guard let batch = uncertain else { return }
        try storage.reopen()
        let last = try storage.lastPosition()
        if last == batch.last, try storage.holds(batch.records, first: batch.first) {
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
        uncertain = nil
    }
}
