/// Why a proof, or a text that belongs to one, is not taken.
public struct ProofError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of failure it is.
    public enum Code: String, Sendable, Hashable {
        /// The text is not of its form.
        case malformed
        /// A signature by a known key does not fit the text: somebody changed one of them.
        case invalidSignature = "invalid_signature"
        /// None of the signatures is by a known key, so nothing can be said.
        case noVerifiableSignature = "no_verifiable_signature"
        /// The hashes do not lead to the signed root.
        case wrongProof = "wrong_proof"
        /// The key cannot be used.
        case badKey = "bad_key"
    }

    public var code: Code
    public var message: String

    /// Makes an error.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { message }
}
