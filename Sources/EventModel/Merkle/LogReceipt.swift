/// The proof that an event is in a log, complete in itself (C2SP tlog-proof, `.tlog-proof`).
///
/// Its text is `c2sp.org/tlog-proof@v1`, a line `extra` with base64 of the leaf, a line `index` with
/// the leaf's number, the hashes that lead to the root in base64, a blank line, and the signed
/// checkpoint.
public struct LogReceipt: Sendable, Hashable {
    /// How many hashes a proof can have, the size being less than 2^63.
    public static let proofHashesMax = 63
    private static let title = "c2sp.org/tlog-proof@v1"

    /// The content of the leaf, ours: a ``LeafRecord``; nil if the receipt does not carry it.
    public let extra: [UInt8]?
    /// The number of the leaf, from 0.
    public let index: UInt64
    /// The hashes that lead to the root, those next to the leaf first.
    public let proof: [Digest]
    /// The signed checkpoint.
    public let note: SignedNote

    /// Makes the receipt of an event.
    public init(leaf: LeafRecord, proof: [Digest], note: SignedNote) {
        extra = leaf.bytes
        index = leaf.position.value - 1
        self.proof = proof
        self.note = note
    }

    /// Reads a receipt; nothing is verified.
    ///
    /// - Throws: ``ProofError`` `.malformed` that says what is wrong, and in which line.
    public init(bytes: [UInt8]) throws(ProofError) {
        var rest = bytes[...]
        var number = 0
        func line() throws(ProofError) -> String {
            number += 1
            guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else {
                throw ProofError(.malformed, "the receipt ends in line \(number)")
            }
            let line = rest[..<end]
            rest = rest[(end + 1)...]
            return String(decoding: line, as: UTF8.self)
        }
        guard try line() == Self.title else {
            throw ProofError(.malformed, "line 1 of a receipt must be '\(Self.title)'")
        }
        var next = try line()
        var extra: [UInt8]?
        if next.hasPrefix("extra ") {
            extra = StandardBase64.decode(next.dropFirst(6))
            guard extra != nil else {
                throw ProofError(.malformed, "line \(number): 'extra' is no base64")
            }
            next = try line()
        }
        guard next.hasPrefix("index "), let index = Checkpoint.size(next.dropFirst(6)) else {
            throw ProofError(.malformed, "line \(number) must be 'index' and a number")
        }
        var proof: [Digest] = []
        next = try line()
        while !next.isEmpty {
            guard let hash = StandardBase64.decode(next).flatMap({ Digest(bytes: $0) }) else {
                throw ProofError(.malformed, "line \(number) is no hash of 32 bytes in base64")
            }
            proof.append(hash)
            guard proof.count <= Self.proofHashesMax else {
                throw ProofError(.malformed, "more than \(Self.proofHashesMax) hashes are no proof")
            }
            next = try line()
        }
        self.extra = extra
        self.index = index
        self.proof = proof
        note = try SignedNote(bytes: Array(rest))
    }

    /// The receipt's text.
    public var text: String {
        var lines = [Self.title]
        if let extra { lines.append("extra \(StandardBase64.encode(extra))") }
        lines.append("index \(index)")
        lines += proof.map { StandardBase64.encode($0.bytes) }
        return lines.map { $0 + "\n" }.joined() + "\n" + note.message
    }

    /// What a verified receipt says.
    public struct Verdict: Sendable, Hashable {
        /// The event's place and the digest of its stored record.
        public let leaf: LeafRecord
        /// The checkpoint that holds it.
        public let checkpoint: Checkpoint
        /// The keys whose signatures were checked.
        public let keys: [VerifierKey]
    }

    /// Verifies everything: signatures, checkpoint, and the way from the leaf to the root.
    ///
    /// - Parameters:
    ///   - keys: the keys that are trusted; one named like the checkpoint's origin must have signed.
    ///   - leaf: the leaf, if the receipt does not carry it.
    /// - Throws: ``ProofError`` that says what does not fit.
    public func verify(
        keys: [VerifierKey],
        leaf given: LeafRecord? = nil
    ) throws(ProofError) -> Verdict {
        let signers = try note.verified(by: keys)
        let checkpoint = try Checkpoint(text: note.text)
        guard signers.contains(where: { $0.name == checkpoint.origin }) else {
            throw ProofError(
                .noVerifiableSignature,
                "no key of the log '\(checkpoint.origin)' itself has signed the checkpoint"
            )
        }
        guard let leaf = given ?? extra.flatMap({ LeafRecord(bytes: $0) }) else {
            throw ProofError(.malformed, "the receipt carries no leaf of this log's form")
        }
        guard leaf.position.value == index + 1 else {
            throw ProofError(
                .wrongProof,
                "the leaf is that of event \(leaf.position), the index that of event \(index + 1)"
            )
        }
        if let extra, extra != leaf.bytes {
            throw ProofError(.wrongProof, "the receipt carries another leaf than the event's")
        }
        guard
            MerkleVerifier.isIncluded(
                leaf.hash,
                index: index,
                size: checkpoint.size,
                proof: proof,
                root: checkpoint.root
            )
        else {
            throw ProofError(
                .wrongProof,
                "the hashes do not lead from event \(leaf.position) to the root that was signed"
            )
        }
        return Verdict(leaf: leaf, checkpoint: checkpoint, keys: signers)
    }
}
