import Crypto

/// A private key with its name, which signs notes.
///
/// Its text is that of Go's `sumdb/note`: `PRIVATE+KEY+name+hash+key`, where the key is base64 of
/// 01 and the 32 bytes of the Ed25519 seed.
public struct SignerKey: Sendable {
    private static let title = "PRIVATE+KEY+"

    /// The key that verifies what this one signs.
    public let verifier: VerifierKey
    private let seed: [UInt8]

    /// The key's name; for a log, its origin.
    public var name: String { verifier.name }

    /// Makes a key of 32 random bytes.
    ///
    /// - Throws: ``ProofError`` `.badKey` if the name cannot be one or the seed has another length.
    public init(name: String, seed: [UInt8]) throws(ProofError) {
        guard seed.count == 32,
            let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed)
        else { throw ProofError(.badKey, "the seed of a key must be 32 bytes, not \(seed.count)") }
        let publicKey = Array(key.publicKey.rawRepresentation)
        guard let verifier = VerifierKey(name: name, publicKey: publicKey) else {
            throw ProofError(
                .badKey,
                "'\(name)' cannot name a key: no spaces and no '+'; write it like example.org/log"
            )
        }
        self.verifier = verifier
        self.seed = seed
    }

    /// Reads `PRIVATE+KEY+name+hash+key`; the messages never show the key.
    ///
    /// - Throws: ``ProofError`` `.badKey` that says what is wrong.
    public init(text: String) throws(ProofError) {
        let parts = text.split(separator: "+", maxSplits: 4, omittingEmptySubsequences: false)
        guard parts.count == 5, text.hasPrefix(Self.title),
            let key = StandardBase64.decode(parts[4]), key.count == 33,
            key.first == VerifierKey.ed25519
        else {
            throw ProofError(.badKey, "this is no Ed25519 signer key: PRIVATE+KEY+name+hash+key")
        }
        try self.init(name: String(parts[2]), seed: Array(key.dropFirst()))
        guard parts[3] == VerifierKey.hexadecimal(verifier.id) else {
            throw ProofError(.badKey, "the hash in the signer key does not fit its name and key")
        }
    }

    /// The key as text, which ``init(text:)`` reads: a secret.
    public var text: String {
        let key = StandardBase64.encode([VerifierKey.ed25519] + seed)
        return "\(Self.title)\(name)+\(VerifierKey.hexadecimal(verifier.id))+\(key)"
    }

    /// The Ed25519 signature over a message, 64 bytes; the same message gives the same bytes.
    public func signature(over message: [UInt8]) throws(ProofError) -> [UInt8] {
        do {
            let key = try Curve25519.Signing.PrivateKey(rawRepresentation: seed)
            return Array(try key.signature(for: message))
        } catch {
            throw ProofError(.badKey, "the key \(verifier.text) cannot sign: \(error)")
        }
    }
}
