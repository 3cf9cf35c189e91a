/// Why an event cannot be stored, or stored bytes are no event.
public struct EventRecordError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of mistake it is.
    public enum Code: String, Sendable, Hashable {
        /// A field round the data breaks its rule.
        case envelope
        /// The record is, or would be, larger than allowed.
        case tooLarge = "too_large"
        /// The data is nested too deep or holds something that cannot be stored.
        case data
        /// The bytes are not as many as the frame says.
        case length
        /// The bytes are not those that were written.
        case checksum
        /// The record is of a format that this version does not know.
        case format
        /// The bytes hold their checksum but are not the canonical form.
        case encoding
    }

    /// What kind of mistake it is.
    public var code: Code
    /// What is wrong, in words.
    public var message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { message }
}
