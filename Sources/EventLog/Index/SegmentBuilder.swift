import EventModel

/// Writes the segment of a generation; its memory serves one after the other.
///
/// For each kind, events with the same key are gathered by a hash table, the keys are sorted, and
/// the positions are put behind each other in their order.
struct SegmentBuilder: ~Copyable {
    private let capacity: Int
    private let sorter: KeySorter
    private var table: KeyTable
    /// The number of each row's key, and of each key its first row and how many rows it has.
    private let keyNumbers: UnsafeMutablePointer<UInt32>
    private let firstRows: UnsafeMutablePointer<UInt32>
    private let counts: UnsafeMutablePointer<UInt32>
    private let postings: UnsafeMutablePointer<UInt32>

    init(capacity: Int) {
        self.capacity = capacity
        sorter = KeySorter(capacity: capacity)
        table = KeyTable(capacity: capacity)
        keyNumbers = .allocate(capacity: capacity)
        firstRows = .allocate(capacity: capacity)
        counts = .allocate(capacity: capacity)
        postings = .allocate(capacity: capacity)
    }

    deinit {
        keyNumbers.deallocate()
        firstRows.deallocate()
        counts.deallocate()
        postings.deallocate()
    }

    /// Writes the segment file.
    ///
    /// - Parameters:
    ///   - generation: durable events, no more than the capacity.
    ///   - folder: the folder of the index.
    ///   - checksum: of the last event's stored bytes.
    ///   - seal: see ``IndexManifest``.
    ///   - purpose: the name of the file while it is written, of one writer at a time.
    mutating func write(
        _ generation: TailGeneration,
        in folder: String,
        checksum: UInt32,
        seal: IndexKey,
        purpose: String
    ) throws(EventLogError) -> IndexManifest.Entry {
        let writer = try SegmentWriter(
            folder: folder,
            first: generation.first,
            last: generation.last,
            purpose: purpose
        )
        do throws(EventLogError) {
            for kind in IndexKind.allCases { try write(kind, of: generation, to: writer) }
            return try writer.finish(checksum: checksum, seal: seal)
        } catch {
            writer.cancel()
            throw error
        }
    }

    private mutating func write(
        _ kind: IndexKind,
        of generation: TailGeneration,
        to writer: SegmentWriter
    ) throws(EventLogError) {
        let column = generation.column(kind)
        let (keyCount, postingCount) = gather(column, generation.count, kind.isOptional)
        for number in 0..<keyCount {
            sorter.items[number] = KeySorter.Item(
                key: column[Int(firstRows[number])],
                number: UInt32(number)
            )
        }
        sorter.sort(count: keyCount)
        // From here on, a key's count is where its next position goes.
        var sum: UInt32 = 0
        for index in 0..<keyCount {
            let number = Int(sorter.items[index].number)
            let count = counts[number]
            counts[number] = sum
            sum += count
        }
        for row in 0..<generation.count where keyNumbers[row] != .max {
            let number = Int(keyNumbers[row])
            postings[Int(counts[number])] = UInt32(row)
            counts[number] += 1
        }
        writer.begin(kind, keyCount: keyCount, postingCount: postingCount)
        var next = 0
        for index in 0..<keyCount {
            let item = sorter.items[index]
            let firstRow = Int(firstRows[Int(item.number)])
            let end = Int(counts[Int(item.number)])
            try writer.add(
                item.key,
                firstRevision: generation.revision(firstRow),
                positionCount: end - next
            )
            next = end
        }
        try writer.add(positions: UnsafeBufferPointer(start: postings, count: next))
        try writer.end()
    }

    /// Gives each row the number of its key.
    private mutating func gather(
        _ column: UnsafePointer<IndexKey>,
        _ rowCount: Int,
        _ isOptional: Bool
    ) -> (keyCount: Int, postingCount: Int) {
        table.removeAll()
        var keyCount = 0
        var postingCount = 0
        let firstRows = firstRows
        for row in 0..<rowCount {
            if isOptional, column[row].isAbsent {
                keyNumbers[row] = .max
                continue
            }
            postingCount += 1
            let isSame = row > 0 && column[row] == column[row - 1]
            if isSame {
                let number = keyNumbers[row - 1]
                keyNumbers[row] = number
                counts[Int(number)] += 1
                continue
            }
            let found = table.findOrAdd(column[row], keyCount) { column[Int(firstRows[$0])] }
            if let found {
                keyNumbers[row] = UInt32(found)
                counts[found] += 1
            } else {
                firstRows[keyCount] = UInt32(row)
                counts[keyCount] = 1
                keyNumbers[row] = UInt32(keyCount)
                keyCount += 1
            }
        }
        return (keyCount, postingCount)
    }
}
