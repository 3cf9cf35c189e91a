/// Reads heads and leaves of CBOR; every byte is checked to be there before it is touched.
///
/// The buffer must outlive the reader; it is never kept.
struct CBORReader {
    let bytes: UnsafeRawBufferPointer
    var offset = 0
    /// Whether only the deterministic encoding of RFC 8949 section 4.2.1 is taken.
    let isStrict: Bool

    init(_ bytes: UnsafeRawBufferPointer, isStrict: Bool) {
        self.bytes = bytes
        self.isStrict = isStrict
    }

    var remainingCount: Int { bytes.count &- offset }

    /// Reads a head; one of indefinite length only if the reader is not strict.
    mutating func head() throws(CBORError) -> CBORHead {
        let start = offset
        guard offset < bytes.count else {
            throw CBORError(.truncated, at: start, "the bytes end where an item should begin")
        }
        let first = bytes[offset]
        offset &+= 1
        guard let major = CBORMajor(rawValue: first >> 5) else {
            throw CBORError(.malformed, at: start, "unknown major type")
        }
        let information = first & 0x1F
        var argument = UInt64(information)
        switch information {
        case 0..<24:
            break
        case 24:
            argument = try bigEndian(byteCount: 1)
            try checkShortest(major, argument, min: 24, at: start)
        case 25:
            argument = try bigEndian(byteCount: 2)
            try checkShortest(major, argument, min: 0x100, at: start)
        case 26:
            argument = try bigEndian(byteCount: 4)
            try checkShortest(major, argument, min: 0x1_0000, at: start)
        case 27:
            argument = try bigEndian(byteCount: 8)
            try checkShortest(major, argument, min: 0x1_0000_0000, at: start)
        case 31:
            argument = 0
            try checkIndefinite(major, at: start)
        default:
            let message = "additional information \(information) is reserved"
            throw CBORError(.malformed, at: start, message)
        }
        return CBORHead(
            major: major,
            information: information,
            argument: argument,
            offset: start
        )
    }

    /// The bytes of a string of definite length.
    mutating func content(_ head: CBORHead) throws(CBORError) -> UnsafeRawBufferPointer {
        guard head.argument <= UInt64(remainingCount) else {
            let message = "\(head.argument) bytes are announced, \(remainingCount) are left"
            throw CBORError(.truncated, at: head.offset, message)
        }
        let count = Int(head.argument)
        let start = offset
        offset &+= count
        return UnsafeRawBufferPointer(rebasing: bytes[start..<offset])
    }

    /// The text of a head of major type 3 with definite length.
    mutating func string(_ head: CBORHead) throws(CBORError) -> String {
        let content = try content(head)
        guard let text = String(strictUTF8: content) else {
            throw CBORError(.invalidUTF8, at: head.offset, "the text is not UTF-8")
        }
        return text
    }

    /// The number of elements of an array or map, which cannot exceed the bytes that are left.
    func count(_ head: CBORHead) throws(CBORError) -> Int {
        let bytesEach: UInt64 = head.major == .map ? 2 : 1
        guard head.argument <= UInt64(remainingCount) / bytesEach else {
            let message =
                "\(head.argument) elements are announced, \(remainingCount) bytes are left"
            throw CBORError(.truncated, at: head.offset, message)
        }
        return Int(head.argument)
    }

    /// The float of a head of major type 7 with additional information 25, 26 or 27.
    func float(_ head: CBORHead) throws(CBORError) -> Double {
        let value: Double
        switch head.information {
        case 25: value = HalfFloat.value(bits: UInt16(truncatingIfNeeded: head.argument))
        case 26: value = Double(Float(bitPattern: UInt32(truncatingIfNeeded: head.argument)))
        default: value = Double(bitPattern: head.argument)
        }
        if value.isNaN {
            guard !isStrict || (head.information == 25 && head.argument == 0x7E00) else {
                throw CBORError(.notDeterministic, at: head.offset, "a NaN must be f97e00")
            }
            return .nan
        }
        guard isStrict, head.information != 25 else { return value }
        let single = Float(value)
        let isShortest =
            head.information == 26
            ? HalfFloat.bits(exactly: single) == nil : Double(single) != value
        guard isShortest else {
            throw CBORError(.notDeterministic, at: head.offset, "the float is longer than needed")
        }
        return value
    }

    /// Fails if bytes are left.
    func finish() throws(CBORError) {
        guard remainingCount == 0 else {
            let message = "\(remainingCount) bytes follow the item"
            throw CBORError(.trailingBytes, at: offset, message)
        }
    }

    private mutating func bigEndian(byteCount: Int) throws(CBORError) -> UInt64 {
        guard remainingCount >= byteCount else {
            throw CBORError(.truncated, at: offset &- 1, "the bytes end inside a head")
        }
        var value: UInt64 = 0
        let end = offset &+ byteCount
        while offset < end {
            value = value &<< 8 | UInt64(bytes[offset])
            offset &+= 1
        }
        return value
    }

    private func checkShortest(
        _ major: CBORMajor,
        _ argument: UInt64,
        min: UInt64,
        at offset: Int
    ) throws(CBORError) {
        // Major type 7 holds floats, and simple values whose one-byte rule is another.
        guard isStrict, major != .simple, argument < min else { return }
        throw CBORError(.notDeterministic, at: offset, "the argument is longer than needed")
    }

    private func checkIndefinite(_ major: CBORMajor, at offset: Int) throws(CBORError) {
        switch major {
        case .unsigned, .negative, .tag:
            throw CBORError(.malformed, at: offset, "this type has no indefinite length")
        case .bytes, .text, .array, .map:
            guard !isStrict else {
                let message = "the length must be definite"
                throw CBORError(.notDeterministic, at: offset, message)
            }
        case .simple:
            break
        }
    }
}
