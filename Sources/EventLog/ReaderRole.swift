import Glibc
import Synchronization

/// What a log that is open for reading has besides the events: another process's index, and in
/// memory what that index does not hold yet.
final class ReaderRole: Sendable {
    /// An index that is further behind than this is not made up for in memory.
    private static let eventsMax = 1_000_000

    private struct State {
        var index: LogIndex?
        var isClosed = false
        /// The journal of the process that writes.
        let journal: JournalFollower
        /// Whether the journal was looked at for more than `visible` tells of.
        var isJournalSeen = false
    }

    /// How often and how long a reader waits for what the writer moves from the journal to the
    /// table.
    private static let attemptsMax = 200
    private static let attemptMicroseconds: UInt32 = 1000

    let records: LogRecords
    private let storage: LogStorage
    private let configuration: EventLogConfiguration
    private let state: Mutex<State>
    let tree: LogTree

    init(storage: LogStorage, configuration: EventLogConfiguration) throws(EventLogError) {
        self.storage = storage
        self.configuration = configuration
        let folded = try storage.lastPosition()
        records = LogRecords(storage: storage, tail: RecordTail(folded: folded, wakeBytes: .max))
        tree = try LogTree(
            folder: storage.folder,
            identity: storage.identity.id,
            records: records,
            head: 0,
            isWriter: false,
            notice: configuration.notice
        )
        let journal = JournalFollower(folder: storage.folder, identity: storage.identity)
        state = Mutex(State(journal: journal))
    }

    /// The last position that was acknowledged; everything up to it can be read.
    func head() throws(EventLogError) -> UInt64 {
        try state.withLock { state throws(EventLogError) in
            guard !state.isClosed else {
                throw EventLogError(.closed, "the log in \(storage.folder) is closed")
            }
            return try head(&state)
        }
    }

    private func head(_ state: inout sending State) throws(EventLogError) -> UInt64 {
        let wanted =
            try VisibleFile.read(in: storage.folder, identity: storage.identity) ?? 0
        var attempt = 0
        while true {
            let inTable = try storage.lastPosition()
            records.tail.drop(through: inTable)
            let known = max(inTable, records.tail.last ?? 0)
            if known >= wanted {
                guard !state.isJournalSeen, let more = try passedOver(state.journal, known) else {
                    state.isJournalSeen = true
                    return known
                }
                records.tail.append(more)
                continue
            }
            if let group = try state.journal.group(first: known + 1) {
                records.tail.append(group)
                attempt = 0
                continue
            }
            // The writer has moved it meanwhile, or it is lost.
            guard try storage.lastPosition() == inTable else { continue }
            attempt += 1
            guard attempt < ReaderRole.attemptsMax else { throw lost(known + 1, wanted) }
            usleep(ReaderRole.attemptMicroseconds)
        }
    }

    /// A group that was acknowledged although `visible` does not tell, which a power failure or
    /// somebody's hand may have set back; nil if there is none.
    ///
    /// A commit is written only after the one before it is durable, so all but the last are certain.
    private func passedOver(
        _ journal: JournalFollower,
        _ known: UInt64
    ) throws(EventLogError) -> RecordGroup? {
        guard let group = try journal.group(first: known + 1),
            try journal.group(first: group.last + 1) != nil
        else { return nil }
        return group
    }

    private func lost(_ position: UInt64, _ wanted: UInt64) -> EventLogError {
        EventLogError(
            .corrupt,
            "\(VisibleFile.path(in: storage.folder)) says that \(wanted) events were "
                + "acknowledged, but event \(position) is neither in \(storage.file) nor in the "
                + "journal beside it; open the log for writing, which tells more, or restore it from "
                + "a backup"
        )
    }

    /// The index, complete up to a position.
    func index(through head: UInt64) throws(EventLogError) -> LogIndex {
        try state.withLock { state throws(EventLogError) in
            guard !state.isClosed else {
                throw EventLogError(.closed, "the log in \(storage.folder) is closed")
            }
            let index = try current(&state)
            try scan(index, through: head)
            return index
        }
    }

    func close() {
        state.withLock { state in
            state.isClosed = true
            state.index = nil
        }
        storage.environment.close()
    }

    private func current(_ state: inout sending State) throws(EventLogError) -> LogIndex {
        if let index = state.index, try !index.segments.hasChanged() { return index }
        let fresh = try SegmentStore.openForReading(of: records)
        // Asked after the manifest was read: what is in the index was acknowledged before.
        _ = try head(&state)
        try fresh.check(with: records)
        if let index = state.index, index.segments.adopt(fresh) {
            index.tail.dropIndexed(
                through: index.segments.lastPosition,
                idMax: index.segments.idMax
            )
            return index
        }
        let index = LogIndex(segments: fresh, records: records, configuration: configuration)
        state.index = index
        return index
    }

    private func scan(_ index: LogIndex, through head: UInt64) throws(EventLogError) {
        let (last, count) = index.tail.extent
        guard last < head else { return }
        guard UInt64(count) + head - last <= ReaderRole.eventsMax else {
            throw EventLogError(
                .missing,
                "the index in \(index.folder) is \(UInt64(count) + head - last) events behind; "
                    + "open the log once for writing, which brings it up to date"
            )
        }
        try index.catchUp(through: head)
    }
}
