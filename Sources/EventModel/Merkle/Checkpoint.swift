/// What a signed tree head says (C2SP tlog-checkpoint v1.0.0): this log had this root at this size.
///
/// The text is a line with the origin, one with the size in decimal, one with the root in base64,
/// and any number of extension lines.
public struct Checkpoint: Sendable, Hashable {
    /// Which log it is about; also the name of its key.
    public let origin: String
    /// How many leaves the tree has, less than 2^63.
    public let size: UInt64
    /// The tree's root.
    public let root: Digest
    /// Further lines, none of them empty.
    public let extensions: [String]

    /// Makes a checkpoint.
    public init(origin: String, size: UInt64, root: Digest, extensions: [String] = []) {
        self.origin = origin
        self.size = size
        self.root = root
        self.extensions = extensions
    }

    /// Reads the text of a checkpoint.
    ///
    /// - Throws: ``ProofError`` `.malformed` that says what is wrong.
    public init(text: String) throws(ProofError) {
        // Bytes, not characters: a carriage return and a newline would be one character.
        let bytes = Array(text.utf8)
        let lines = bytes.dropLast()
            .split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard bytes.last == UInt8(ascii: "\n"), lines.count >= 3 else {
            throw ProofError(.malformed, "a checkpoint needs three lines, each ended by a newline")
        }
        guard bytes.allSatisfy({ $0 >= 0x20 || $0 == UInt8(ascii: "\n") }) else {
            throw ProofError(.malformed, "the checkpoint has a control character")
        }
        guard lines.allSatisfy({ !$0.isEmpty }) else {
            throw ProofError(.malformed, "the checkpoint has an empty line")
        }
        guard let size = Self.size(lines[1]) else {
            throw ProofError(
                .malformed,
                "the checkpoint's size is '\(lines[1])', no decimal number below 2^63"
            )
        }
        guard let root = StandardBase64.decode(lines[2]).flatMap({ Digest(bytes: $0) }) else {
            throw ProofError(.malformed, "the checkpoint's root is '\(lines[2])', not 32 bytes")
        }
        origin = lines[0]
        self.size = size
        self.root = root
        extensions = Array(lines[3...])
    }

    /// The checkpoint's text, which is what is signed.
    public var text: String {
        ([origin, String(size), StandardBase64.encode(root.bytes)] + extensions)
            .map { $0 + "\n" }.joined()
    }

    /// A size in decimal, without sign and leading zeros; nil if it is none.
    static func size(_ text: some StringProtocol) -> UInt64? {
        let digits = text.utf8
        guard let first = digits.first, digits.count <= 19,
            first != UInt8(ascii: "0") || digits.count == 1,
            digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let number = UInt64(text), number < 1 << 63
        else { return nil }
        return number
    }
}
