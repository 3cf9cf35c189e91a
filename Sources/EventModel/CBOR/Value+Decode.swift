extension Value {
    /// Reads what ``canonicalBytes`` wrote, and nothing else: any other encoding is an error.
    ///
    /// - Parameter bytes: one item, with nothing after it.
    /// - Throws: ``CBORError`` with the place of the first mistake.
    public init(canonicalBytes bytes: [UInt8]) throws(CBORError) {
        let result = bytes.withUnsafeBytes { buffer -> Result<Value, CBORError> in
            do throws(CBORError) {
                var reader = CBORReader(buffer, isStrict: true)
                let value = try reader.value(depth: 0)
                try reader.finish()
                return .success(value)
            } catch {
                return .failure(error)
            }
        }
        self = try result.get()
    }
}

extension CBORReader {
    /// Reads a value at the given depth of nesting.
    mutating func value(depth: Int) throws(CBORError) -> Value {
        let head = try head()
        guard depth <= Limits.nestingDepthMax else {
            let message = "nested deeper than \(Limits.nestingDepthMax) levels"
            throw CBORError(.depthLimit, at: head.offset, message)
        }
        switch head.major {
        case .unsigned, .negative:
            return number(try integer(head))
        case .bytes:
            return .bytes(Array(try content(head)))
        case .text:
            return .string(try string(head))
        case .array:
            return .list(try list(head, depth: depth))
        case .map:
            return .map(try map(head, depth: depth))
        case .tag:
            return try tagged(head)
        case .simple:
            return try simple(head)
        }
    }

    /// Reads the members of a map whose head has been read.
    mutating func map(_ head: CBORHead, depth: Int) throws(CBORError) -> ValueMap {
        let count = try count(head)
        var entries: [ValueMap.Entry] = []
        entries.reserveCapacity(min(count, CBORReader.reservedElementsMax))
        for _ in 0..<count {
            let keyOffset = offset
            let key = try mapKey()
            if let previous = entries.last?.key, !(previous < key) {
                let isTwin = previous == key
                throw CBORError(
                    isTwin ? .duplicateKey : .notDeterministic,
                    at: keyOffset,
                    isTwin ? "the key comes twice" : "the keys are not in order"
                )
            }
            entries.append(ValueMap.Entry(key: key, value: try value(depth: depth + 1)))
        }
        return ValueMap(ascending: entries)
    }

    // An announced length buys little memory: the elements themselves must follow.
    private static let reservedElementsMax = 64

    private mutating func list(_ head: CBORHead, depth: Int) throws(CBORError) -> [Value] {
        let count = try count(head)
        var values: [Value] = []
        values.reserveCapacity(min(count, CBORReader.reservedElementsMax))
        for _ in 0..<count { values.append(try value(depth: depth + 1)) }
        return values
    }

    private func integer(_ head: CBORHead) throws(CBORError) -> Int128 {
        guard head.major == .negative else { return Int128(head.argument) }
        guard head.argument <= UInt64(Int64.max) else {
            let message = "the integer is below -2^63, which no value holds"
            throw CBORError(.unsupported, at: head.offset, message)
        }
        return -1 - Int128(head.argument)
    }

    private func number(_ value: Int128) -> Value {
        guard let small = Int64(exactly: value) else {
            return .uint(UInt64(truncatingIfNeeded: value))
        }
        return .int(small)
    }

    private mutating func mapKey() throws(CBORError) -> MapKey {
        let head = try head()
        switch head.major {
        case .text:
            return .string(try string(head))
        case .unsigned, .negative:
            let wide = try integer(head)
            guard let small = Int64(exactly: wide) else {
                return .uint(UInt64(truncatingIfNeeded: wide))
            }
            return .int(small)
        case .tag where head.argument == CBORTag.unsignedInteger:
            return .uint(try smallUnsigned())
        case .simple where head.information == 20 || head.information == 21:
            return .bool(head.information == 21)
        case .bytes, .array, .map, .tag, .simple:
            let message = "a key must be a text, an integer or a boolean"
            throw CBORError(.unsupported, at: head.offset, message)
        }
    }

    private mutating func tagged(_ head: CBORHead) throws(CBORError) -> Value {
        switch head.argument {
        case CBORTag.extendedTime:
            return .timestamp(try timestamp())
        case CBORTag.duration:
            return .duration(try duration())
        case CBORTag.unsignedInteger:
            return .uint(try smallUnsigned())
        default:
            let message = "tag \(head.argument) stands for nothing that a value can be"
            throw CBORError(.unsupported, at: head.offset, message)
        }
    }

    private mutating func smallUnsigned() throws(CBORError) -> UInt64 {
        let head = try head()
        guard head.major == .unsigned, head.argument <= UInt64(Int64.max) else {
            let message = "the tag for small unsigned integers needs one up to 2^63-1"
            throw CBORError(.tagContent, at: head.offset, message)
        }
        return head.argument
    }

