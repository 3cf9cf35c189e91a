/// Checks proofs, by the algorithms of RFC 9162 sections 2.1.3.2 and 2.1.4.2.
public enum MerkleVerifier {
    /// Whether a leaf is in a tree.
    ///
    /// - Parameters:
    ///   - leafHash: the hash of the leaf.
    ///   - index: its place, counted from 0.
    ///   - size: how many leaves the tree has.
    ///   - proof: the hashes that lead to the root, those next to the leaf first.
    ///   - root: the tree's root.
    public static func isIncluded(
        _ leafHash: Digest,
        index: UInt64,
        size: UInt64,
        proof: [Digest],
        root: Digest
    ) -> Bool {
        guard index < size else { return false }
        var first = index
        var last = size - 1
        var hash = leafHash
        for sibling in proof {
            if last == 0 { return false }
            if first & 1 == 1 || first == last {
                hash = MerkleHash.node(sibling, hash)
                while first & 1 == 0, first != 0 {
                    first >>= 1
                    last >>= 1
                }
            } else {
                hash = MerkleHash.node(hash, sibling)
            }
            first >>= 1
            last >>= 1
        }
        return last == 0 && hash == root
    }

    /// Whether a tree is the beginning of a larger one.
    ///
    /// An empty tree is the beginning of every tree, which says nothing, so there is no proof from
    /// size 0 and none is accepted, even between equal roots.
    ///
    /// - Parameters:
    ///   - first: how many leaves the smaller tree has.
    ///   - second: how many the larger one has.
    ///   - proof: as ``MerkleProver/consistency(from:to:)`` makes it; empty between equal sizes.
    ///   - firstRoot: the smaller tree's root.
    ///   - secondRoot: the larger tree's root.
    public static func isConsistent(
        from first: UInt64,
        to second: UInt64,
        proof: [Digest],
        firstRoot: Digest,
        secondRoot: Digest
    ) -> Bool {
        guard first > 0, first <= second else { return false }
        guard first < second else { return proof.isEmpty && firstRoot == secondRoot }
        var path = proof[...]
        if proof.isEmpty { return false }
        // The old tree is one node of the new one then, and its hash need not be sent.
        if first & (first - 1) == 0 { path = [firstRoot] + path }
        guard let start = path.popFirst() else { return false }
        var node = first - 1
        var last = second - 1
        while node & 1 == 1 {
            node >>= 1
            last >>= 1
        }
        var old = start
        var new = start
        for hash in path {
            if last == 0 { return false }
            if node & 1 == 1 || node == last {
                old = MerkleHash.node(hash, old)
                new = MerkleHash.node(hash, new)
                while node & 1 == 0, node != 0 {
                    node >>= 1
                    last >>= 1
                }
            } else {
                new = MerkleHash.node(new, hash)
            }
            node >>= 1
            last >>= 1
        }
        return last == 0 && old == firstRoot && new == secondRoot
    }

    /// Whether a leaf is in a tree, for hashes as they come from outside: each must be 32 bytes.
    public static func isIncluded(
        _ leafHash: [UInt8],
        index: UInt64,
        size: UInt64,
        proof: [[UInt8]],
        root: [UInt8]
    ) -> Bool {
        guard let leafHash = Digest(bytes: leafHash), let root = Digest(bytes: root),
            let proof = digests(proof)
        else { return false }
        return isIncluded(leafHash, index: index, size: size, proof: proof, root: root)
    }

    /// Whether a tree is the beginning of a larger one, for hashes as they come from outside: each
    /// must be 32 bytes.
    ///
    /// Between equal sizes nothing is hashed, so there the roots need only be the same.
    public static func isConsistent(
        from first: UInt64,
        to second: UInt64,
        proof: [[UInt8]],
        firstRoot: [UInt8],
        secondRoot: [UInt8]
    ) -> Bool {
        if first > 0, first == second { return proof.isEmpty && firstRoot == secondRoot }
        guard let firstRoot = Digest(bytes: firstRoot), let secondRoot = Digest(bytes: secondRoot),
            let proof = digests(proof)
        else { return false }
        return isConsistent(
            from: first,
            to: second,
            proof: proof,
            firstRoot: firstRoot,
            secondRoot: secondRoot
        )
    }

    private static func digests(_ proof: [[UInt8]]) -> [Digest]? {
        let digests = proof.compactMap { Digest(bytes: $0) }
        return digests.count == proof.count ? digests : nil
    }
}
