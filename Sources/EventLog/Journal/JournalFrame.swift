import EventModel

/// The head of a frame, which is what one commit writes to the journal.
///
/// All numbers are little-endian:
///
///     offset  bytes
///      0      8      DBJRNL01
///      8      4      CRC-32C of everything after this field, up to the end of the records
///     12      4      how many records there are
///     16      16     the log's identity
///     32      8      the lap: a random number, the same in all frames that stand in one row
///     40      8      the position of the first record
///     48      8      how many bytes the records have
///     56      8      0
///     64             the records, as they are stored in the table, one after the other
///
/// A frame begins at a multiple of ``alignment``, so that no acknowledged byte is ever written again
/// before it is in the table; what is left over is zero and not looked at.
struct JournalFrame: Sendable, Hashable {
    static let headByteCount = 64
    static let alignment = 4096
    /// `DBJRNL01`.
    private static let mark = 0x3130_4C4E_524A_4244 as UInt64
    private static let checksumOffset = 8
    private static let checkedOffset = 12

    var log: LogIdentity.Number
    var lap: UInt64
    var first: UInt64
    var count: Int
    /// How many bytes the records have.
    var byteCount: Int

    /// The position of the last record.
    var last: UInt64 { first + UInt64(count) - 1 }
    /// How many bytes the frame takes in the file.
    var storedByteCount: Int { JournalFrame.storedByteCount(records: byteCount) }

    /// How many bytes a frame takes in the file.
    static func storedByteCount(records byteCount: Int) -> Int {
        (headByteCount + byteCount + alignment - 1) / alignment * alignment
    }

    /// Writes the head before the records that lie in the frame already.
    ///
    /// - Parameter frame: head and records, no byte more.
    func write(to frame: UnsafeMutableRawBufferPointer) {
        func store<T: FixedWidthInteger>(_ value: T, at offset: Int) {
            frame.storeBytes(of: value.littleEndian, toByteOffset: offset, as: T.self)
        }
        precondition(frame.count == JournalFrame.headByteCount + byteCount, "a frame's size")
        store(JournalFrame.mark, at: 0)
        store(UInt32(count), at: JournalFrame.checkedOffset)
        store(log.high.byteSwapped, at: 16)
        store(log.low.byteSwapped, at: 24)
        store(lap, at: 32)
        store(first, at: 40)
        store(UInt64(byteCount), at: 48)
        store(0 as UInt64, at: 56)
        let checked = UnsafeRawBufferPointer(rebasing: frame[JournalFrame.checkedOffset...])
        store(CRC32C.checksum(checked), at: JournalFrame.checksumOffset)
    }

    /// Reads a head; nil if these are no frame's first bytes.
    ///
    /// Whether the rest is whole is for ``isWhole(_:)`` to say.
    init?(head: UnsafeRawBufferPointer) {
        guard head.count >= JournalFrame.headByteCount else { return nil }
        func load<T: FixedWidthInteger>(_ offset: Int, as type: T.Type) -> T {
            T(littleEndian: head.loadUnaligned(fromByteOffset: offset, as: type))
        }
        guard load(0, as: UInt64.self) == JournalFrame.mark,
            let count = Int(exactly: load(JournalFrame.checkedOffset, as: UInt32.self)),
            let byteCount = Int(exactly: load(48, as: UInt64.self)),
            load(56, as: UInt64.self) == 0
        else { return nil }
        let first = load(40, as: UInt64.self)
        // A record has its own frame and more, and no position is near the end of its numbers.
        guard count > 0, byteCount / count >= EventRecord.frameByteCount, byteCount < 1 << 40,
            first > 0, first < 1 << 62
        else { return nil }
        self.count = count
        self.byteCount = byteCount
        self.first = first
        lap = load(32, as: UInt64.self)
        log = LogIdentity.Number(
            high: load(16, as: UInt64.self).byteSwapped,
            low: load(24, as: UInt64.self).byteSwapped
        )
    }

    init(log: LogIdentity.Number, lap: UInt64, first: UInt64, count: Int, byteCount: Int) {
        self.log = log
        self.lap = lap
        self.first = first
        self.count = count
        self.byteCount = byteCount
    }

    /// Whether a frame's bytes are those that were written.
    ///
    /// - Parameter frame: head and records, no byte more.
    static func isWhole(_ frame: UnsafeRawBufferPointer) -> Bool {
        guard frame.count >= headByteCount else { return false }
        let wanted = frame.loadUnaligned(fromByteOffset: checksumOffset, as: UInt32.self)
        let checked = UnsafeRawBufferPointer(rebasing: frame[checkedOffset...])
        return CRC32C.checksum(checked) == UInt32(littleEndian: wanted)
    }
}
