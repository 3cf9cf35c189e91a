/// Why bytes are not the CBOR that was asked for, and where.
public struct CBORError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of mistake it is.
    public enum Code: String, Sendable, Hashable {
        /// The bytes end before the item does.
        case truncated
        /// Bytes follow the item.
        case trailingBytes = "trailing_bytes"
        /// A head, a simple value or a chunk that RFC 8949 does not allow.
        case malformed
        /// Well-formed, but not the one encoding that section 4.2.1 allows.
        case notDeterministic = "not_deterministic"
        /// A text that is not UTF-8.
        case invalidUTF8 = "invalid_utf8"
        /// A map with two equal keys.
        case duplicateKey = "duplicate_key"
        /// A tag over something that it cannot stand for.
        case tagContent = "tag_content"
        /// Nested deeper than ``Limits/nestingDepthMax``.
        case depthLimit = "depth_limit"
        /// Good CBOR that ``Value`` has no case for.
        case unsupported
    }

    /// What kind of mistake it is.
    public var code: Code
    /// The byte, from 0, where the part that is wrong begins.
    public var offset: Int
    /// What is wrong, in words.
    public var reason: String

    init(_ code: Code, at offset: Int, _ reason: String) {
        self.code = code
        self.offset = offset
        self.reason = reason
    }

    public var description: String { "CBOR byte \(offset): \(reason)" }
}
