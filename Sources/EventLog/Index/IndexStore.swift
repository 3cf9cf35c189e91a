import EventModel

/// The index on disk: stream heads, the positions of each stream's events, and the position of each
/// id.
///
/// All of it can be made again from the log, so whatever is wrong with it is answered by doing
/// that.
final class IndexStore: Sendable {
    /// The version of the tables below; another one is rebuilt.
    private static let format = "1"

    /// Name to number, event count and last position.
    private static let streams = 0
    /// Stream number and revision to position.
    private static let streamEvents = 1
    /// Event id to position.
    private static let ids = 2
    /// Format, the log's identity, the cursor.
    private static let meta = 3
    private static let tables = [
        Table("streams"), Table("stream_events"), Table("ids"), Table("meta"),
    ]

    /// How far the index has come.
    struct Cursor: Sendable, Hashable {
        /// The last event that is indexed; 0 if there is none.
        var position: UInt64
        /// The checksum of that event's stored bytes.
        var checksum: UInt32
    }

    /// What the index knows of a stream.
    struct StreamHead: Sendable, Hashable {
        /// Stands for the stream's name in the other table, from 1.
        var number: UInt64
        var eventCount: UInt64
        var lastPosition: UInt64
    }

    let environment: Environment

    private init(_ environment: Environment) { self.environment = environment }

    // MARK: Opening

    /// Opens the index of a log for writing; one that does not fit is made anew, empty.
    static func open(
        of storage: LogStorage,
        configuration: EventLogConfiguration
    ) throws(EventLogError) -> IndexStore {
        let folder = storage.folder + "/index"
        try Files.makeFolder(folder)
        let isNew = !Files.exists(folder + "/data.mdb")
        let reason: String
        do throws(EventLogError) {
            let store = IndexStore(try environment(folder, configuration, isWriter: true))
            if isNew { try store.mark(storage.identity) }
            guard let misfit = try store.misfit(with: storage) else { return store }
            store.environment.close()
            reason = misfit
        } catch {
            switch error.code {
            case .corrupt, .newerFormat, .missing, .invalid: reason = error.message
            case .wrongExpectedRevision, .conditionFailed, .identityConflict, .tooLarge, .diskFull,
                .inputOutput, .locked, .closed, .exists, .standby, .signingRefused:
                throw error
            }
        }
        configuration.notice("the index in \(folder) is made anew from the log: \(reason)")
        try Files.remove(folder + "/data.mdb")
        try Files.remove(folder + "/lock.mdb")
        let store = IndexStore(try environment(folder, configuration, isWriter: true))
        try store.mark(storage.identity)
        return store
    }

    /// Opens the index of a log for reading, beside a process that may write it.
    static func openForReading(
        of storage: LogStorage,
        configuration: EventLogConfiguration
    ) throws(EventLogError) -> IndexStore {
        let folder = storage.folder + "/index"
        let remedy = "open the log once for writing, which makes it"
        guard Files.exists(folder + "/data.mdb") else {
            throw EventLogError(.missing, "there is no index in \(folder); \(remedy)")
        }
        let store = IndexStore(try environment(folder, configuration, isWriter: false))
        if let misfit = try store.misfit(with: storage) {
            store.environment.close()
            throw EventLogError(
                .corrupt,
                "the index in \(folder) is of no use: \(misfit); \(remedy)"
            )
        }
        return store
    }

    private static func environment(
        _ folder: String,
        _ configuration: EventLogConfiguration,
        isWriter: Bool
    ) throws(EventLogError) -> Environment {
        try Environment(
            Environment.Options(
                folder: folder,
                tables: tables,
                mapBytes: configuration.mapBytes,
                // Without any sync a power failure could leave a wrong index that opens without a
                // word.
                durability: .lastCommitMayVanish,
                isWriter: isWriter
            )
        )
    }

    private func mark(_ identity: LogIdentity) throws(EventLogError) {
        try environment.write { transaction throws(EventLogError) in
            try transaction.put(
                IndexStore.meta,
                key: Array("format".utf8),
                value: Array(IndexStore.format.utf8)
            )
            try transaction.put(
                IndexStore.meta,
                key: Array("log".utf8),
                value: Array(identity.id.utf8)
            )
        }
    }

