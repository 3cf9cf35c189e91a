import EventModel

/// The thread behind the writer: it brings the index after the log.
final class IndexThread: Sendable {
    private let records: LogRecords
    private let index: IndexStore
    private let tail: IndexTail
    private let configuration: EventLogConfiguration

    init(
        records: LogRecords,
        index: IndexStore,
        tail: IndexTail,
        configuration: EventLogConfiguration
    ) {
        self.records = records
        self.index = index
        self.tail = tail
        self.configuration = configuration
    }

    /// What the thread does next.
    private enum Work {
        case write(Generation)
        /// Something is there, but more may come soon.
        case gather
        case end
    }

    /// Works until the tail is finishing and empty.
    func run() {
        while true {
            let work: Work = tail.monitor.wait { state in
                if state.isFinishing { state.sealCommitted() }
                if let first = state.sealed.first { return .write(first) }
                if state.isFinishing { return .end }
                return state.active.first <= state.committed ? .gather : nil
            }
            switch work {
            case .write(let generation):
                guard write(generation) else { return }
            case .gather:
                gather()
            case .end:
                return
            }
        }
    }

    private func gather() {
        let hasWork = tail.monitor.wait(milliseconds: configuration.indexDelayMilliseconds) {
            state in
            !state.sealed.isEmpty || state.isFinishing ? true : nil
        }
        guard hasWork == nil else { return }
        tail.monitor.withLock { state in
            guard state.active.last == state.committed else {
                state.isSealWanted = true
                return
            }
            state.seal()
        }
    }

    /// Writes a generation; false if it could not and there is no time to try again.
    private func write(_ generation: Generation) -> Bool {
        while true {
            do throws(EventLogError) {
                try IndexThread.write(
                    generation,
                    checksum: { position throws(EventLogError) in
                        try records.checksum(of: position)
                    },
                    index: index,
                    batchEventsMax: configuration.indexBatchEventsMax
                )
                tail.monitor.change { state in
                    state.sealed.removeFirst()
                    state.failure = nil
                    let idMax = [state.idMaxIndexed, generation.idMax].compactMap { $0 }.max()
                    state.idMaxIndexed = idMax
                }
                return true
            } catch {
                let isNews = tail.monitor.change { state in
                    defer { state.failure = error }
                    return state.failure != error
                }
                if isNews {
                    configuration.notice("the index is not written for now: \(error.message)")
                }
                let isFinishing = tail.monitor.wait(milliseconds: 1000) { state in
                    state.isFinishing ? true : nil
                }
                guard isFinishing == nil else { return false }
            }
        }
    }

    /// Writes a generation to the index, in parts that are no larger than a batch.
    static func write(
        _ generation: Generation,
        checksum: (UInt64) throws(EventLogError) -> UInt32,
        index: IndexStore,
        batchEventsMax: Int
    ) throws(EventLogError) {
        let cursor = try index.cursor()
        // After a failure half way, the first parts are there already.
        var first = max(generation.first, cursor.position + 1)
        while first <= generation.last {
            let last = min(generation.last, first + UInt64(max(batchEventsMax, 1)) - 1)
            try index.write(generation, range: first...last, checksum: try checksum(last))
            first = last + 1
        }
    }

    /// Brings the index to the end of the log, as is done before a log is written to.
    static func catchUp(
        storage: LogStorage,
        index: IndexStore,
        configuration: EventLogConfiguration
    ) throws(EventLogError) {
        let last = try storage.lastPosition()
        var position = try index.cursor().position
        if last > position, last - position > 1_000_000 {
            configuration.notice("\(last - position) events are being indexed in \(storage.folder)")
        }
        while position < last {
            let end = min(last, position + UInt64(max(configuration.indexBatchEventsMax, 1)))
            var generation = Generation(first: position + 1)
            try storage.forEach(from: position + 1, through: end) {
                position,
                bytes throws(EventLogError) in
                let header = try RecordCodec.decodeHeader(
                    bytes,
                    position: position,
                    file: storage.file
                )
                generation.append(header.id, stream: header.stream, revision: header.revision)
                return true
            }
            try write(
                generation,
                checksum: { position throws(EventLogError) in
                    try storage.checksum(of: position)
                },
                index: index,
                batchEventsMax: configuration.indexBatchEventsMax
            )
            position = end
        }
    }
}