    private func simple(_ head: CBORHead) throws(CBORError) -> Value {
        switch head.information {
        case 20: return .bool(false)
        case 21: return .bool(true)
        case 22: return .null
        case 25, 26, 27: return .double(try float(head))
        case 31: throw CBORError(.malformed, at: head.offset, "a break where an item should be")
        default:
            let message = "undefined and other simple values are nothing that a value can be"
            throw CBORError(.unsupported, at: head.offset, message)
        }
    }
}

// Instants and durations: RFC 9581, in the one form that is written.
extension CBORReader {
    private mutating func timestamp() throws(CBORError) -> Timestamp {
        let head = try timeHead()
        let secondsHead = try self.head()
        guard let seconds = Int64(exactly: try wideInteger(secondsHead)) else {
            throw CBORError(.tagContent, at: secondsHead.offset, "the seconds exceed 64 bits")
        }
        guard head.argument == 2 else { return Timestamp(seconds: seconds) }
        try key(TimeKey.nanoseconds)
        let nanoseconds = try fraction(below: 1_000_000_000)
        return Timestamp(seconds: seconds, nanoseconds: Int32(truncatingIfNeeded: nanoseconds))
    }

    private mutating func duration() throws(CBORError) -> Duration {
        let head = try timeHead()
        let secondsHead = try self.head()
        var seconds = try wideInteger(secondsHead)
        var rest: Int128 = head.argument == 2 ? try durationFraction() : 0
        if seconds < 0, rest > 0 {
            // The seconds are rounded down, for the longest durations to beyond what the sum can hold.
            seconds += 1
            rest -= TimeKey.attosecondsPerSecond
        }
        let whole = seconds.multipliedReportingOverflow(by: TimeKey.attosecondsPerSecond)
        let sum = whole.partialValue.addingReportingOverflow(rest)
        guard !whole.overflow, !sum.overflow else {
            throw CBORError(.tagContent, at: secondsHead.offset, "the duration is too long")
        }
        return Duration(attoseconds: sum.partialValue)
    }

    private mutating func durationFraction() throws(CBORError) -> Int128 {
        let keyHead = try head()
        // The argument of a negative integer is -1 minus it.
        switch (keyHead.major, keyHead.argument) {
        case (.negative, UInt64(-1 - TimeKey.nanoseconds)):
            return try fraction(below: 1_000_000_000) * 1_000_000_000
        case (.negative, UInt64(-1 - TimeKey.attoseconds)):
            let start = offset
            let value = try fraction(below: TimeKey.attosecondsPerSecond)
            guard value % 1_000_000_000 != 0 else {
                throw CBORError(.notDeterministic, at: start, "nanoseconds would be enough")
            }
            return value
        default:
            throw CBORError(.tagContent, at: keyHead.offset, "the key must be -9 or -18")
        }
    }

    private mutating func timeHead() throws(CBORError) -> CBORHead {
        let head = try head()
        guard head.major == .map, head.argument == 1 || head.argument == 2 else {
            let message = "a time must be a map of seconds and a fraction"
            throw CBORError(.tagContent, at: head.offset, message)
        }
        try key(TimeKey.seconds)
        return head
    }

    private mutating func key(_ wanted: Int64) throws(CBORError) {
        let head = try head()
        guard head.major == .unsigned || head.major == .negative,
            try integer(head) == Int128(wanted)
        else { throw CBORError(.tagContent, at: head.offset, "the key must be \(wanted)") }
    }

    private mutating func fraction(below limit: Int128) throws(CBORError) -> Int128 {
        let head = try head()
        guard head.major == .unsigned, head.argument > 0, Int128(head.argument) < limit else {
            let message = "the fraction must be 1 to \(limit - 1)"
            throw CBORError(.tagContent, at: head.offset, message)
        }
        return Int128(head.argument)
    }

    private mutating func wideInteger(_ head: CBORHead) throws(CBORError) -> Int128 {
        switch head.major {
        case .unsigned: return Int128(head.argument)
        case .negative: return -1 - Int128(head.argument)
        case .tag where head.argument == 2 || head.argument == 3:
            let content = try self.head()
            guard content.major == .bytes, (9...15).contains(content.argument) else { break }
            let bytes = try self.content(content)
            guard bytes.first != 0 else { break }
            let magnitude = bytes.reduce(0 as Int128) { $0 << 8 | Int128($1) }
            return head.argument == CBORTag.unsignedBignum ? magnitude : -1 - magnitude
        case .bytes, .text, .array, .map, .tag, .simple:
            break
        }
        throw CBORError(.tagContent, at: head.offset, "the seconds must be an integer")
    }
}
