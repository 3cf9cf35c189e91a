import EventModel

/// The keys of a stretch of the log, in memory and in columns.
///
/// A row is first only noted. What finds rows by their keys is brought up to date by whoever looks
/// for one, so that the writer, for whom all appends wait, need not do it; under a load of appends
/// without reads nobody does.
///
/// Sendable because everything is changed under the lock of ``IndexTail`` only, and because rows
/// that are durable never change again: whoever learnt under the lock how many there are may read
/// those without it.
final class TailGeneration: @unchecked Sendable {
    /// The events of one stream within the stretch.
    private struct Stream {
        var firstRow: Int32
        var lastRow: Int32
        var count: Int32
    }

    /// How many rows are made findable in one go, with the lock held.
    static let sliceRowCount = 4096
    /// What stands between two columns, in keys, so that the same row of all of them does not fall
    /// on the same lines of the processor's cache.
    private static let columnGap = 36

    /// The position of the first row.
    let first: UInt64
    let capacity: Int
    /// How many rows there are, durable or not.
    private(set) var count = 0
    /// Nothing is added any more, although there would be room.
    var isSealed = false

    private let stride: Int
    private let keys: UnsafeMutablePointer<IndexKey>
    private let revisions: UnsafeMutablePointer<Revision>
    /// The row of the event before in the same stream; -1 if there is none here.
    private let previousRows: UnsafeMutablePointer<Int32>
    /// Every row's id is up to this one.
    private(set) var idMax = IndexKey.absent
    /// How many rows the table of ids knows.
    private var knownIDCount = 0
    private var ids: KeyTable
    /// How many rows the table of streams knows.
    private var knownCount = 0
    private var streamTable: KeyTable
    private var streams: [Stream] = []

    init(first: UInt64, capacity: Int) {
        self.first = first
        self.capacity = max(capacity, 1)
        stride = self.capacity + TailGeneration.columnGap
        keys = .allocate(capacity: stride * IndexKind.count)
        revisions = .allocate(capacity: self.capacity)
        previousRows = .allocate(capacity: self.capacity)
        ids = KeyTable(capacity: self.capacity)
        streamTable = KeyTable(capacity: self.capacity)
    }

    deinit {
        keys.deallocate()
        revisions.deallocate()
        previousRows.deallocate()
    }

    var isEmpty: Bool { count == 0 }
    var isFull: Bool { isSealed || count == capacity }
    /// The position of the last row; one less than the first if there is none.
    var last: UInt64 { first + UInt64(count) - 1 }

    /// The keys of one kind, a row each.
    func column(_ kind: IndexKind) -> UnsafePointer<IndexKey> {
        UnsafePointer(keys + kind.rawValue * stride)
    }

    /// The revision of a row's event.
    func revision(_ row: Int) -> Revision { revisions[row] }

    // MARK: Changing

    /// Adds the next event; there must be room.
    func append(_ entry: borrowing IndexEntry, revision: Revision) {
        let row = count
        for kind in 0..<IndexKind.count {
            keys[kind &* stride &+ row] = entry.key(at: kind)
        }
        revisions[row] = revision
        idMax = max(idMax, entry[.id])
        count = row + 1
    }

    /// Makes rows findable by their streams.
    ///
    /// - Parameter limit: how many at the most.
    /// - Returns: whether all are now.
    @discardableResult
    func know(atMost limit: Int = .max) -> Bool {
        let end = count - knownCount > limit ? knownCount + limit : count
        while knownCount < end {
            know(row: knownCount)
            knownCount += 1
        }
        return knownCount == count
    }

    private func know(row: Int) {
        let column = column(.stream)
        let found = streamTable.findOrAdd(column[row], streams.count) { [streams] number in
            column[Int(streams[number].firstRow)]
        }
        if let found {
            previousRows[row] = streams[found].lastRow
            streams[found].lastRow = Int32(row)
            streams[found].count += 1
        } else {
            previousRows[row] = -1
            streams.append(Stream(firstRow: Int32(row), lastRow: Int32(row), count: 1))
        }
    }

    /// Takes away the events after a position, the last first.
    func truncate(after position: UInt64) {
        while count > 0, last > position {
            count -= 1
            if count < knownIDCount {
                knownIDCount = count
                ids.removeLast(column(.id)[count], count)
            }
            guard count < knownCount else { continue }
            knownCount = count
            let column = column(.stream)
            guard let number = streamNumber(column[count]) else { continue }
            streams[number].count -= 1
            streams[number].lastRow = previousRows[count]
            guard streams[number].count == 0 else { continue }
            streamTable.removeLast(column[count], number)
            streams.removeLast()
        }
    }

    // MARK: Finding

    /// The number of a stream among those of the known rows.
    private func streamNumber(_ stream: IndexKey) -> Int? {
        let column = column(.stream)
        return streamTable.find(stream) { number in column[Int(streams[number].firstRow)] }
    }

    /// The row of an event.
    func row(of id: IndexKey) -> Int? {
        // Ids of version 7 grow with time, so most generations need not be asked at all.
        guard id <= idMax else { return nil }
        let column = column(.id)
        while knownIDCount < count {
            ids.add(column[knownIDCount], knownIDCount)
            knownIDCount += 1
        }
        return ids.find(id) { column[$0] }
    }

    /// How many events a stream has up to a position, with those before this stretch; nil if none
    /// of them is here, or if what was before the stretch goes beyond the position.
    func eventCount(of stream: IndexKey, through position: UInt64) -> UInt64? {
        know()
        guard let number = streamNumber(stream) else { return nil }
        var row = streams[number].lastRow
        while row >= 0 {
            if first + UInt64(row) <= position { return revisions[Int(row)] &+ 1 }
            row = previousRows[Int(row)]
        }
        // What the first row says counts the events before this stretch, all of them: those between
        // the position and here too, which may not be durable yet.
        guard first - 1 <= position else { return nil }
        return revisions[Int(streams[number].firstRow)]
    }

    /// The positions of a stream's events with the wanted revisions, ascending; empty if none is
    /// here.
    func places(
        of stream: IndexKey,
        revisions wanted: Range<Revision>
    ) -> [(revision: Revision, position: UInt64)] {
        know()
        guard let number = streamNumber(stream) else { return [] }
        var places: [(revision: Revision, position: UInt64)] = []
        var row = Int(streams[number].lastRow)
        while row >= 0, revisions[row] >= wanted.lowerBound {
            if wanted.contains(revisions[row]) {
                places.append((revisions[row], first + UInt64(row)))
            }
            row = Int(previousRows[row])
        }
        return places.reversed()
    }

    /// How many streams begin in some rows.
    func newStreamCount(_ rows: Range<Int>) -> Int { rows.count { revisions[$0] == 0 } }
}
