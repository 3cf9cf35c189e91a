/// A node above 2^level leaves that are all there, counted from the left.
///
/// Its hash never changes again, so these are the nodes that can be kept.
public struct MerkleNode: Sendable, Hashable {
    /// 0 is a leaf.
    public var level: Int
    /// How many nodes of its level lie before it.
    public var index: UInt64

    /// Names a node.
    public init(level: Int, index: UInt64) {
        self.level = level
        self.index = index
    }

    /// The complete nodes that together cover a range of leaves as a tree of its own would, the
    /// largest first.
    ///
    /// The range must begin where a subtree of its length can begin, as the ranges of proofs do.
    static func covering(_ range: Range<UInt64>) -> [MerkleNode] {
        var nodes: [MerkleNode] = []
        var start = range.lowerBound
        while start < range.upperBound {
            let level = 63 - (range.upperBound - start).leadingZeroBitCount
            nodes.append(MerkleNode(level: level, index: start >> UInt64(level)))
            start += 1 << UInt64(level)
        }
        return nodes
    }

    /// The nodes whose hashes are the peaks of a tree: see ``CompactRange/peaks``.
    public static func peaks(ofSize size: UInt64) -> [MerkleNode] { covering(0..<size) }
}
