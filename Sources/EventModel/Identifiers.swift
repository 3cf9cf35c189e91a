/// A UUID, 16 bytes, written as 32 hexadecimal digits in five groups (RFC 9562).
public struct Identifier: Sendable, Hashable, Comparable {
    /// The first eight bytes, big-endian.
    public let high: UInt64
    /// The last eight bytes, big-endian.
    public let low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    public static func < (left: Identifier, right: Identifier) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }

    /// The version field: 7 for time-ordered identifiers.
    public var version: Int { Int((high >> 12) & 0xF) }

    /// Milliseconds since 1970 of a version 7 identifier.
    public var unixMilliseconds: Int64 { Int64(high >> 16) }
}

/// The identity of an event, of an instance, of anything that Daybook names: a UUID of version 7.
public typealias EventID = Identifier

/// An event's place in the whole log: 1, 2, 3 … with no gaps.
///
/// 0 is the place before the first event.
public struct Position: Sendable, Hashable, Comparable, ExpressibleByIntegerLiteral {
    public let value: UInt64

    public init(_ value: UInt64) { self.value = value }
    public init(integerLiteral value: UInt64) { self.value = value }

    /// The place before the first event.
    public static let start = Position(0)

    public static func < (left: Position, right: Position) -> Bool { left.value < right.value }

    /// The place `count` events further on.
    public func advanced(by count: UInt64) -> Position { Position(value + count) }
}

extension Position: CustomStringConvertible {
    public var description: String { String(value) }
}

/// An event's place in its stream, from 0.
public typealias Revision = UInt64
