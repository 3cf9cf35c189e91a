import EventModel
import Testing

@Suite struct MerkleProofTests {
    static let sizes = Array(1...70) + [127, 128, 129, 255, 256, 257, 300]

    @Test(arguments: sizes)
    func growsToTheRootOfTheDefinition(size: Int) {
        let tree = TestTree(count: size)
        let range = tree.leaves.reduce(into: CompactRange()) { $0.append($1) }
        #expect(range.root == TestTree.root(tree.leaves[...]))
        #expect(range.root == tree.prover.root(size: UInt64(size)))
        #expect(CompactRange(size: range.size, peaks: range.peaks) == range)
        #expect(CompactRange(size: range.size, peaks: range.peaks + range.peaks) == nil)
    }

    @Test func anEmptyTreeHasTheHashOfNothing() {
        let hexadecimal = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        #expect(CompactRange().root.hexadecimal == hexadecimal)
        #expect(TestTree(count: 0).prover.root(size: 0).hexadecimal == hexadecimal)
    }

    @Test(arguments: 1...40)
    func everyLeafIsProved(size: Int) {
        let tree = TestTree(count: size)
        let prover = tree.prover
        let root = prover.root(size: UInt64(size))
        var mistakes: [String] = []
        for (number, leaf) in tree.leaves.enumerated() {
            let (index, size) = (UInt64(number), UInt64(size))
            let proof = prover.inclusion(index: index, size: size)
            func holds(_ leaf: Digest, _ index: UInt64, _ size: UInt64, _ proof: [Digest]) -> Bool {
                MerkleVerifier.isIncluded(leaf, index: index, size: size, proof: proof, root: root)
            }
            if !holds(leaf, index, size, proof) { mistakes.append("\(number): refused") }
            let other = MerkleHash.leaf([UInt8(number), 1, 2])
            if holds(other, index, size, proof) { mistakes.append("\(number): another leaf") }
            if holds(leaf, index + 1, size, proof) { mistakes.append("\(number): another index") }
            if holds(leaf, index, size, proof + [root]) { mistakes.append("\(number): longer") }
            if !proof.isEmpty, holds(leaf, index, size, Array(proof.dropLast())) {
                mistakes.append("\(number): shorter")
            }
        }
        #expect(mistakes.isEmpty, "\(mistakes)")
    }

    @Test(arguments: 1...40)
    func everyBeginningIsProved(size: Int) {
        let tree = TestTree(count: size)
        let prover = tree.prover
        let second = UInt64(size)
        let root = prover.root(size: second)
        var mistakes: [String] = []
        for first in 1...second {
            let firstRoot = prover.root(size: first)
            let proof = prover.consistency(from: first, to: second)
            func holds(_ first: UInt64, _ proof: [Digest], _ firstRoot: Digest) -> Bool {
                MerkleVerifier.isConsistent(
                    from: first,
                    to: second,
                    proof: proof,
                    firstRoot: firstRoot,
                    secondRoot: root
                )
            }
            if !holds(first, proof, firstRoot) { mistakes.append("\(first): refused") }
            if holds(first, proof + [root], firstRoot) { mistakes.append("\(first): longer") }
            if holds(first, proof, MerkleHash.empty) { mistakes.append("\(first): another root") }
            if holds(0, proof, MerkleHash.empty) { mistakes.append("\(first): from nothing") }
            for place in proof.indices {
                var changed = proof
                changed[place] = MerkleHash.empty
                if holds(first, changed, firstRoot) {
                    mistakes.append("\(first): \(place) changed")
                }
            }
        }
        #expect(mistakes.isEmpty, "\(mistakes)")
    }

    @Test(arguments: [1, 2, 4, 64, 256])
    func completeTreesAreHashedInPlace(count: Int) {
        let tree = TestTree(count: count)
        #expect(MerkleHash.completeRoot(of: tree.leaves) == TestTree.root(tree.leaves[...]))
    }
}
