import EventModel
import Testing

@Suite struct ReceiptTests {
    let key: SignerKey
    let receipt: LogReceipt

    init() throws {
        key = try SignerKey(name: "log.example/one", seed: Array(0..<32))
        let leaves = (1...11).map { Self.leaf($0) }
        let prover = TestTree(leaves.map(\.hash)).prover
        let checkpoint = Checkpoint(origin: key.name, size: 11, root: prover.root(size: 11))
        let note = try SignedNote(signing: checkpoint.text, with: [key])
        let proof = prover.inclusion(index: 6, size: 11)
        receipt = LogReceipt(leaf: leaves[6], proof: proof, note: note)
    }

    private static func leaf(_ position: Int) -> LeafRecord {
        LeafRecord(
            position: Position(UInt64(position)),
            recordDigest: Digest.sha256([UInt8(position)])
        )
    }

    @Test func aReceiptIsReadAndVerified() throws {
        let read = try LogReceipt(bytes: Array(receipt.text.utf8))
        #expect(read == receipt)
        let verdict = try read.verify(keys: [key.verifier])
        #expect(verdict.leaf == Self.leaf(7))
        #expect(verdict.checkpoint.size == 11)
        #expect(verdict.keys == [key.verifier])
    }

    /// Every byte of the receipt, flipped in three ways.
    @Test func everyByteCounts() throws {
        let bytes = Array(receipt.text.utf8)
        var taken: [Int] = []
        for index in bytes.indices {
            for mask in [1, 0x20, 0x80] as [UInt8] {
                var changed = bytes
                changed[index] ^= mask
                let verdict = try? LogReceipt(bytes: changed).verify(keys: [key.verifier])
                if verdict != nil { taken.append(index) }
            }
        }
        #expect(taken.isEmpty, "\(taken)")
    }

    @Test func noLineCanBeLeftOutOrRepeated() throws {
        let lines = receipt.text.split(separator: "\n", omittingEmptySubsequences: false)
        var taken: [String] = []
        for index in lines.indices.dropLast() {
            for isRepeated in [false, true] {
                var changed = lines
                if isRepeated {
                    changed.insert(changed[index], at: index)
                } else {
                    changed.remove(at: index)
                }
                let text = Array(changed.joined(separator: "\n").utf8)
                guard (try? LogReceipt(bytes: text).verify(keys: [key.verifier])) != nil else {
                    continue
                }
                taken.append("\(isRepeated ? "repeated" : "without"): \(lines[index])")
            }
        }
        // A repeated signature is the same signature, and the form lets 'extra' be left out: but
        // then the leaf must come from elsewhere.
        let signature = String(lines[lines.count - 2])
        #expect(taken == ["repeated: \(signature)"])
    }

    @Test func everyCutIsNoticed() {
        let bytes = Array(receipt.text.utf8)
        let taken = bytes.indices.filter {
            (try? LogReceipt(bytes: Array(bytes[..<$0])).verify(keys: [key.verifier])) != nil
        }
        #expect(taken.isEmpty)
    }

    @Test func anotherKeySaysNothing() throws {
        let other = try SignerKey(name: key.name, seed: Array(1..<33))
        let error = failure { () throws(ProofError) in try receipt.verify(keys: [other.verifier]) }
        #expect(error?.code == .noVerifiableSignature)
        // A witness alone does not make a checkpoint the log's.
        let witness = try SignerKey(name: "witness.example", seed: Array(2..<34))
        let note = try SignedNote(signing: receipt.note.text, with: [witness])
        let witnessed = LogReceipt(leaf: Self.leaf(7), proof: receipt.proof, note: note)
        #expect(
            failure { () throws(ProofError) in try witnessed.verify(keys: [witness.verifier]) }?
                .code
                == .noVerifiableSignature
        )
    }

    @Test func anotherLeafIsRefused() throws {
        #expect(
            failure { () throws(ProofError) in
                try receipt.verify(keys: [key.verifier], leaf: Self.leaf(8))
            }?.code
                == .wrongProof
        )
    }

    private func failure(_ body: () throws(ProofError) -> LogReceipt.Verdict) -> ProofError? {
        do throws(ProofError) {
            _ = try body()
            return nil
        } catch {
            return error
        }
    }
}
