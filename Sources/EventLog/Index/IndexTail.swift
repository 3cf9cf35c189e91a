import EventModel

/// What the segments on disk do not hold yet: the keys of the newest events.
///
/// The writer adds to the last generation and begins another when it is full; the index thread
/// writes full ones as segments. A generation is dropped only after its segment is known, so
/// whoever looks here first and in the segments afterwards misses nothing.
final class IndexTail: Sendable {
    /// How many full generations may wait before the writer has to.
    static let waitingMax = 6

    struct State {
        /// Oldest first; the last one takes what comes.
        var generations: [TailGeneration] = []
        /// The position after the last one that was added.
        var next: UInt64
        /// The last position that is durable.
        var committed: UInt64
        /// Every event that is no longer here has an id up to this one.
        var idMaxIndexed: IndexKey?
        /// Every event that is or was here has an id up to this one.
        var idMax: IndexKey?
        let heads = StreamHeads()
        /// Somebody waits for everything to be written; seal what is durable.
        var isFlushWanted = false
        /// Why the index could not be written; nil as soon as it can be again.
        var failure: EventLogError?
        /// How often a segment could not be written.
        var failureCount = 0
        /// The writer has no room left; try again now.
        var isRetryWanted = false
        /// The writer has ended; what is left is to be written now.
        var isFinishing = false

        init(indexed: UInt64, idMaxIndexed: IndexKey?) {
            next = indexed + 1
            committed = indexed
            self.idMaxIndexed = idMaxIndexed
            idMax = idMaxIndexed
        }

        /// The oldest generation if it can be written now.
        var writable: TailGeneration? {
            guard let oldest = generations.first, !oldest.isEmpty, oldest.isFull,
                oldest.last <= committed
            else { return nil }
            return oldest
        }

        /// How many generations are full and durable but not written.
        var waitingCount: Int { generations.count { $0.isFull && $0.last <= committed } }

        /// Lets nothing be added to what is durable, so that it can be written.
        mutating func sealCommitted() {
            guard let newest = generations.last, !newest.isEmpty, newest.last <= committed else {
                return
            }
            newest.isSealed = true
            isFlushWanted = false
        }

        mutating func append(_ entry: borrowing IndexEntry, revision: Revision, capacity: Int) {
            if generations.last?.isFull != false {
                generations.append(TailGeneration(first: next, capacity: capacity))
            }
            generations.last?.append(entry, revision: revision)
            next += 1
            idMax = max(idMax ?? .absent, entry[.id])
        }

        /// Takes back what is not durable.
        mutating func truncateUncommitted() {
            guard next > committed + 1 else { return }
            while let newest = generations.last, newest.first > committed {
                generations.removeLast()
            }
            generations.last?.truncate(after: committed)
            next = committed + 1
            heads.removeAll()
        }
    }

    let monitor: Monitor<State>
    /// How many events a generation, and so a segment at first, has.
    let generationEventsMax: Int

    /// Begins after the last event that is in a segment.
    init(indexed: UInt64, idMaxIndexed: IndexKey?, generationEventsMax: Int) {
        self.generationEventsMax = max(generationEventsMax, 1)
        monitor = Monitor(State(indexed: indexed, idMaxIndexed: idMaxIndexed))
    }

    // MARK: For readers

    /// Rows that are durable and stay as they are.
    struct Part: Sendable {
        let generation: TailGeneration
        let rowCount: Int

        var last: UInt64 { generation.first + UInt64(rowCount) - 1 }
    }

    /// All durable rows, oldest first, and the position of the first event that is here or comes
    /// next.
    func parts() -> (parts: [Part], first: UInt64) {
        monitor.withLock { state in
            var parts: [Part] = []
            for generation in state.generations where generation.first <= state.committed {
                let rows = min(generation.count, Int(state.committed - generation.first + 1))
                if rows > 0 { parts.append(Part(generation: generation, rowCount: rows)) }
            }
            return (parts, state.generations.first?.first ?? state.next)
        }
    }

    /// Makes the rows findable, some at a time, so that the writer never waits long for the lock.
    private func makeFindable() {
        var isDone = false
        while !isDone {
            isDone = monitor.withLock { state in
                state.generations.allSatisfy { $0.know(atMost: TailGeneration.sliceRowCount) }
            }
        }
    }

    /// What is known about a stream's length without the segments.
    ///
    /// - Returns: how many events it has up to the position; nil if only the segments can tell.
    func eventCount(of stream: IndexKey, through position: UInt64) -> UInt64? {
        makeFindable()
        return monitor.withLock { state in
            for generation in state.generations.reversed() {
                let count = generation.eventCount(of: stream, through: position)
                if let count { return count }
            }
            return nil
        }
    }

    /// The places of a stream's events that are in memory.
    func places(
        of stream: IndexKey,
        revisions: Range<Revision>
    ) -> [(revision: Revision, position: UInt64)] {
        makeFindable()
        return monitor.withLock { state in
            state.generations.flatMap { $0.places(of: stream, revisions: revisions) }
        }
    }

    // MARK: For the writer

