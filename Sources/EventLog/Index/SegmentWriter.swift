import EventModel
import Glibc

/// Writes a segment file, one kind of key after the other, each sorted by key.
///
/// The file has a temporary name until it is whole and on the disk.
final class SegmentWriter {
    private let folder: String
    private let first: UInt64
    private let last: UInt64
    private let output: SegmentOutput
    private let keys: SectionWriter
    private let starts: SectionWriter
    private let revisions: SectionWriter
    private let positions: SectionWriter
    private let other: SectionWriter
    private var layout = SegmentLayout()
    private var index = SegmentLayout.Index(keyCount: 0, postingCount: 0)
    private var kind = IndexKind.id
    private var keyNumber = 0
    /// How many positions the keys so far have, and how many of them came.
    private var postingNumber = 0
    private var positionNumber = 0
    private var fences: [IndexKey] = []
    private var bloom: [UInt8] = []
    private var newStreamCount: UInt64 = 0
    private var idMin = IndexKey.absent
    private var idMax = IndexKey.absent

    private var temporaryPath: String { output.path }

    /// Begins the segment of a stretch of the log.
    init(folder: String, first: UInt64, last: UInt64, purpose: String) throws(EventLogError) {
        self.folder = folder
        self.first = first
        self.last = last
        output = try SegmentOutput(path: "\(folder)/\(purpose).new")
        keys = SectionWriter(output)
        starts = SectionWriter(output)
        revisions = SectionWriter(output)
        positions = SectionWriter(output)
        other = SectionWriter(output)
    }

    /// Begins the next kind of key, of which so many keys with so many positions will come.
    func begin(_ kind: IndexKind, keyCount: Int, postingCount: Int) {
        self.kind = kind
        index = layout.add(kind, keyCount: keyCount, postingCount: postingCount)
        keyNumber = 0
        postingNumber = 0
        positionNumber = 0
        fences.removeAll(keepingCapacity: true)
        bloom = [UInt8](repeating: 0, count: index.bloom.byteCount)
        keys.begin(index.keys)
        starts.begin(index.starts)
        revisions.begin(index.revisions)
        positions.begin(index.positions)
    }

    /// Adds the next key, which has so many positions; they come in the order of the keys, at any
    /// time before the end.
    func add(
        _ key: IndexKey,
        firstRevision: Revision,
        positionCount: Int
    ) throws(EventLogError) {
        try keys.append(key)
        if index.starts.byteCount > 0 {
            try starts.append(UInt32(truncatingIfNeeded: postingNumber))
        }
        if keyNumber % SegmentLayout.fenceStride == 0 { fences.append(key) }
        if kind == .stream {
            try revisions.append(firstRevision)
            if firstRevision == 0 { newStreamCount += 1 }
        }
        if kind == .id {
            if keyNumber == 0 { idMin = key }
            idMax = key
        }
        if !bloom.isEmpty {
            let group = BloomFilter.groupOffset(key, byteCount: bloom.count)
            bloom.withUnsafeMutableBufferPointer { bloom in
                BloomFilter.forEachBit(key) { byte, mask in bloom[group + byte] |= mask }
            }
        }
        keyNumber += 1
        postingNumber += positionCount
    }

    /// Adds positions, less the first of the segment after the shift is added to them.
    func add(
        positions numbers: UnsafeBufferPointer<UInt32>,
        shift: UInt32 = 0
    ) throws(EventLogError) {
        try positions.append(numbers, adding: shift)
        positionNumber += numbers.count
    }

    /// Ends a kind; as many keys and positions as were announced must have come.
    func end() throws(EventLogError) {
        guard keyNumber == index.keyCount, postingNumber == index.postingCount,
            positionNumber == index.postingCount
        else {
            throw EventLogError(
                .corrupt,
                "\(output.path) was to get \(index.keyCount) keys with \(index.postingCount) "
                    + "positions, but \(keyNumber) with \(positionNumber) came"
            )
        }
        if index.starts.byteCount > 0 {
            try starts.append(UInt32(truncatingIfNeeded: postingNumber))
        }
        try keys.end()
        try starts.end()
        try revisions.end()
        try positions.end()
        other.begin(index.fences)
        for key in fences { try other.append(key) }
        try other.end()
        other.begin(index.bloom)
        try bloom.withBytes { bytes throws(EventLogError) in try other.append(bytes) }
        try other.end()
    }

    /// Writes the header and gives the file its name.
    ///
    /// - Returns: what the manifest says of it.
    func finish(checksum: UInt32, seal: IndexKey) throws(EventLogError) -> IndexManifest.Entry {
        let header = SegmentHeader(
            first: first,
            last: last,
            checksum: checksum,
            newStreamCount: newStreamCount,
            seal: seal,
            idMin: idMin,
            idMax: idMax,
            counts: layout.indexes.map { (UInt64($0.keyCount), UInt64($0.postingCount)) }
        )
        try header.bytes.withBytes { bytes throws(EventLogError) in try output.write(bytes, at: 0) }
        let table = try output.finish()
        let entry = IndexManifest.Entry(first: first, last: last, checksum: table)
        let path = "\(folder)/\(entry.fileName)"
        guard rename(temporaryPath, path) == 0 else { throw EventLogError.system("rename", path) }
        return entry
    }

    /// Removes what was written.
    func cancel() { unlink(temporaryPath) }
}
