extension Value {
    /// The one encoding of this value: deterministic CBOR (RFC 8949 section 4.2.1).
    ///
    /// - An int is major type 0 or 1. A uint above `Int64.max` is major type 0 as well; a smaller uint
    ///   would read back as an int, so it is put under Daybook's own tag 1430867540 (the letters UINT).
    /// - A timestamp is tag 1001 (RFC 9581) over `{1: seconds, -9: nanoseconds}`, a duration tag 1002
    ///   over the same with the seconds rounded down; the second member is left out when it is 0, and
    ///   is `-18: attoseconds` when a duration does not end on a nanosecond.
    /// - Every NaN is `f97e00`.
    ///
    /// So each value reads back as an equal one, save that a NaN loses its payload.
    public var canonicalBytes: [UInt8] {
        var writer = CBORWriter()
        write(to: &writer)
        return writer.bytes
    }

    /// The SHA-256 of ``canonicalBytes``.
    public var digest: Digest { Digest.sha256(canonicalBytes) }

    func write(to writer: inout CBORWriter) { Value.write(self, to: &writer) }

    /// Writes a value without counting a reference to anything in it.
    static func write(_ value: borrowing Value, to writer: inout CBORWriter) {
        switch value {
        case .null: writer.null()
        case .bool(let value): writer.bool(value)
        case .int(let value): writer.integer(value)
        case .uint(let value): writer.unsignedInteger(value)
        case .double(let value): writer.float(value)
        case .string(let value): writer.string(value)
        case .bytes(let value): writer.byteString(value)
        case .timestamp(let value): writer.timestamp(value)
        case .duration(let value): writer.duration(value)
        case .list(let values):
            writer.head(.array, UInt64(values.count))
            guard !values.isEmpty, writer.enter() else { return }
            let values = values.span
            for index in values.indices { write(values[index], to: &writer) }
            writer.leave()
        case .map(let map): ValueMap.write(map, to: &writer)
        }
    }
}

extension ValueMap {
    func write(to writer: inout CBORWriter) { ValueMap.write(self, to: &writer) }

    /// The same, borrowed.
    static func write(_ map: borrowing ValueMap, to writer: inout CBORWriter) {
        let entries = map.entries.span
        writer.head(.map, UInt64(entries.count))
        guard !entries.isEmpty, writer.enter() else { return }
        for index in entries.indices {
            MapKey.write(entries[index].key, to: &writer)
            Value.write(entries[index].value, to: &writer)
        }
        writer.leave()
    }
}

extension MapKey {
    fileprivate static func write(_ key: borrowing MapKey, to writer: inout CBORWriter) {
        switch key {
        case .int(let key): writer.integer(key)
        case .uint(let key): writer.unsignedInteger(key)
        case .string(let key): writer.string(key)
        case .bool(let key): writer.bool(key)
        }
    }
}

extension CBORWriter {
    fileprivate mutating func unsignedInteger(_ value: UInt64) {
        if value <= UInt64(Int64.max) { head(.tag, CBORTag.unsignedInteger) }
        head(.unsigned, value)
    }

    fileprivate mutating func timestamp(_ value: Timestamp) {
        head(.tag, CBORTag.extendedTime)
        head(.map, value.nanoseconds == 0 ? 1 : 2)
        integer(TimeKey.seconds)
        integer(value.seconds)
        guard value.nanoseconds != 0 else { return }
        integer(TimeKey.nanoseconds)
        integer(Int64(value.nanoseconds))
    }

    fileprivate mutating func duration(_ value: Duration) {
        let parts = value.attoseconds.quotientAndRemainderFloor(TimeKey.attosecondsPerSecond)
        head(.tag, CBORTag.duration)
        head(.map, parts.remainder == 0 ? 1 : 2)
        integer(TimeKey.seconds)
        integer(wide: parts.quotient)
        guard parts.remainder != 0 else { return }
        let (nanoseconds, rest) = parts.remainder.quotientAndRemainder(dividingBy: 1_000_000_000)
        integer(rest == 0 ? TimeKey.nanoseconds : TimeKey.attoseconds)
        integer(wide: rest == 0 ? nanoseconds : parts.remainder)
    }
}

/// The keys of the maps of RFC 9581.
enum TimeKey {
    static let seconds: Int64 = 1
    static let nanoseconds: Int64 = -9
    static let attoseconds: Int64 = -18
    static let attosecondsPerSecond: Int128 = 1_000_000_000_000_000_000
}

extension Int128 {
    /// The quotient rounded towards negative infinity, and what is then left, from 0.
    func quotientAndRemainderFloor(_ divisor: Int128) -> (quotient: Int128, remainder: Int128) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
