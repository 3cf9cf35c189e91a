import EventModel
import Glibc
import Synchronization

/// A segment of the index, mapped for reading.
///
/// Each block is compared with its checksum when it is touched for the first time, so damage is an
/// error and never an answer. Sendable because the mapping does not change and the marks of blocks
/// that were checked are atomic.
final class SegmentFile: @unchecked Sendable {
    /// Where a key's positions stand in its index.
    struct Postings: Sendable {
        var range: Range<Int>
        /// The number of the key, for the revisions of streams.
        var keyNumber: Int
    }

    let entry: IndexManifest.Entry
    let path: String
    let header: SegmentHeader
    let fileBytes: Int
    private let layout: SegmentLayout
    private let base: UnsafeRawPointer
    private let checkedBlocks: UnsafeMutablePointer<Atomic<UInt8>>
    private let damage = Atomic<Bool>(false)

    var first: UInt64 { entry.first }
    var last: UInt64 { entry.last }
    var eventCount: Int { Int(entry.last - entry.first + 1) }
    /// True once a block was found that is not what was written.
    var isDamaged: Bool { damage.load(ordering: .relaxed) }

    /// Opens and maps a segment of the manifest.
    ///
    /// - Throws: ``EventLogError`` of the code `missing` if the file is not there, or `corrupt` if
    ///   it is not the one that the manifest lists.
    init(
        _ entry: IndexManifest.Entry,
        in folder: String,
        seal: IndexKey
    ) throws(EventLogError) {
        self.entry = entry
        path = "\(folder)/\(entry.fileName)"
        let mapping = try SegmentFile.map(path)
        base = UnsafeRawPointer(mapping.start)
        fileBytes = mapping.count
        do throws(EventLogError) {
            let bytes = UnsafeRawBufferPointer(start: base, count: fileBytes)
            let found = try SegmentFile.check(bytes, entry: entry, seal: seal, path: path)
            header = found.header
            layout = found.layout
        } catch {
            munmap(mapping.start, mapping.count)
            throw error
        }
        checkedBlocks = .allocate(capacity: layout.blockCount)
        for block in 0..<layout.blockCount {
            (checkedBlocks + block).initialize(to: Atomic(block == 0 ? 1 : 0))
        }
    }

    deinit {
        munmap(UnsafeMutableRawPointer(mutating: base), fileBytes)
        checkedBlocks.deinitialize(count: layout.blockCount)
        checkedBlocks.deallocate()
    }