    /// Why this index is not one of this log; nil if it is.
    private func misfit(with storage: LogStorage) throws(EventLogError) -> String? {
        let format = try text("format") ?? "none"
        guard format == IndexStore.format else {
            return "it has format \(format), this version needs \(IndexStore.format)"
        }
        guard try text("log") == storage.identity.id else { return "it is of another log" }
        let cursor = try cursor()
        guard cursor.position > 0 else { return nil }
        guard cursor.position <= (try storage.lastPosition()) else {
            return "it is ahead of the log, at event \(cursor.position)"
        }
        guard try storage.checksum(of: cursor.position) == cursor.checksum else {
            return "event \(cursor.position) of the log is not the one it was made from"
        }
        return nil
    }

    private func text(_ key: String) throws(EventLogError) -> String? {
        try environment.read { transaction throws(EventLogError) in
            try transaction.bytes(IndexStore.meta, key: Array(key.utf8))
                .map { String(decoding: $0, as: UTF8.self) }
        }
    }

    // MARK: Reading

    /// How far the index has come.
    func cursor() throws(EventLogError) -> Cursor {
        try environment.read { transaction throws(EventLogError) in
            try IndexStore.cursor(transaction)
        }
    }

    private static func cursor(
        _ transaction: borrowing ReadTransaction
    ) throws(EventLogError) -> Cursor {
        let key = Array("cursor".utf8)
        guard let bytes = try transaction.bytes(meta, key: key) else {
            return Cursor(position: 0, checksum: 0)
        }
        return bytes.withUnsafeBytes { bytes in
            Cursor(
                position: bytes.sortable(at: 0),
                checksum: UInt32(truncatingIfNeeded: bytes.sortable(at: 8))
            )
        }
    }

    /// How many streams there are, and how far the index has come.
    func streamCount() throws(EventLogError) -> (count: Int, through: UInt64) {
        try environment.read { transaction throws(EventLogError) in
            (try transaction.count(IndexStore.streams), try IndexStore.cursor(transaction).position)
        }
    }

    /// How many ids and how many places in streams there are, and how far the index has come.
    func entryCounts() throws(EventLogError) -> (ids: Int, streamEvents: Int, through: UInt64) {
        try environment.read { transaction throws(EventLogError) in
            (
                try transaction.count(IndexStore.ids),
                try transaction.count(IndexStore.streamEvents),
                try IndexStore.cursor(transaction).position
            )
        }
    }

    /// What the index knows of a stream; nil if nothing.
    func head(of stream: StreamName) throws(EventLogError) -> StreamHead? {
        try environment.read { transaction throws(EventLogError) in
            try IndexStore.head(of: stream, transaction)
        }
    }

    private static func head(
        of stream: StreamName,
        _ transaction: borrowing ReadTransaction
    ) throws(EventLogError) -> StreamHead? {
        try Array(stream.text.utf8).withBytes { key throws(EventLogError) in
            try transaction.get(streams, key: key) { value throws(EventLogError) in
                StreamHead(
                    number: value.sortable(at: 0),
                    eventCount: value.sortable(at: 8),
                    lastPosition: value.sortable(at: 16)
                )
            }
        }
    }

    /// The position of an event; nil if the index does not know it.
    func position(of id: EventID) throws(EventLogError) -> UInt64? {
        try environment.read { transaction throws(EventLogError) in
            try key(id.high, id.low).withBytes { key throws(EventLogError) in
                try transaction.get(IndexStore.ids, key: key) { value throws(EventLogError) in
                    value.sortable(at: 0)
                }
            }
        }
    }

    /// The highest id; nil if there is none.
    func idMax() throws(EventLogError) -> EventID? {
        try environment.read { transaction throws(EventLogError) in
            try transaction.withCursor(IndexStore.ids) { cursor throws(EventLogError) in
                guard try cursor.last() else { return nil }
                return EventID(high: cursor.key.sortable(at: 0), low: cursor.key.sortable(at: 8))
            }
        }
    }

    /// The positions of a stream's events in a range of revisions, as far as the index knows them.
    func positions(
        of stream: StreamName,
        revisions: Range<Revision>
    ) throws(EventLogError) -> [UInt64] {
        try environment.read { transaction throws(EventLogError) in
            guard let head = try IndexStore.head(of: stream, transaction) else { return [] }
            let wanted = revisions.clamped(to: 0..<head.eventCount)
            guard !wanted.isEmpty else { return [] }
            var positions: [UInt64] = []
            positions.reserveCapacity(wanted.count)
            try transaction.withCursor(IndexStore.streamEvents) { cursor throws(EventLogError) in
                let first = key(head.number, wanted.lowerBound)
                var isThere = try first.withBytes { key throws(EventLogError) in
                    try cursor.seek(key)
                }
                for revision in wanted {
                    guard isThere, cursor.key.sortable(at: 0) == head.number,
                        cursor.key.sortable(at: 8) == revision
                    else {
                        throw damaged("event \(revision) of stream \(stream) is missing in it")
                    }
                    positions.append(cursor.value.sortable(at: 0))
                    isThere = try cursor.next()
                }
            }
            return positions
        }
    }