    /// Where an id was found.
    enum Finding: Sendable, Equatable {
        case absent
        case found(position: UInt64, revision: Revision, stream: IndexKey)
        case askSegments
    }

    /// Looks for an event.
    func find(_ id: IndexKey) -> Finding {
        monitor.withLock { state in
            for generation in state.generations.reversed() {
                guard let row = generation.row(of: id) else { continue }
                return .found(
                    position: generation.first + UInt64(row),
                    revision: generation.revision(row),
                    stream: generation.column(.stream)[row]
                )
            }
            // Ids of version 7 grow with time, so most new ones are above all that went before.
            guard let idMax = state.idMaxIndexed, id <= idMax else { return .absent }
            return .askSegments
        }
    }

    /// Whether all events are certainly new, which those with ids above all that went before are.
    func isNew(_ idMin: IndexKey?) -> Bool {
        guard let idMin else { return true }
        return monitor.withLock { state in state.idMax.map { $0 < idMin } ?? true }
    }

    /// How many events streams have, those that are not durable yet with them; nil where only the
    /// segments can tell.
    func eventCounts(of shapes: [WriteShape]) -> [UInt64?] {
        monitor.withLock { state in
            shapes.map { $0.earlier == nil ? IndexTail.eventCount(of: $0.stream, state) : nil }
        }
    }

    /// The same for one stream.
    func eventCount(of stream: IndexKey) -> UInt64? {
        monitor.withLock { state in IndexTail.eventCount(of: stream, state) }
    }

    private static func eventCount(of stream: IndexKey, _ state: borrowing State) -> UInt64? {
        if let count = state.heads.count(of: stream) { return count }
        for generation in state.generations.reversed() {
            if let count = generation.eventCount(of: stream, through: .max) { return count }
        }
        return nil
    }

    /// Remembers what the segments said about a stream.
    func note(_ stream: IndexKey, eventCount: UInt64) {
        monitor.withLock { state in state.heads.note(stream, count: eventCount) }
    }

    /// Adds events that are about to be committed, in the order of the log.
    ///
    /// - Parameters:
    ///   - entries: the keys of the events of all writes.
    ///   - shapes: the writes.
    ///   - firstRevisions: the revision of the first event of each write.
    func append(_ entries: [IndexEntry], _ shapes: [WriteShape], firstRevisions: [Revision]) {
        monitor.withLock { state in
            var next = 0
            let entries = entries.span
            for index in shapes.indices {
                var revision = firstRevisions[index]
                for number in next..<next + shapes[index].eventCount {
                    state.append(
                        entries[number],
                        revision: revision,
                        capacity: generationEventsMax
                    )
                    revision &+= 1
                }
                next += shapes[index].eventCount
                state.heads.note(shapes[index].stream, count: revision)
            }
        }
    }

    /// Adds events of the log that are durable already, in its order.
    func append(durable results: [RecordScan.Result]) {
        let isNews = monitor.withLock { state in
            for result in results {
                state.append(
                    result.entry,
                    revision: result.revision,
                    capacity: generationEventsMax
                )
                // A forged record can hold any number.
                state.heads.note(result.entry[.stream], count: result.revision &+ 1)
            }
            state.committed = state.next - 1
            return state.writable != nil
        }
        if isNews { monitor.change { _ in } }
    }

    /// Takes back the events that were not committed.
    func rollBack() { monitor.withLock { $0.truncateUncommitted() } }

    /// Notes that all events up to a position are durable.
    func commit(through position: UInt64) {
        let isNews = monitor.withLock { state in
            state.committed = position
            if state.isFlushWanted { state.sealCommitted() }
            return state.writable != nil
        }
        if isNews { monitor.change { _ in } }
    }

    /// Waits while the index is too far behind; returns why if it will not catch up.
    ///
    /// A failure from before does not count: the disk may have room again, so it is tried now.
    func waitForRoom() -> EventLogError? {
        let failuresBefore = monitor.withLock { state -> Int? in
            state.waitingCount >= IndexTail.waitingMax ? state.failureCount : nil
        }
        guard let failuresBefore else { return nil }
        monitor.change { $0.isRetryWanted = true }
        return monitor.wait { (state: inout State) -> EventLogError?? in
            guard state.waitingCount >= IndexTail.waitingMax else { return .some(nil) }
            guard state.failureCount > failuresBefore else { return nil }
            return state.failure.map { .some($0) }
        }
    }

    // MARK: For who follows segments that another process writes

    /// Drops what is in segments by now.
    func dropIndexed(through position: UInt64, idMax: IndexKey?) {
        monitor.withLock { state in
            while let oldest = state.generations.first, oldest.last <= position {
                state.generations.removeFirst()
            }
            state.idMaxIndexed = idMax
            state.idMax = [state.idMax, idMax].compactMap { $0 }.max()
            guard state.next <= position else { return }
            state.next = position + 1
            state.committed = position
        }
    }

    /// The last position that is here, and how many events are.
    var extent: (last: UInt64, count: Int) {
        monitor.withLock { state in
            (state.next - 1, state.generations.reduce(0) { $0 + $1.count })
        }
    }
}
