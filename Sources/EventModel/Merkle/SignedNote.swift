/// A text with signatures (C2SP signed-note v1.0.0).
///
/// The text ends with a newline; after a blank line come the signatures, each a line of an em dash,
/// the key's name, and base64 of the key id and the signature. What is signed is the text with its
/// last newline.
public struct SignedNote: Sendable, Hashable {
    /// How many signature lines are read at the most, so that nobody can make a reader work for
    /// long.
    public static let signaturesMax = 100
    private static let mark = "\u{2014} "

    /// One signature line.
    public struct Signature: Sendable, Hashable {
        /// Whose key it claims to be.
        public let name: String
        /// The key id it claims.
        public let id: UInt32
        /// The bytes after the key id.
        public let bytes: [UInt8]

        var line: String {
            let id = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: self.id >> UInt32($0)) }
            return "\(SignedNote.mark)\(name) \(StandardBase64.encode(id + bytes))\n"
        }
    }

    /// What is signed; its last character is a newline.
    public let text: String
    /// The signatures in their order; nothing says yet that they are good.
    public let signatures: [Signature]

    /// Reads a note; no signature is checked.
    ///
    /// - Throws: ``ProofError`` `.malformed` that says what is wrong.
    public init(bytes: [UInt8]) throws(ProofError) {
        guard let message = bytes.withUnsafeBytes({ String(strictUTF8: $0) }) else {
            throw ProofError(.malformed, "the note is not UTF-8")
        }
        guard bytes.allSatisfy({ $0 >= 0x20 || $0 == 0x0A }) else {
            throw ProofError(.malformed, "the note has a control character")
        }
        // Bytes, not characters: a newline and what combines with it would be one character.
        let utf8 = message.utf8
        let newline = UInt8(ascii: "\n")
        guard
            let split = bytes.indices.dropLast().last(where: {
                bytes[$0] == newline && bytes[$0 + 1] == newline
            })
        else { throw ProofError(.malformed, "the note has no blank line before signatures") }
        guard bytes.count > split + 2, bytes.last == newline else {
            throw ProofError(.malformed, "the note does not end with a signature line")
        }
        let textEnd = utf8.index(utf8.startIndex, offsetBy: split + 1)
        let lines = bytes[(split + 2)...].dropLast().split(
            separator: newline,
            omittingEmptySubsequences: false
        )
        guard lines.count <= Self.signaturesMax else {
            throw ProofError(.malformed, "the note has more than \(Self.signaturesMax) signatures")
        }
        var signatures: [Signature] = []
        for line in lines { signatures.append(try Self.signature(line)) }
        text = String(message[..<textEnd])
        self.signatures = signatures
    }

    /// Reads a note that is a text.
    public init(_ text: String) throws(ProofError) { try self.init(bytes: Array(text.utf8)) }

    /// Signs a text.
    ///
    /// - Throws: ``ProofError`` `.malformed` if the text cannot be that of a note.
    public init(signing text: String, with keys: [SignerKey]) throws(ProofError) {
        let bytes = Array(text.utf8)
        guard bytes.last == 0x0A, bytes.allSatisfy({ $0 >= 0x20 || $0 == 0x0A }) else {
            throw ProofError(.malformed, "a note must end with a newline and have no other control")
        }
        self.text = text
        var signatures: [Signature] = []
        for key in keys {
            let signature = try key.signature(over: bytes)
            signatures.append(
                Signature(name: key.name, id: key.verifier.id, bytes: signature)
            )
        }
        self.signatures = signatures
    }

    /// The whole note.
    public var message: String { text + "\n" + signatures.map(\.line).joined() }

    /// Checks the signatures of known keys; those of unknown keys are passed over.
    ///
    /// - Returns: the keys that signed, in the order of their lines, each once.
    /// - Throws: ``ProofError``: `.invalidSignature` if one by a known key is wrong,
    ///   `.noVerifiableSignature` if there is none by a known key.
    public func verified(by keys: [VerifierKey]) throws(ProofError) -> [VerifierKey] {
        var verified: [VerifierKey] = []
        let bytes = Array(text.utf8)
        for signature in signatures {
            let known = keys.filter { $0.name == signature.name && $0.id == signature.id }
            guard let key = known.first else { continue }
            guard known.allSatisfy({ $0 == key }) else {
                throw ProofError(.badKey, "two different keys have the id of \(key.text)")
            }
            if verified.contains(key) { continue }
            guard key.isValid(signature.bytes, over: bytes) else {
                throw ProofError(
                    .invalidSignature,
                    "the signature of \(key.text) does not fit the text: one of them was changed"
                )
            }
            verified.append(key)
        }
        guard !verified.isEmpty else {
            let names = signatures.map { "\($0.name)+\(VerifierKey.hexadecimal($0.id))" }
            throw ProofError(
                .noVerifiableSignature,
                "none of the keys at hand has signed it, but: \(names.joined(separator: ", "))"
            )
        }
        return verified
    }

    private static func signature(_ line: ArraySlice<UInt8>) throws(ProofError) -> Signature {
        let shown = String(decoding: line.prefix(80), as: UTF8.self)
        let mark = Array(Self.mark.utf8)
        guard line.starts(with: mark) else {
            throw ProofError(.malformed, "'\(shown)' is no signature line")
        }
        let parts = line.dropFirst(mark.count).split(
            separator: UInt8(ascii: " "),
            maxSplits: 1,
            omittingEmptySubsequences: false
        )
        guard parts.count == 2 else {
            throw ProofError(.malformed, "'\(shown)' has no signature")
        }
        let name = String(decoding: parts[0], as: UTF8.self)
        guard VerifierKey.isName(name) else {
            throw ProofError(.malformed, "'\(shown)' names no key")
        }
        guard let content = StandardBase64.decode(String(decoding: parts[1], as: UTF8.self)),
            content.count >= 5
        else {
            throw ProofError(.malformed, "'\(shown)' does not end with base64 of a signature")
        }
        let id = content.prefix(4).reduce(0 as UInt32) { $0 << 8 | UInt32($1) }
        return Signature(name: name, id: id, bytes: Array(content.dropFirst(4)))
    }
}
