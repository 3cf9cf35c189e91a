/// Hashes stored records to the leaves of the log's tree, two at a time.
///
/// A processor can hash two messages in little more time than one, and a tree over millions of
/// events is nothing but hashing. The result is that of ``LeafRecord/hash``.
public struct LeafHasher: Sendable {
    private var waiting: [UInt8] = []
    private var waitingPosition: UInt64 = 0
    private var hashes: [Digest] = []

    /// Makes one that has nothing to do.
    public init() {}

    /// Takes the stored record of an event, frame included; the bytes are not kept.
    public mutating func add(position: UInt64, _ record: UnsafeRawBufferPointer) {
        guard waitingPosition > 0 else {
            waiting.removeAll(keepingCapacity: true)
            waiting.append(contentsOf: record)
            waitingPosition = position
            return
        }
        let digests = waiting.withUnsafeBytes { Digest.sha256($0, record) }
        let first = LeafRecord(position: Position(waitingPosition), recordDigest: digests.0)
        let second = LeafRecord(position: Position(position), recordDigest: digests.1)
        waitingPosition = 0
        let pair = first.withBytes { first in
            second.withBytes { second in Digest.sha256(prefix: 0, first, second) }
        }
        hashes.append(pair.0)
        hashes.append(pair.1)
    }

    /// The hashes of all records since the last time, in their order.
    public mutating func take() -> [Digest] {
        if waitingPosition > 0 {
            let leaf = waiting.withUnsafeBytes {
                LeafRecord(position: Position(waitingPosition), record: $0)
            }
            hashes.append(leaf.hash)
            waitingPosition = 0
        }
        defer { hashes = [] }
        return hashes
    }
}
