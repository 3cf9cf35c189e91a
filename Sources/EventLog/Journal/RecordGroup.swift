import EventModel

/// The records of one commit, one after the other, in the frame that holds them in the journal.
///
/// Sendable because the thread that fills it is the only one that knows it until it is full.
final class RecordGroup: @unchecked Sendable {
    /// The position of the first record.
    let first: UInt64
    private let memory: UnsafeMutableRawBufferPointer
    /// Where each record ends, from the beginning of the frame.
    private var ends: [Int] = []

    /// Begins without records.
    ///
    /// - Parameters:
    ///   - first: the position of the first record.
    ///   - recordsBytesMax: how many bytes the records will have at the most.
    init(first: UInt64, recordsBytesMax: Int) {
        self.first = first
        memory = UnsafeMutableRawBufferPointer.allocate(
            byteCount: JournalFrame.storedByteCount(records: recordsBytesMax),
            alignment: 64
        )
    }

    /// Takes a frame as it was read; nil if its records do not fill it exactly.
    ///
    /// - Parameters:
    ///   - frame: its head.
    ///   - read: fills the memory with head and records; false if it could not.
    init?(
        _ frame: JournalFrame,
        _ read: (UnsafeMutableRawBufferPointer) throws(EventLogError) -> Bool
    ) throws(EventLogError) {
        first = frame.first
        memory = UnsafeMutableRawBufferPointer.allocate(
            byteCount: frame.storedByteCount,
            alignment: 64
        )
        let byteCount = JournalFrame.headByteCount + frame.byteCount
        let bytes = UnsafeMutableRawBufferPointer(rebasing: memory[..<byteCount])
        guard try read(bytes), JournalFrame.isWhole(UnsafeRawBufferPointer(bytes)) else {
            return nil
        }
        ends.reserveCapacity(frame.count)
        var next = JournalFrame.headByteCount
        while next < byteCount {
            guard byteCount - next >= EventRecord.frameByteCount else { return nil }
            let length = memory.loadUnaligned(fromByteOffset: next, as: UInt32.self)
            next += EventRecord.frameByteCount + Int(UInt32(littleEndian: length))
            ends.append(next)
        }
        guard next == byteCount, ends.count == frame.count else { return nil }
    }

    deinit { memory.deallocate() }

    var count: Int { ends.count }
    var isEmpty: Bool { ends.isEmpty }
    /// The position of the last record; one less than the first if there is none.
    var last: UInt64 { first + UInt64(ends.count) - 1 }
    /// How many bytes the records have.
    var byteCount: Int { end - JournalFrame.headByteCount }

    private var end: Int { ends.last ?? JournalFrame.headByteCount }

    // MARK: Filling

    /// Adds a record that the closure writes.
    func append(byteCount: Int, _ body: (UnsafeMutableRawBufferPointer) -> Void) {
        let begin = end
        ends.append(begin + byteCount)
        body(UnsafeMutableRawBufferPointer(rebasing: memory[begin..<begin + byteCount]))
    }

    /// Adds a record.
    func append(_ record: [UInt8]) {
        append(byteCount: record.count) { $0.copyBytes(from: record) }
    }

    /// Takes away the records after the first so many.
    func truncate(to count: Int) { ends.removeSubrange(count...) }

    /// Makes the frame round the records, and hands over its bytes, filled up with zeros.
    func withFrame<R>(
        log: LogIdentity.Number,
        lap: UInt64,
        _ body: (UnsafeRawBufferPointer) throws(EventLogError) -> R
    ) throws(EventLogError) -> R {
        let frame = JournalFrame(
            log: log,
            lap: lap,
            first: first,
            count: count,
            byteCount: byteCount
        )
        frame.write(to: UnsafeMutableRawBufferPointer(rebasing: memory[..<end]))
        let stored = frame.storedByteCount
        for index in end..<stored { memory[index] = 0 }
        return try body(UnsafeRawBufferPointer(rebasing: memory[..<stored]))
    }

    // MARK: Reading

    /// Hands the bytes of a record of the group to the closure.
    func withRecord<R>(
        _ position: UInt64,
        _ body: (UnsafeRawBufferPointer) throws(EventLogError) -> R
    ) throws(EventLogError) -> R {
        let index = Int(position - first)
        let begin = index == 0 ? JournalFrame.headByteCount : ends[index - 1]
        // The memory is this object's, which must not go while the closure looks at it.
        defer { withExtendedLifetime(self) {} }
        return try body(UnsafeRawBufferPointer(rebasing: memory[begin..<ends[index]]))
    }

    /// Hands each record to the closure, in order.
    func forEach(
        _ body: (UInt64, UnsafeRawBufferPointer) throws(EventLogError) -> Void
    ) throws(EventLogError) {
        guard !isEmpty else { return }
        for position in first...last {
            try withRecord(position) { bytes throws(EventLogError) in try body(position, bytes) }
        }
    }
}
