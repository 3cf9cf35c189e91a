/// Makes groups durable: in the journal, or in the table if a group is larger than the journal.
///
/// Belongs to the writer's thread.
struct GroupCommit: ~Copyable {
    private let records: LogRecords
    private let journal: Journal
    /// The last position that is durable.
    private(set) var head: UInt64
    /// A commit to the table of which nobody knows whether it went through.
    private var table: LogCommitment?

    init(records: LogRecords, journal: Journal, head: UInt64) {
        self.records = records
        self.journal = journal
        self.head = head
    }

    /// True while ``settle()`` has to come before the next group.
    var isUncertain: Bool { journal.isUncertain || table != nil }

    /// Makes a group durable; if it throws, the group is not, or is uncertain.
    ///
    /// Waits while the journal is full of what the table does not have yet.
    mutating func commit(_ group: RecordGroup) throws(EventLogError) {
        let byteCount = JournalFrame.storedByteCount(records: group.byteCount)
        guard byteCount <= journal.frameBytesMax else { return try commitToTable(group) }
        let needed = journal.foldNeeded(for: byteCount)
        if let failure = records.tail.waitUntilFolded(through: needed) { throw failure }
        try journal.write(group)
        records.tail.append(group)
        head = group.last
    }

    /// The table takes it after everything before it, and the journal begins anew after that.
    private mutating func commitToTable(_ group: RecordGroup) throws(EventLogError) {
        if let failure = records.tail.waitUntilFolded(through: head) { throw failure }
        var commitment = LogCommitment(storage: records.storage, head: head)
        do throws(EventLogError) {
            try commitment.commit([group])
            finish(commitment.head)
        } catch {
            table = consume commitment
            throw error
        }
    }

    private mutating func finish(_ head: UInt64) {
        self.head = head
        records.tail.drop(through: head)
        journal.restart()
    }

    /// Makes certain whether the group that failed is in the log; the head says so afterwards.
    mutating func settle() throws(EventLogError) {
        try journal.settle()
        guard table != nil else { return }
        try table?.settle()
        if let head = table?.head { finish(head) }
        table = nil
    }
}
