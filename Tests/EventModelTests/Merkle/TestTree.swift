import EventModel

/// A tree in memory that knows every node by the definition of RFC 6962, for comparison.
struct TestTree: Sendable {
    let leaves: [Digest]

    init(_ leaves: [Digest]) { self.leaves = leaves }

    /// A tree whose leaves are the texts "leaf 0", "leaf 1" …
    init(count: Int) { leaves = (0..<count).map { MerkleHash.leaf(Array("leaf \($0)".utf8)) } }

    var prover: MerkleProver<Never> {
        MerkleProver { node in
            let first = Int(node.index) << node.level
            return Self.root(leaves[first..<first + 1 << node.level])
        }
    }

    /// The recursive definition.
    static func root(_ leaves: ArraySlice<Digest>) -> Digest {
        guard leaves.count > 1 else { return leaves.first ?? MerkleHash.empty }
        var half = 1
        while half * 2 < leaves.count { half *= 2 }
        let middle = leaves.startIndex + half
        return MerkleHash.node(root(leaves[..<middle]), root(leaves[middle...]))
    }
}
