/// An instant in UTC with nanoseconds, in the years 1 to 9999.
public struct Timestamp: Sendable, Hashable, Comparable {
    /// Whole seconds since 1970-01-01T00:00:00Z, negative before it.
    public let seconds: Int64
    /// Nanoseconds after `seconds`, 0 to 999,999,999, also for instants before 1970.
    public let nanoseconds: Int32

    public init(seconds: Int64, nanoseconds: Int32 = 0) {
        let carry = Int64(nanoseconds).quotientFloor(1_000_000_000)
        self.seconds = seconds + carry
        self.nanoseconds = Int32(Int64(nanoseconds) - carry * 1_000_000_000)
    }

    /// Makes an instant from microseconds since 1970, the resolution of the log.
    public init(microseconds: Int64) {
        let seconds = microseconds.quotientFloor(1_000_000)
        self.seconds = seconds
        nanoseconds = Int32(microseconds - seconds * 1_000_000) * 1000
    }

    /// Makes an instant from milliseconds since 1970.
    public init(milliseconds: Int64) {
        let seconds = milliseconds.quotientFloor(1000)
        self.seconds = seconds
        nanoseconds = Int32(milliseconds - seconds * 1000) * 1_000_000
    }

    /// Microseconds since 1970, rounded down.
    public var microseconds: Int64 { seconds * 1_000_000 + Int64(nanoseconds) / 1000 }
    /// Milliseconds since 1970, rounded down.
    public var milliseconds: Int64 { seconds * 1000 + Int64(nanoseconds) / 1_000_000 }

    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }

    public static func + (left: Timestamp, right: Duration) -> Timestamp {
        let (seconds, attoseconds) = right.components
        let nanoseconds = Int64(left.nanoseconds) + attoseconds / 1_000_000_000
        let carry = nanoseconds.quotientFloor(1_000_000_000)
        return Timestamp(
            seconds: left.seconds + seconds + carry,
            nanoseconds: Int32(nanoseconds - carry * 1_000_000_000)
        )
    }

    public static func - (left: Timestamp, right: Duration) -> Timestamp { left + (.zero - right) }

    public static func - (left: Timestamp, right: Timestamp) -> Duration {
        .seconds(left.seconds - right.seconds)
            + .nanoseconds(Int64(left.nanoseconds) - Int64(right.nanoseconds))
    }
}

extension Int64 {
    /// The quotient rounded towards negative infinity.
    func quotientFloor(_ divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}
