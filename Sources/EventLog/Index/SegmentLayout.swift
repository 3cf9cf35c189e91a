import EventModel

/// Where everything lies in a segment file, all of it known from a few counts.
///
/// A file is a row of blocks of 4,096 bytes. The first is the header; each section begins with a
/// block and is filled up with zeros; a table of the blocks' checksums comes behind the last block.
struct SegmentLayout: Sendable, Hashable {
    static let blockBytes = 4096
    /// One key in so many is in the fences, which lead a search to the right block of keys.
    static let fenceStride = blockBytes / MemoryLayout<IndexKey>.stride

    /// A stretch of the file, in bytes.
    struct Section: Sendable, Hashable {
        var offset = 0
        var byteCount = 0

        var end: Int { offset + byteCount }
        var blockCount: Int {
            (byteCount + SegmentLayout.blockBytes - 1) / SegmentLayout.blockBytes
        }
    }

    /// The sections of one kind of key.
    struct Index: Sendable, Hashable {
        var keyCount: Int
        var postingCount: Int
        /// Every 256th key.
        var fences = Section()
        /// The keys, ascending, each once.
        var keys = Section()
        /// Where each key's positions begin, and where the last one's end; left out if each key has
        /// one position.
        var starts = Section()
        /// Of the index of streams: the revision of each stream's first event here.
        var revisions = Section()
        /// The positions, ascending for each key, less the first of the segment.
        var positions = Section()
        var bloom = Section()
    }

    private(set) var indexes: [Index] = []
    /// How many blocks there are, the header's with them.
    private(set) var blockCount = 1

    init() {}

    /// Puts the sections of the next kind behind those of the kinds before.
    mutating func add(_ kind: IndexKind, keyCount: Int, postingCount: Int) -> Index {
        var index = Index(keyCount: keyCount, postingCount: postingCount)
        let keyBytes = MemoryLayout<IndexKey>.stride
        let fenceCount = (keyCount + SegmentLayout.fenceStride - 1) / SegmentLayout.fenceStride
        index.fences = place(fenceCount * keyBytes)
        index.keys = place(keyCount * keyBytes)
        index.starts = place(keyCount == postingCount ? 0 : (keyCount + 1) * 4)
        index.revisions = place(kind == .stream ? keyCount * 8 : 0)
        index.positions = place(postingCount * 4)
        index.bloom = place(kind.hasBloomFilter ? BloomFilter.byteCount(keyCount: keyCount) : 0)
        indexes.append(index)
        return index
    }

    private mutating func place(_ byteCount: Int) -> Section {
        let section = Section(
            offset: blockCount * SegmentLayout.blockBytes,
            byteCount: byteCount
        )
        blockCount += section.blockCount
        return section
    }

    /// The size of the file: the blocks, four bytes for each of them, and four for those.
    var fileBytes: Int { blockCount * SegmentLayout.blockBytes + blockCount * 4 + 4 }
}

/// A filter that mostly knows that a key is not there.
///
/// Groups of 64 bytes, a line of the processor's cache; a key sets six bits in one of them. With 12
/// bits a key about one in a hundred of the keys that are not there seems to be.
enum BloomFilter {
    static let bitsPerKey = 12
    static let groupBytes = 64
    private static let bitCount = 6

    static func byteCount(keyCount: Int) -> Int {
        (keyCount * bitsPerKey + groupBytes * 8 - 1) / (groupBytes * 8) * groupBytes
    }

    /// Where the group of a key begins, in bytes.
    static func groupOffset(_ key: IndexKey, byteCount: Int) -> Int {
        let groupCount = UInt64(byteCount / groupBytes)
        return Int(key.spread.multipliedFullWidth(by: groupCount).high) * groupBytes
    }

    /// The bits of a key within its group: the byte and the mask of each.
    static func forEachBit(_ key: IndexKey, _ body: (_ byte: Int, _ mask: UInt8) -> Void) {
        // The high bits of the spread chose the group, so the bits within come from its low ones.
        var bits = key.spread &* 0x9E37_79B9_7F4A_7C15
        for _ in 0..<bitCount {
            let bit = Int(bits >> 55)
            body(bit >> 3, 1 << UInt8(truncatingIfNeeded: bit & 7))
            bits = bits << 9
        }
    }
}
