/// Makes proofs (RFC 6962 sections 2.1.1 and 2.1.2) from the hashes of complete nodes.
public struct MerkleProver<Failure: Error> {
    /// Finds the hash of a node whose leaves are all within the tree.
    public typealias Source = (MerkleNode) throws(Failure) -> Digest

    private let hash: Source

    /// Makes proofs with what a closure finds.
    public init(_ hash: @escaping Source) { self.hash = hash }

    /// The root over the first `size` leaves.
    public func root(size: UInt64) throws(Failure) -> Digest {
        size == 0 ? MerkleHash.empty : try root(of: 0..<size)
    }

    /// The hashes that lead from a leaf to the root, those next to the leaf first.
    ///
    /// - Parameters:
    ///   - index: the leaf, counted from 0; must be less than the size.
    ///   - size: how many leaves the tree has.
    public func inclusion(index: UInt64, size: UInt64) throws(Failure) -> [Digest] {
        invariant(index < size, "leaf \(index) is not in a tree of \(size)")
        var range = 0..<size
        var siblings: [Range<UInt64>] = []
        while range.count > 1 {
            let middle = range.lowerBound + largestPower(below: range.upperBound - range.lowerBound)
            if index < middle {
                siblings.append(middle..<range.upperBound)
                range = range.lowerBound..<middle
            } else {
                siblings.append(range.lowerBound..<middle)
                range = middle..<range.upperBound
            }
        }
        var proof: [Digest] = []
        for sibling in siblings.reversed() { proof.append(try root(of: sibling)) }
        return proof
    }

    /// The hashes that show the tree of `first` leaves to be the beginning of the tree of `second`.
    ///
    /// - Parameters:
    ///   - first: the smaller size, at least 1; there is nothing to prove from an empty tree.
    ///   - second: the larger size.
    public func consistency(
        from first: UInt64,
        to second: UInt64
    ) throws(Failure) -> [Digest] {
        invariant(first > 0 && first <= second, "no proof leads from \(first) to \(second)")
        var range = 0..<second
        var siblings: [Range<UInt64>] = []
        while range.upperBound != first {
            let middle = range.lowerBound + largestPower(below: range.upperBound - range.lowerBound)
            if first <= middle {
                siblings.append(middle..<range.upperBound)
                range = range.lowerBound..<middle
            } else {
                siblings.append(range.lowerBound..<middle)
                range = middle..<range.upperBound
            }
        }
        // Who has the old root has this one too, if it is the whole old tree.
        if range.lowerBound > 0 { siblings.append(range) }
        var proof: [Digest] = []
        for sibling in siblings.reversed() { proof.append(try root(of: sibling)) }
        return proof
    }

    private func root(of range: Range<UInt64>) throws(Failure) -> Digest {
        var hashes: [Digest] = []
        for node in MerkleNode.covering(range) { hashes.append(try hash(node)) }
        var root = hashes.removeLast()
        for hash in hashes.reversed() { root = MerkleHash.node(hash, root) }
        return root
    }

    /// The largest power of two that is less than a number of at least 2.
    private func largestPower(below number: UInt64) -> UInt64 {
        1 << UInt64(63 - (number - 1).leadingZeroBitCount)
    }
}
