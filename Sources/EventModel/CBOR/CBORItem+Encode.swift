extension CBORItem {
    /// The one deterministic encoding (RFC 8949 section 4.2.1), each NaN as `f97e00`.
    ///
    /// Two equal keys in a map, or a simple value that has a case of its own, are the caller's mistake
    /// and give bytes that ``decode(_:mode:)`` refuses.
    public func encode() -> [UInt8] {
        var writer = CBORWriter()
        write(to: &writer)
        return writer.bytes
    }

    func write(to writer: inout CBORWriter) {
        switch self {
        case .unsigned(let value): writer.head(.unsigned, value)
        case .negative(let value): writer.head(.negative, value)
        case .bignum(let isNegative, let bytes):
            CBORItem.writeBignum(isNegative: isNegative, bytes, to: &writer)
        case .bytes(let value): writer.byteString(value)
        case .text(let value): writer.string(value)
        case .array(let items):
            writer.head(.array, UInt64(items.count))
            for item in items { item.write(to: &writer) }
        case .map(let members): CBORItem.writeMap(members, to: &writer)
        case .tag(let number, let content):
            writer.head(.tag, number)
            content.write(to: &writer)
        case .bool(let value): writer.bool(value)
        case .null: writer.null()
        case .undefined: writer.byte(0xF7)
        case .simple(let value): writer.head(.simple, UInt64(value))
        case .float(let value): writer.float(value)
        }
    }

    private static func writeBignum(
        isNegative: Bool,
        _ bytes: [UInt8],
        to writer: inout CBORWriter
    ) {
        switch integer(isNegative: isNegative, bigEndian: bytes) {
        case .bignum(_, let significant):
            writer.head(.tag, isNegative ? CBORTag.negativeBignum : CBORTag.unsignedBignum)
            writer.byteString(significant)
        case let small:
            small.write(to: &writer)
        }
    }

    private static func writeMap(_ members: [Member], to writer: inout CBORWriter) {
        writer.head(.map, UInt64(members.count))
        let encoded = members.map { (key: $0.key.encode(), value: $0.value) }
        for member in encoded.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            writer.append(member.key)
            member.value.write(to: &writer)
        }
    }
}
