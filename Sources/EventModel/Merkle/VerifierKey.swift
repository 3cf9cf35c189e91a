import Crypto

/// A public key with its name, as signed notes know it (C2SP signed-note, "vkey").
///
/// Its text is `name+hash+key`: 8 hexadecimal digits of the key id, and base64 of a byte for the
/// algorithm and the key. The only algorithm is Ed25519, 01.
public struct VerifierKey: Sendable, Hashable, CustomStringConvertible {
    /// The byte that says Ed25519 (RFC 8032).
    static let ed25519: UInt8 = 1

    /// Whose key it is; for a log, its origin.
    public let name: String
    /// The first four bytes of SHA-256 of the name, a newline, the algorithm and the key.
    public let id: UInt32
    /// The 32 bytes of the Ed25519 key.
    public let publicKey: [UInt8]

    /// Makes a key; nil if the name or the key has not the right form.
    public init?(name: String, publicKey: [UInt8]) {
        guard Self.isName(name[...]), publicKey.count == 32 else { return nil }
        self.name = name
        self.publicKey = publicKey
        id = Self.id(name: name, key: [Self.ed25519] + publicKey)
    }

    /// Reads `name+hash+key`.
    ///
    /// - Throws: ``ProofError`` `.badKey` that says what is wrong.
    public init(text: String) throws(ProofError) {
        let parts = text.split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, Self.isName(parts[0]) else {
            throw ProofError(.badKey, "'\(text)' is no verifier key; it must be name+hash+key")
        }
        guard parts[1].utf8.count == 8, parts[1].utf8.allSatisfy({ Hexadecimal.digit($0) != nil }),
            let id = UInt32(parts[1], radix: 16)
        else { throw ProofError(.badKey, "the hash in '\(text)' is not 8 hexadecimal digits") }
        guard let key = StandardBase64.decode(parts[2]), let algorithm = key.first else {
            throw ProofError(.badKey, "the key in '\(text)' is no base64")
        }
        guard id == Self.id(name: String(parts[0]), key: key) else {
            throw ProofError(.badKey, "the hash in '\(text)' does not fit its name and key")
        }
        guard algorithm == Self.ed25519, key.count == 33 else {
            throw ProofError(.badKey, "'\(text)' is no Ed25519 key; no other kind is known here")
        }
        name = String(parts[0])
        publicKey = Array(key.dropFirst())
        self.id = id
    }

    /// The key as text, which ``init(text:)`` reads.
    public var text: String {
        let key = StandardBase64.encode([Self.ed25519] + publicKey)
        return "\(name)+\(Self.hexadecimal(id))+\(key)"
    }

    public var description: String { text }

    /// Whether a signature of 64 bytes is this key's over the message.
    public func isValid(_ signature: [UInt8], over message: [UInt8]) -> Bool {
        guard signature.count == 64,
            let key = try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey)
        else { return false }
        return key.isValidSignature(signature, for: message)
    }

    static func id(name: String, key: [UInt8]) -> UInt32 {
        Digest.sha256(Array(name.utf8) + [0x0A] + key).bytes.prefix(4)
            .reduce(0) { $0 << 8 | UInt32($1) }
    }

    static func hexadecimal(_ id: UInt32) -> String {
        var digits: [UInt8] = []
        for shift in [24, 16, 8, 0] as [UInt32] {
            Hexadecimal.append(UInt8(truncatingIfNeeded: id >> shift), to: &digits)
        }
        return String(decoding: digits, as: UTF8.self)
    }

    /// Whether a text can name a key: not empty, no space of any kind, no plus, no control
    /// character.
    public static func isName(_ text: some StringProtocol) -> Bool {
        !text.isEmpty
            && text.unicodeScalars.allSatisfy {
                !$0.properties.isWhitespace && $0 != "+" && $0.value >= 0x20
            }
    }
}
