extension Identifier {
    /// Makes a UUID of version 7 (RFC 9562 section 5.7) from its parts.
    ///
    /// - Parameters:
    ///   - unixMilliseconds: milliseconds since 1970, of which the low 48 bits are kept.
    ///   - randA: 12 random bits; higher ones are dropped.
    ///   - randB: 62 random bits; higher ones are dropped.
    public static func build(
        unixMilliseconds: Int64,
        randA: UInt16,
        randB: UInt64
    ) -> Identifier {
        let time = UInt64(bitPattern: unixMilliseconds) << 16
        return Identifier(
            high: time | 0x7000 | UInt64(randA & 0xFFF),
            low: 0x8000_0000_0000_0000 | (randB & 0x3FFF_FFFF_FFFF_FFFF)
        )
    }

    /// Makes the identifier that belongs to a name under a parent, always the same one.
    ///
    /// It is of version 7, has the parent's milliseconds, and takes its other bits from the SHA-256 of
    /// the parent's 16 bytes followed by the name's UTF-8. What is made twice from the same cause so
    /// has one identity, and a repeated append is recognised.
    public static func derived(from parent: Identifier, _ name: String) -> Identifier {
        let digest = Digest.sha256(parent.bytes + Array(name.utf8)).bytes
        let randA = UInt16(digest[0]) << 8 | UInt16(digest[1])
        let randB = digest[2..<10].reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
        return build(unixMilliseconds: parent.unixMilliseconds, randA: randA, randB: randB)
    }
}

/// Makes identifiers of version 7 that ascend, from times and random bits that are passed in.
///
/// Within a millisecond, or when the clock goes back, the last identifier's 74 random bits are raised
/// by a random step (RFC 9562 section 6.2, method 2).
public struct IdentifierGenerator: Sendable, Hashable {
    private var last: Identifier?

    /// Starts a row of identifiers; the first has all its random bits from outside.
    public init() { last = nil }

    /// Makes the next identifier, greater than all before it.
    ///
    /// - Parameters:
    ///   - time: now.
    ///   - randA: 16 random bits.
    ///   - randB: 64 random bits.
    public mutating func next(at time: Timestamp, randA: UInt16, randB: UInt64) -> Identifier {
        let fresh = Identifier.build(
            unixMilliseconds: time.milliseconds,
            randA: randA,
            randB: randB
        )
        let next =
            if let last, last.unixMilliseconds >= fresh.unixMilliseconds {
                last.raised(by: 1 + randB >> 32)
            } else {
                fresh
            }
        last = next
        return next
    }
}

extension Identifier {
    /// This version 7 identifier with a step added to its random bits; an overflow runs into the time.
    fileprivate func raised(by step: UInt64) -> Identifier {
        let lowBits: UInt64 = 0x3FFF_FFFF_FFFF_FFFF
        let sum = (low & lowBits) + step
        guard sum > lowBits else { return Identifier(high: high, low: low & ~lowBits | sum) }
        let randA = (high & 0xFFF) + 1
        let time = unixMilliseconds + (randA > 0xFFF ? 1 : 0)
        return .build(
            unixMilliseconds: time,
            randA: UInt16(truncatingIfNeeded: randA & 0xFFF),
            randB: sum
        )
    }
}

extension Identifier {
    /// The layout of a UUID (RFC 9562 section 4.1), the two special ones named apart.
    public enum Variant: String, Sendable, Hashable {
        /// All bits clear (section 5.9).
        case `nil`
        /// All bits set (section 5.10).
        case max
        /// Reserved for the Apollo NCS.
        case apollo
        /// The layout that has a version.
        case rfc9562
        /// Reserved for Microsoft.
        case microsoft
        /// Reserved for the future.
        case reserved
    }

    /// The layout that the bits follow.
    public var variant: Variant {
        switch (high, low) {
        case (0, 0): .nil
        case (.max, .max): .max
        case (_, 0..<0x8000_0000_0000_0000): .apollo
        case (_, 0..<0xC000_0000_0000_0000): .rfc9562
        case (_, 0..<0xE000_0000_0000_0000): .microsoft
        case (_, _): .reserved
        }
    }

    /// Whether this is a UUID of version 7, one with a time.
    public var isVersion7: Bool { variant == .rfc9562 && version == 7 }
}
