/// The major types of RFC 8949 section 3.1.
enum CBORMajor: UInt8 {
    case unsigned = 0
    case negative = 1
    case bytes = 2
    case text = 3
    case array = 4
    case map = 5
    case tag = 6
    case simple = 7
}

/// The first bytes of an item: its major type and its argument.
struct CBORHead {
    var major: CBORMajor
    /// The low five bits of the first byte.
    var information: UInt8
    /// The value of the argument; 0 if the length is indefinite.
    var argument: UInt64
    /// Where the head begins.
    var offset: Int

    /// Whether the length is open, or this is a break.
    var isIndefinite: Bool { information == 31 }
    /// Whether this is the end of an item of indefinite length.
    var isBreak: Bool { isIndefinite && major == .simple }
}

/// The tags that Daybook writes or understands.
enum CBORTag {
    /// RFC 3339 text (RFC 8949 section 3.4.1).
    static let dateTimeText: UInt64 = 0
    /// Seconds since 1970 (RFC 8949 section 3.4.2).
    static let epochSeconds: UInt64 = 1
    /// A natural number of any size (RFC 8949 section 3.4.3).
    static let unsignedBignum: UInt64 = 2
    /// -1 minus a natural number of any size (RFC 8949 section 3.4.3).
    static let negativeBignum: UInt64 = 3
    /// A map of an instant's parts (RFC 9581 section 3).
    static let extendedTime: UInt64 = 1001
    /// A map of a duration's parts (RFC 9581 section 4).
    static let duration: UInt64 = 1002
    /// Daybook's own, unregistered: the letters UINT.
    ///
    /// See ``Value/canonicalBytes``.
    static let unsignedInteger: UInt64 = 0x5549_4E54
}
