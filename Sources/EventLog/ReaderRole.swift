import Glibc
import Synchronization

/// What a log that is open for reading has besides the events: another process's index, and in
/// memory what that index does not hold yet.
final class ReaderRole: Sendable {
    /// An index that is further behind than this is not made up for in memory.
    private static let eventsMax = 1_000_000

    private struct State {
        var places: StreamPlaces?
        /// Tells whether the writer has made the index anew since.
        var identity = ""
        var isClosed = false
        /// The journal of the process that writes.
        let journal: JournalFollower
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
            let wanted =
                try VisibleFile.read(in: storage.folder, identity: storage.identity) ?? 0
            var attempt = 0
            while true {
                let inTable = try storage.lastPosition()
                records.tail.drop(through: inTable)
                let known = max(inTable, records.tail.last ?? 0)
                if known >= wanted { return known }
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

    /// The index and the memory, complete up to a position.
    func places(through head: UInt64) throws(EventLogError) -> StreamPlaces {
        try state.withLock { state throws(EventLogError) in
            guard !state.isClosed else {
                throw EventLogError(.closed, "the log in \(storage.folder) is closed")
            }
            let places = try current(&state)
            places.tail.dropIndexed(through: try places.index.cursor().position)
            try scan(places.tail, through: head)
            return places
        }
    }

    func close() {
        state.withLock { state in
            state.isClosed = true
            state.places?.index.environment.close()
            state.places = nil
        }
        storage.environment.close()
    }

    private func current(_ state: inout sending State) throws(EventLogError) -> StreamPlaces {
        let folder = storage.folder + "/index"
        let file = folder + "/data.mdb"
        let identity = Files.exists(file) ? try Files.identity(of: file) : ""
        if let places = state.places {
            if identity == state.identity { return places }
            places.index.environment.close()
            state.places = nil
        }
        let index = try IndexStore.openForReading(of: storage, configuration: configuration)
        let tail = IndexTail(
            indexed: try index.cursor().position,
            idMaxIndexed: nil,
            batchEventsMax: configuration.indexBatchEventsMax
        )
        let places = StreamPlaces(index: index, tail: tail)
        state.places = places
        state.identity = identity
        return places
    }

    private func scan(_ tail: IndexTail, through head: UInt64) throws(EventLogError) {
        while true {
            let (last, count) = tail.extent
            guard last < head else { return }
            guard count < ReaderRole.eventsMax else {
                throw EventLogError(
                    .missing,
                    "the index in \(storage.folder)/index is \(count) events behind; open the log "
                        + "once for writing, which brings it up to date"
                )
            }
            let end = min(head, last + 4096)
            try records.forEach(from: last + 1, through: end) {
                position,
                bytes throws(EventLogError) in
                let header = try RecordCodec.decodeHeader(
                    bytes,
                    position: position,
                    file: storage.file
                )
                tail.append(header)
                return true
            }
        }
    }
}
