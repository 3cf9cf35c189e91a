/// JSON text (RFC 8259) to and from ``Value``.
public enum JSON {
    /// How text is laid out.
    public enum Layout: Sendable, Hashable {
        /// One line, no spaces.
        case compact
        /// One member a line, indented by two spaces.
        case pretty
    }

    /// Reads one JSON text.
    ///
    /// Whole numbers become ints, or uints above `Int64.max`, all others doubles. Refused are: bytes
    /// that are not UTF-8, a key that comes twice, half a surrogate pair, a number beyond a double's
    /// range, and nesting deeper than ``Limits/nestingDepthMax``.
    ///
    /// - Throws: ``JSONError`` with line and column of the first mistake.
    public static func parse(_ text: String) throws(JSONError) -> Value {
        var text = text
        return try text.withUTF8 { read(UnsafeRawBufferPointer($0)) }.get()
    }

    /// Reads one JSON text from its UTF-8 bytes; a byte order mark is refused.
    ///
    /// - Throws: ``JSONError`` with line and column of the first mistake.
    public static func parse(bytes: [UInt8]) throws(JSONError) -> Value {
        try bytes.withUnsafeBytes { read($0) }.get()
    }

    /// Writes a value; the same value always gives the same text.
    ///
    /// Members stand in the map's own order. A timestamp is an RFC 3339 string, a duration an ISO 8601
    /// string, bytes are a base64url string without padding; keys that are no texts become texts.
    ///
    /// - Throws: ``JSONError`` for NaN, an infinity, or two keys that become the same text.
    public static func text(
        _ value: Value,
        layout: Layout = .compact
    ) throws(JSONError) -> String {
        String(decoding: try bytes(value, layout: layout), as: UTF8.self)
    }

    /// Writes a value as UTF-8 bytes, see ``text(_:layout:)``.
    ///
    /// - Throws: ``JSONError`` for NaN, an infinity, or two keys that become the same text.
    public static func bytes(
        _ value: Value,
        layout: Layout = .compact
    ) throws(JSONError) -> [UInt8] {
        var writer = JSONWriter(layout: layout)
        try writer.value(value, depth: 0)
        return writer.bytes
    }

    private static func read(_ bytes: UnsafeRawBufferPointer) -> Result<Value, JSONError> {
        var reader = JSONReader(bytes)
        do throws(JSONError) {
            return .success(try reader.document())
        } catch {
            return .failure(error)
        }
    }
}
