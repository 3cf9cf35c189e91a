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
    }

    private let storage: LogStorage
    private let configuration: EventLogConfiguration
    private let state = Mutex(State())

    init(storage: LogStorage, configuration: EventLogConfiguration) {
        self.storage = storage
        self.configuration = configuration
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
            try storage.forEach(from: last + 1, through: end) {
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
