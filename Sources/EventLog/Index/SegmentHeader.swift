import EventModel

/// The first block of a segment file, little-endian; the rest of the block is zeros.
///
///     0   8  "daybkidx"
///     8   4  format, 2
///     12  4  CRC-32C of the last event's stored bytes
///     16  8  position of the first event
///     24  8  position of the last event
///     32  8  how many streams begin here
///     40  16 seal: the hash of the log's identity by the index's secret
///     56  16 the least id, high half first
///     72  16 the greatest id
///     88  128 for each kind of key: how many keys, how many positions, eight bytes each
struct SegmentHeader: Sendable, Hashable {
    /// The version of the files; 1 was in LMDB.
    static let format: UInt32 = 2
    private static let magic = Array("daybkidx".utf8)

    var first: UInt64
    var last: UInt64
    /// Of the last event's stored bytes: the index must be of the log that it lies beside.
    var checksum: UInt32
    var newStreamCount: UInt64
    var seal: IndexKey
    var idMin: IndexKey
    var idMax: IndexKey
    /// Keys and positions of each kind, in the order of the kinds.
    var counts: [(keys: UInt64, postings: UInt64)]

    var eventCount: Int { Int(last - first + 1) }

    /// The layout that the counts lead to.
    var layout: SegmentLayout {
        var layout = SegmentLayout()
        for (kind, count) in zip(IndexKind.allCases, counts) {
            _ = layout.add(kind, keyCount: Int(count.keys), postingCount: Int(count.postings))
        }
        return layout
    }

    /// The whole block.
    var bytes: [UInt8] {
        var bytes = SegmentHeader.magic
        func put(_ number: UInt64, byteCount: Int = 8) {
            for index in 0..<byteCount {
                bytes.append(UInt8(truncatingIfNeeded: number >> UInt64(index * 8)))
            }
        }
        put(UInt64(SegmentHeader.format), byteCount: 4)
        put(UInt64(checksum), byteCount: 4)
        for number in [first, last, newStreamCount] { put(number) }
        for key in [seal, idMin, idMax] {
            put(key.high)
            put(key.low)
        }
        for count in counts {
            put(count.keys)
            put(count.postings)
        }
        bytes += [UInt8](repeating: 0, count: SegmentLayout.blockBytes - bytes.count)
        return bytes
    }

    init(
        first: UInt64,
        last: UInt64,
        checksum: UInt32,
        newStreamCount: UInt64,
        seal: IndexKey,
        idMin: IndexKey,
        idMax: IndexKey,
        counts: [(keys: UInt64, postings: UInt64)]
    ) {
        self.first = first
        self.last = last
        self.checksum = checksum
        self.newStreamCount = newStreamCount
        self.seal = seal
        self.idMin = idMin
        self.idMax = idMax
        self.counts = counts
    }

    /// Reads a block; nil if it is none of this format, or its numbers cannot be.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= SegmentLayout.blockBytes,
            bytes.prefix(8).elementsEqual(SegmentHeader.magic),
            bytes.word32(at: 8) == SegmentHeader.format
        else { return nil }
        checksum = bytes.word32(at: 12)
        first = bytes.word64(at: 16)
        last = bytes.word64(at: 24)
        newStreamCount = bytes.word64(at: 32)
        seal = IndexKey(high: bytes.word64(at: 40), low: bytes.word64(at: 48))
        idMin = IndexKey(high: bytes.word64(at: 56), low: bytes.word64(at: 64))
        idMax = IndexKey(high: bytes.word64(at: 72), low: bytes.word64(at: 80))
        counts = (0..<IndexKind.count).map { number in
            (bytes.word64(at: 88 + number * 16), bytes.word64(at: 96 + number * 16))
        }
        guard first >= 1, last >= first, last - first < UInt64(UInt32.max) else { return nil }
        let eventCount = last - first + 1
        for (kind, count) in zip(IndexKind.allCases, counts) {
            guard count.postings <= eventCount, count.keys <= count.postings else { return nil }
            guard kind.isOptional || count.postings == eventCount else { return nil }
        }
    }

    static func == (left: SegmentHeader, right: SegmentHeader) -> Bool {
        left.bytes == right.bytes
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(first)
        hasher.combine(last)
    }
}

extension UnsafeRawBufferPointer {
    /// The little-endian number of four bytes at an offset, which must be there.
    func word32(at offset: Int) -> UInt32 {
        UInt32(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }

    /// The little-endian number of eight bytes at an offset, which must be there.
    func word64(at offset: Int) -> UInt64 {
        UInt64(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }
}
