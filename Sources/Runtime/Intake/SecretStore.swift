import EventModel

/// Keeps what must never enter the log; the log holds references of the form `secret://<name>/<id>`.
public protocol SecretStore: Sendable {
    /// Keeps a secret, durably, before it returns.
    ///
    /// A reference that is known keeps its first secret, so that a repeated delivery changes nothing.
    ///
    /// - Throws: ``SecretError``.
    func keep(_ secret: [UInt8], under reference: SecretReference) async throws(SecretError)

    /// The secret of a reference, or nil if there is none.
    ///
    /// - Throws: ``SecretError`` if it cannot be read or was changed.
    func secret(_ reference: SecretReference) async throws(SecretError) -> [UInt8]?

    /// Destroys a secret, for good; one that is not there is fine.
    ///
    /// - Throws: ``SecretError``.
    func forget(_ reference: SecretReference) async throws(SecretError)
}

/// The name of a secret, as the log holds it: `secret://payment_info/018f…`.
public struct SecretReference: Sendable, Hashable, CustomStringConvertible {
    /// What it is, such as `payment_info`.
    ///
    /// Lower-case letters, digits, `_`, `.` and `-`, 1 to 80 bytes.
    public let name: String
    /// Which one it is; the same letters.
    public let identifier: String

    /// Makes a reference; nil if a part is empty, too long or has other letters.
    public init?(name: String, identifier: String) {
        guard SecretReference.isPart(name), SecretReference.isPart(identifier) else { return nil }
        self.name = name
        self.identifier = identifier
    }

    /// Reads `secret://<name>/<identifier>`; nil if the text is no such thing.
    public init?(_ text: String) {
        guard text.hasPrefix("secret://") else { return nil }
        let parts = text.dropFirst(9).split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        self.init(name: String(parts[0]), identifier: String(parts[1]))
    }

    public var description: String { "secret://\(name)/\(identifier)" }

    /// The references that stand anywhere in a value.
    static func all(in value: Value) -> [SecretReference] {
        switch value {
        case .string(let text): return SecretReference(text).map { [$0] } ?? []
        case .list(let elements): return elements.flatMap(all)
        case .map(let map): return map.entries.flatMap { all(in: $0.value) }
        case .null, .bool, .int, .uint, .double, .bytes, .timestamp, .duration: return []
        }
    }

    private static func isPart(_ text: String) -> Bool {
        let marks: Set<UInt8> = [UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: ".")]
        // A leading dot would make `..` or a hidden file out of a name.
        guard (1...80).contains(text.utf8.count), text.utf8.first != UInt8(ascii: ".") else {
            return false
        }
        return text.utf8.allSatisfy { byte in
            (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || marks.contains(byte)
        }
    }
}

/// Why a secret could not be kept or read; never holds a secret.
public struct SecretError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of failure it is.
    public enum Code: String, Sendable, Hashable {
        /// The key is not 32 bytes.
        case badKey = "bad_key"
        /// The operating system refused.
        case inputOutput = "input_output"
        /// The stored bytes were changed, or belong to another key.
        case damaged
    }

    public var code: Code
    public var message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { message }
}
