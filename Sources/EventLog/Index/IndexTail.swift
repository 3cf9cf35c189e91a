import EventModel

/// What the index on disk does not hold yet: the entries of the newest events.
///
/// The writer adds to the active generation and seals it when it is full; the index thread writes
/// the sealed ones. A sealed generation is dropped only after the index has committed it, so
/// whoever looks here first and in the index afterwards misses nothing.
final class IndexTail: Sendable {
    /// How many sealed generations may wait before the writer has to.
    static let sealedMax = 2

    struct State {
        var active: Generation
        var sealed: [Generation] = []
        /// The last position that is durable; the active generation may hold events beyond it.
        var committed: UInt64
        /// Every event that is no longer here has an id up to this one.
        var idMaxIndexed: EventID?
        /// The index thread wants the active generation as soon as the writer has committed.
        var isSealWanted = false
        /// Why the index could not be written; nil as soon as it can be again.
        var failure: EventLogError?
        /// The writer has ended; what is left is to be written now.
        var isFinishing = false
        /// The index thread has ended.
        var isFinished = false

        var generationsNewestFirst: [Generation] { [active] + sealed.reversed() }

        mutating func seal() {
            guard !active.isEmpty else { return }
            isSealWanted = false
            sealed.append(active)
            active = Generation(first: active.last + 1)
        }

        /// Seals what is durable; the rest was never answered and may not even be in the log.
        mutating func sealCommitted() {
            active.truncate(after: committed)
            seal()
        }
    }

    let monitor: Monitor<State>
    private let batchEventsMax: Int

    /// Begins after the last event that is in the index.
    init(indexed: UInt64, idMaxIndexed: EventID?, batchEventsMax: Int) {
        self.batchEventsMax = batchEventsMax
        monitor = Monitor(
            State(
                active: Generation(first: indexed + 1),
                committed: indexed,
                idMaxIndexed: idMaxIndexed
            )
        )
    }

    // MARK: For readers

    /// What is known about a stream's length without the index.
    ///
    /// - Returns: how many events it has up to the position; nil if only the index can tell.
    func eventCount(of stream: StreamName, through position: UInt64) -> UInt64? {
        monitor.withLock { state in
            if let found = state.active.streams[stream] { return found.count(through: position) }
            for generation in state.sealed.reversed() {
                if let found = generation.streams[stream] { return found.count(through: position) }
            }
            return nil
        }
    }

    /// The positions of a stream's events that are in memory, and the revision of the first of
    /// them.
    func positions(of stream: StreamName) -> (firstRevision: Revision, positions: [UInt64])? {
        monitor.withLock { state in
            let parts = (state.sealed + [state.active]).compactMap { $0.streams[stream] }
            guard let first = parts.first else { return nil }
            return (first.firstRevision, parts.flatMap(\.positions))
        }
    }

    // MARK: For the writer

    /// Where an id was found.
    enum Finding {
        case absent
        /// Here, at a position; the revision is nil if the event is in another stream.
        case found(position: UInt64, revision: Revision?)
        case askIndex
    }

    /// Looks for an event.
    func find(_ id: EventID, in stream: StreamName) -> Finding {
        monitor.withLock { state in
            if let position = state.active.positions[id] {
                let revision = state.active.streams[stream]?.revision(of: position)
                return .found(position: position, revision: revision)
            }
            for generation in state.sealed {
                guard let position = generation.positions[id] else { continue }
                let revision = generation.streams[stream]?.revision(of: position)
                return .found(position: position, revision: revision)
            }
            // Ids of version 7 grow with time, so most new ones are above all that went before.
            guard let idMax = state.idMaxIndexed, id <= idMax else { return .absent }
            return .askIndex
        }
    }

    /// Adds events that are about to be committed.
    func append(_ events: [ProposedEvent], stream: StreamName, firstRevision: Revision) {
        monitor.withLock { state in
            state.active.append(events, stream: stream, firstRevision: firstRevision)
        }
    }

    /// Takes back the events that were not committed.
    func rollBack() {
        monitor.withLock { state in state.active.truncate(after: state.committed) }
    }

    /// Notes that all events up to a position are durable.
    func commit(through position: UInt64) {
        let isNews = monitor.withLock { state in
            // The index thread sleeps while there is nothing, so it hears of the first event after
            // that.
            let wasEmpty = state.active.first > state.committed
            state.committed = position
            guard state.active.count >= batchEventsMax || state.isSealWanted else {
                return wasEmpty
            }
            state.seal()
            return true
        }
        if isNews { monitor.change { _ in } }
    }

    /// Waits while the index is too far behind; returns why if it will not catch up.
    func waitForRoom() -> EventLogError? {
        monitor.wait { (state: inout State) -> EventLogError?? in
            guard state.sealed.count >= IndexTail.sealedMax else { return .some(nil) }
            return state.failure.map { .some($0) }
        }
    }

    // MARK: For whoever scans the log instead of writing it

    /// Adds an event of the log that is durable already.
    func append(_ header: EventRecord.Header) {
        monitor.withLock { state in
            state.active.append(header.id, stream: header.stream, revision: header.revision)
            state.committed = state.active.last
            if state.active.count >= batchEventsMax { state.seal() }
        }
    }

    /// Drops what an index that another process writes holds by now.
    func dropIndexed(through position: UInt64) {
        monitor.withLock { state in
            state.sealed.removeAll { $0.last <= position }
            guard state.sealed.isEmpty, state.active.last <= position else { return }
            state.active = Generation(first: position + 1)
            state.committed = position
        }
    }

    /// The last position that is here, and how many events are.
    var extent: (last: UInt64, count: Int) {
        monitor.withLock { state in
            (state.active.last, state.sealed.reduce(state.active.count) { $0 + $1.count })
        }
    }

    /// Where the streams begin that begin here.
    var newStreamPositions: [UInt64] {
        monitor.withLock { state in
            state.generationsNewestFirst.flatMap { generation in
                generation.streams.values.compactMap { stream in
                    stream.firstRevision == 0 ? stream.positions.first : nil
                }
            }
        }
    }
}
