/// Any CBOR data item (RFC 8949 section 2), for bytes that others wrote.
///
/// Payloads do not go through it: they use ``Value/canonicalBytes`` directly.
public indirect enum CBORItem: Sendable {
    /// A non-negative integer.
    case unsigned(UInt64)
    /// The integer -1 minus the number.
    case negative(UInt64)
    /// An integer beyond 64 bits: the magnitude, or for a negative one -1 minus it, big-endian.
    case bignum(isNegative: Bool, [UInt8])
    case bytes([UInt8])
    case text(String)
    case array([CBORItem])
    /// Keys are unique; the order is that of the input.
    case map([Member])
    /// A tag and its content; tags 2 and 3 over bytes are read as integers instead.
    case tag(UInt64, CBORItem)
    case bool(Bool)
    case null
    case undefined
    /// A simple value that is not one of the above.
    case simple(UInt8)
    /// A float of any width; the payload of a NaN is not kept.
    case float(Double)

    /// One key of a map with its value.
    public struct Member: Sendable {
        /// The key, which can be any item.
        public var key: CBORItem
        /// The value.
        public var value: CBORItem

        /// Makes a member.
        public init(key: CBORItem, value: CBORItem) {
            self.key = key
            self.value = value
        }
    }

    /// How particular a reader is.
    public enum Mode: Sendable, Hashable {
        /// Anything that is well-formed and valid (RFC 8949 section 5.3.1).
        case lenient
        /// Only the deterministic encoding of section 4.2.1.
        case strict
    }

    /// Makes an integer from big-endian bytes of any length: the number, or -1 minus it.
    public static func integer(isNegative: Bool, bigEndian bytes: [UInt8]) -> CBORItem {
        let significant = Array(bytes.drop { $0 == 0 })
        guard significant.count <= 8 else {
            return .bignum(isNegative: isNegative, significant)
        }
        let argument = significant.reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
        return isNegative ? .negative(argument) : .unsigned(argument)
    }
}

/// Two items are equal if they have the same deterministic encoding: the order of a map's members does
/// not matter, texts that look alike differ, and a NaN equals itself.
extension CBORItem: Hashable {
    public static func == (left: CBORItem, right: CBORItem) -> Bool {
        left.encode() == right.encode()
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(encode()) }
}