    private static func map(
        _ path: String
    ) throws(EventLogError) -> (start: UnsafeMutableRawPointer, count: Int) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw EventLogError.system("open", path) }
        defer { close(descriptor) }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0 else { throw EventLogError.system("fstat", path) }
        let count = Int(facts.st_size)
        guard count >= SegmentLayout.blockBytes else {
            throw EventLogError(.corrupt, "the segment \(path) has only \(count) bytes")
        }
        let start = mmap(nil, count, PROT_READ, MAP_SHARED, descriptor, 0)
        guard let start, start != MAP_FAILED else { throw EventLogError.system("mmap", path) }
        return (start, count)
    }

    private static func check(
        _ bytes: UnsafeRawBufferPointer,
        entry: IndexManifest.Entry,
        seal: IndexKey,
        path: String
    ) throws(EventLogError) -> (header: SegmentHeader, layout: SegmentLayout) {
        guard let header = SegmentHeader(bytes) else {
            throw EventLogError(.corrupt, "the segment \(path) has no header that makes sense")
        }
        let layout = header.layout
        guard layout.fileBytes == bytes.count else {
            throw EventLogError(
                .corrupt,
                "the segment \(path) has \(bytes.count) bytes, not \(layout.fileBytes)"
            )
        }
        let tableOffset = layout.blockCount * SegmentLayout.blockBytes
        let table = UnsafeRawBufferPointer(
            rebasing: bytes[tableOffset..<tableOffset + layout.blockCount * 4]
        )
        let headerBlock = UnsafeRawBufferPointer(rebasing: bytes[..<SegmentLayout.blockBytes])
        guard CRC32C.checksum(table) == entry.checksum,
            bytes.word32(at: bytes.count - 4) == entry.checksum,
            CRC32C.checksum(headerBlock) == table.word32(at: 0)
        else {
            throw EventLogError(.corrupt, "the checksums of the segment \(path) are wrong")
        }
        guard header.seal == seal, header.first == entry.first, header.last == entry.last else {
            throw EventLogError(.corrupt, "the segment \(path) is of another index")
        }
        return (header, layout)
    }

    // MARK: Bytes

    /// Makes sure that bytes are what was written.
    @inline(__always)
    private func check(_ offset: Int, _ byteCount: Int) throws(EventLogError) {
        let firstBlock = offset / SegmentLayout.blockBytes
        let lastBlock = (offset + byteCount - 1) / SegmentLayout.blockBytes
        for block in firstBlock...max(lastBlock, firstBlock)
        where checkedBlocks[block].load(ordering: .relaxed) == 0 {
            try checkBlock(block)
        }
    }

    private func checkBlock(_ block: Int) throws(EventLogError) {
        let bytes = UnsafeRawBufferPointer(
            start: base + block * SegmentLayout.blockBytes,
            count: SegmentLayout.blockBytes
        )
        let table = UnsafeRawBufferPointer(
            start: base + layout.blockCount * SegmentLayout.blockBytes,
            count: layout.blockCount * 4
        )
        guard CRC32C.checksum(bytes) == table.word32(at: block * 4) else {
            throw damaged("block \(block) has changed")
        }
        checkedBlocks[block].store(1, ordering: .relaxed)
    }

    /// Compares every block with its checksum.
    func checkAll() throws(EventLogError) {
        for block in 0..<layout.blockCount { try checkBlock(block) }
    }

    /// Looks for damage; ``isDamaged`` tells.
    func checkForDamage() {
        do throws(EventLogError) {
            try checkAll()
        } catch {
            damage.store(true, ordering: .relaxed)
        }
    }

    private func damaged(_ what: String) -> EventLogError {
        damage.store(true, ordering: .relaxed)
        return EventLogError(
            .corrupt,
            "the segment \(path) is damaged: \(what); open the log for writing, which makes it anew"
        )
    }

    @inline(__always)
    private func word32(
        _ section: SegmentLayout.Section,
        _ number: Int
    ) throws(EventLogError) -> UInt32 {
        let offset = section.offset + number * 4
        guard offset + 4 <= section.end else { throw damaged("a number lies outside") }
        try check(offset, 4)
        return UInt32(littleEndian: base.load(fromByteOffset: offset, as: UInt32.self))
    }

    @inline(__always)
    private func key(
        _ section: SegmentLayout.Section,
        _ number: Int
    ) throws(EventLogError) -> IndexKey {
        let offset = section.offset + number * MemoryLayout<IndexKey>.stride
        guard offset + 16 <= section.end else { throw damaged("a key lies outside") }
        try check(offset, 16)
        return IndexKey(
            high: UInt64(littleEndian: base.load(fromByteOffset: offset, as: UInt64.self)),
            low: UInt64(littleEndian: base.load(fromByteOffset: offset + 8, as: UInt64.self))
        )
    }

    // MARK: Whole indexes, for merging

    func keyCount(_ kind: IndexKind) -> Int { layout.indexes[kind.rawValue].keyCount }
    func postingCount(_ kind: IndexKind) -> Int { layout.indexes[kind.rawValue].postingCount }

    /// A key by its number in the order of the keys.
    @inline(__always)
    func key(_ kind: IndexKind, _ number: Int) throws(EventLogError) -> IndexKey {
        try key(layout.indexes[kind.rawValue].keys, number)
    }

    /// Where the positions of a key begin and end.
    @inline(__always)
    func range(_ kind: IndexKind, _ number: Int) throws(EventLogError) -> Range<Int> {
        let index = layout.indexes[kind.rawValue]
        guard index.starts.byteCount > 0 else { return number..<number + 1 }
        let start = Int(try word32(index.starts, number))
        let end = Int(try word32(index.starts, number + 1))
        guard start < end, end <= index.postingCount else {
            throw damaged("the positions of a key end before they begin")
        }
        return start..<end
    }

    /// A position by its number in the index, less the first of the segment.
    @inline(__always)
    func posting(_ kind: IndexKind, _ number: Int) throws(EventLogError) -> UInt32 {
        let posting = try word32(layout.indexes[kind.rawValue].positions, number)
        guard UInt64(posting) <= entry.last - entry.first else {
            throw damaged("a position lies outside")
        }
        return posting
    }

    /// Positions by their numbers in the index, which are not empty, less the first of the segment.
    ///
    /// They can be read as long as this object lives.
    func postings(
        _ kind: IndexKind,
        _ numbers: Range<Int>
    ) throws(EventLogError) -> UnsafeBufferPointer<UInt32> {
        let section = layout.indexes[kind.rawValue].positions
        let offset = section.offset + numbers.lowerBound * 4
        guard !numbers.isEmpty, offset + numbers.count * 4 <= section.end else {
            throw damaged("positions lie outside")
        }
        try check(offset, numbers.count * 4)
        let postings = UnsafeRawBufferPointer(start: base + offset, count: numbers.count * 4)
            .assumingMemoryBound(to: UInt32.self)
        let span = entry.last - entry.first
        for posting in postings where UInt64(UInt32(littleEndian: posting)) > span {
            throw damaged("a position lies outside")
        }
        return postings
    }

    /// The revision of the first event of a stream here, by the number of its key.
    func firstRevision(_ number: Int) throws(EventLogError) -> Revision {
        let section = layout.indexes[IndexKind.stream.rawValue].revisions
        let offset = section.offset + number * 8
        guard offset + 8 <= section.end else { throw damaged("a revision lies outside") }
        try check(offset, 8)
        return UInt64(littleEndian: base.load(fromByteOffset: offset, as: UInt64.self))
    }

    /// Gives the mapped memory back; what is needed again is mapped again.
    func releasePages() {
        madvise(UnsafeMutableRawPointer(mutating: base), fileBytes, MADV_DONTNEED)
    }

    // MARK: Finding

    /// The positions under a key; nil if there are none.
    func find(_ kind: IndexKind, _ key: IndexKey) throws(EventLogError) -> Postings? {
        let index = layout.indexes[kind.rawValue]
        guard index.keyCount > 0 else { return nil }
        if kind == .id, key < header.idMin || key > header.idMax { return nil }
        guard try mayHold(key, index.bloom) else { return nil }
        var low = 0
        var high = (index.keyCount + SegmentLayout.fenceStride - 1) / SegmentLayout.fenceStride
        // The last fence that is not above the key leads to its block.
        while low < high {
            let middle = (low + high) / 2
            if try self.key(index.fences, middle) <= key { low = middle + 1 } else { high = middle }
        }
        guard low > 0 else { return nil }
        let block = (low - 1) * SegmentLayout.fenceStride
        low = block
        high = min(block + SegmentLayout.fenceStride, index.keyCount)
        while low < high {
            let middle = (low + high) / 2
            if try self.key(index.keys, middle) < key { low = middle + 1 } else { high = middle }
        }
        guard low < index.keyCount, try self.key(index.keys, low) == key else { return nil }
        return Postings(range: try range(kind, low), keyNumber: low)
    }

    private func mayHold(
        _ key: IndexKey,
        _ section: SegmentLayout.Section
    ) throws(EventLogError) -> Bool {
        guard section.byteCount > 0 else { return true }
        let group = BloomFilter.groupOffset(key, byteCount: section.byteCount) + section.offset
        try check(group, BloomFilter.groupBytes)
        var holds = true
        BloomFilter.forEachBit(key) { byte, mask in
            if base.load(fromByteOffset: group + byte, as: UInt8.self) & mask == 0 { holds = false }
        }
        return holds
    }

    /// The position of an event; nil if it is not here.
    func position(of id: IndexKey) throws(EventLogError) -> UInt64? {
        guard let postings = try find(.id, id) else { return nil }
        return entry.first + UInt64(try posting(.id, postings.range.lowerBound))
    }

    /// How many events a stream has up to a position, with those before this segment; nil if none
    /// of them is here, or if what was before the segment goes beyond the position.
    func eventCount(
        of stream: IndexKey,
        through position: UInt64
    ) throws(EventLogError) -> UInt64? {
        guard entry.first - 1 <= position, let postings = try find(.stream, stream) else {
            return nil
        }
        let first = try firstRevision(postings.keyNumber)
        guard position < last else { return first &+ UInt64(postings.range.count) }
        var low = postings.range.lowerBound
        var high = postings.range.upperBound
        while low < high {
            let middle = (low + high) / 2
            if entry.first + UInt64(try posting(.stream, middle)) <= position {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return first &+ UInt64(low - postings.range.lowerBound)
    }

    /// The places of a stream's events with the wanted revisions; nil if the stream is not here.
    func places(
        of stream: IndexKey,
        revisions: Range<Revision>
    ) throws(EventLogError) -> (first: Revision, places: [(revision: Revision, position: UInt64)])?
    {
        guard let postings = try find(.stream, stream) else { return nil }
        let first = try firstRevision(postings.keyNumber)
        let (end, isBeyond) = first.addingReportingOverflow(UInt64(postings.range.count))
        guard !isBeyond else { throw damaged("a revision is too large") }
        var places: [(revision: Revision, position: UInt64)] = []
        for revision in revisions.clamped(to: first..<end) {
            let number = postings.range.lowerBound + Int(revision - first)
            places.append((revision, entry.first + UInt64(try posting(.stream, number))))
        }
        return (first, places)
    }
}