    // MARK: Writing

    /// Writes the entries of a generation up to a position, and the cursor with them.
    ///
    /// Entries are put in the order of their keys, which is what makes a batch cheap.
    func write(
        _ generation: Generation,
        range: ClosedRange<UInt64>,
        checksum: UInt32
    ) throws(EventLogError) {
        try environment.write { transaction throws(EventLogError) in
            let cursor = try IndexStore.cursor(transaction.reading)
            guard cursor.position + 1 == range.lowerBound else {
                throw damaged("it ends at event \(cursor.position), not before \(range.lowerBound)")
            }
            try writeIDs(generation, range, transaction)
            try writeStreams(generation, range, transaction)
            try transaction.put(
                IndexStore.meta,
                key: Array("cursor".utf8),
                value: key(range.upperBound, UInt64(checksum))
            )
        }
    }

    private func writeIDs(
        _ generation: Generation,
        _ range: ClosedRange<UInt64>,
        _ transaction: borrowing WriteTransaction
    ) throws(EventLogError) {
        let sorted = zip(generation.ids, generation.first...)
            .filter { range.contains($0.1) }
            .sorted { $0.0 < $1.0 }
        for (id, position) in sorted {
            try put(transaction, IndexStore.ids, (id.high, id.low), position)
        }
    }

    private func writeStreams(
        _ generation: Generation,
        _ range: ClosedRange<UInt64>,
        _ transaction: borrowing WriteTransaction
    ) throws(EventLogError) {
        var streamCount = UInt64(try transaction.reading.count(IndexStore.streams))
        var places: [(number: UInt64, revision: Revision, position: UInt64)] = []
        for (name, stream) in generation.streams.sorted(by: { $0.key < $1.key }) {
            let begin = stream.firstIndex(above: range.lowerBound - 1)
            let end = stream.firstIndex(above: range.upperBound)
            guard begin < end else { continue }
            let firstRevision = stream.firstRevision + UInt64(begin)
            let known = try IndexStore.head(of: name, transaction.reading)
            guard (known?.eventCount ?? 0) == firstRevision else {
                throw damaged(
                    "it knows \(known?.eventCount ?? 0) events of stream \(name), "
                        + "the log has \(firstRevision)"
                )
            }
            if known == nil { streamCount += 1 }
            let number = known?.number ?? streamCount
            for index in begin..<end {
                let revision = stream.firstRevision + UInt64(index)
                places.append((number, revision, stream.positions[index]))
            }
            let count = stream.firstRevision + UInt64(end)
            try transaction.put(
                IndexStore.streams,
                key: Array(name.text.utf8),
                value: key(number, count) + [UInt8](sortable: stream.positions[end - 1])
            )
        }
        places.sort { ($0.number, $0.revision) < ($1.number, $1.revision) }
        for (number, revision, position) in places {
            try put(transaction, IndexStore.streamEvents, (number, revision), position)
        }
    }

    private func put(
        _ transaction: borrowing WriteTransaction,
        _ table: Int,
        _ key: (UInt64, UInt64),
        _ position: UInt64
    ) throws(EventLogError) {
        // On the stack: this runs twice for every event that is appended.
        var local = (key.0.bigEndian, key.1.bigEndian, position.bigEndian)
        try withUnsafeBytes(of: &local) { bytes throws(EventLogError) in
            try transaction.put(
                table,
                key: UnsafeRawBufferPointer(rebasing: bytes[..<16]),
                value: UnsafeRawBufferPointer(rebasing: bytes[16...])
            )
        }
    }

    private func damaged(_ what: String) -> EventLogError {
        EventLogError(
            .corrupt,
            "the index \(environment.file) is damaged: \(what); close the log, remove the folder "
                + "\(environment.folder) and open the log again, which makes it anew"
        )
    }
}

/// The sixteen bytes of two numbers, in the order in which they sort.
private func key(_ first: UInt64, _ second: UInt64) -> [UInt8] {
    [UInt8](sortable: first) + [UInt8](sortable: second)
}
