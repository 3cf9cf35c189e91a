/// A tree that grows leaf by leaf and remembers no more than the roots of its complete subtrees.
///
/// Enough for the root at every size on the way, with as many hashes as the size has bits set.
public struct CompactRange: Sendable, Hashable {
    /// How many leaves there are.
    public private(set) var size: UInt64 = 0
    /// The roots of the complete subtrees, the largest first: one for each bit set in the size.
    public private(set) var peaks: [Digest] = []

    /// Makes an empty tree.
    public init() {}

    /// Continues a tree of which only the peaks are known; nil if their number does not fit the
    /// size.
    public init?(size: UInt64, peaks: [Digest]) {
        guard size.nonzeroBitCount == peaks.count else { return nil }
        self.size = size
        self.peaks = peaks
    }

    /// Adds the hash of the next leaf.
    public mutating func append(_ leafHash: Digest) {
        var hash = leafHash
        // Each one at the end of the size is a subtree that the new leaf completes to a larger one.
        for _ in 0..<(~size).trailingZeroBitCount {
            hash = MerkleHash.node(peaks.removeLast(), hash)
        }
        peaks.append(hash)
        size += 1
    }

    /// The root over all leaves so far.
    public var root: Digest {
        guard var hash = peaks.last else { return MerkleHash.empty }
        for peak in peaks.dropLast().reversed() { hash = MerkleHash.node(peak, hash) }
        return hash
    }
}
