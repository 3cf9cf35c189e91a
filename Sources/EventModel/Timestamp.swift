/// An instant in UTC with nanoseconds, in the years 1 to 9999.
public struct Timestamp: Sendable, Hashable, Comparable {
    /// Whole seconds since 1970-01-01T00:00:00Z, negative before it.
    public let seconds: Int64
    /// Nanoseconds after `seconds`, 0 to 999,999,999, also for instants before 1970.
    public let nanoseconds: Int32

    /// Makes an instant; nanoseconds outside 0 to 999,999,999 are carried into the seconds.
    public init(seconds: Int64, nanoseconds: Int32 = 0) {
        let carry = Int64(nanoseconds).quotientFloor(1_000_000_000)
        self.seconds = seconds.addingSaturated(carry)
        self.nanoseconds = Int32(Int64(nanoseconds) - carry * 1_000_000_000)
    }

    /// Makes an instant from microseconds since 1970, the resolution of the log.
    public init(microseconds: Int64) {
        let seconds = microseconds.quotientFloor(1_000_000)
        self.seconds = seconds
        // The product of the least ones lies outside, the difference never does.
        nanoseconds = Int32(microseconds &- seconds &* 1_000_000) * 1000
    }

    /// Makes an instant from milliseconds since 1970.
    public init(milliseconds: Int64) {
        let seconds = milliseconds.quotientFloor(1000)
        self.seconds = seconds
        nanoseconds = Int32(milliseconds &- seconds &* 1000) * 1_000_000
    }

    /// Microseconds since 1970, rounded down.
    public var microseconds: Int64 {
        seconds.multipliedSaturated(1_000_000).addingSaturated(Int64(nanoseconds) / 1000)
    }

    /// Milliseconds since 1970, rounded down.
    public var milliseconds: Int64 {
        seconds.multipliedSaturated(1000).addingSaturated(Int64(nanoseconds) / 1_000_000)
    }

    /// Whether the instant lies in the years 1 to 9999, those that have an RFC 3339 text.
    ///
    /// Arithmetic can leave them: it never traps, and stops at the ends of 64-bit seconds.
    public var isInCalendar: Bool { Timestamp.calendarSeconds.contains(seconds) }

    /// 0001-01-01T00:00:00Z to 9999-12-31T23:59:59Z in seconds since 1970.
    static let calendarSeconds: ClosedRange<Int64> = -62_135_596_800...253_402_300_799

    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }

    public static func + (left: Timestamp, right: Duration) -> Timestamp {
        let parts = right.attoseconds.quotientAndRemainderFloor(1_000_000_000_000_000_000)
        return Timestamp(
            seconds: Int64(clamping: Int128(left.seconds) + parts.quotient),
            nanoseconds: left.nanoseconds + Int32(parts.remainder / 1_000_000_000)
        )
    }

    public static func - (left: Timestamp, right: Duration) -> Timestamp {
        left + Duration(attoseconds: 0 &- right.attoseconds)
    }

    public static func - (left: Timestamp, right: Timestamp) -> Duration {
        .seconds(Int128(left.seconds) - Int128(right.seconds))
            + .nanoseconds(Int64(left.nanoseconds) - Int64(right.nanoseconds))
    }
}

extension Int64 {
    /// The quotient rounded towards negative infinity.
    func quotientFloor(_ divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }

    /// The sum, or the nearest end of the range.
    func addingSaturated(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other < 0 ? .min : .max) : sum
    }

    /// The product with a positive number, or the nearest end of the range.
    func multipliedSaturated(_ factor: Int64) -> Int64 {
        let (product, overflow) = multipliedReportingOverflow(by: factor)
        return overflow ? (self < 0 ? .min : .max) : product
    }
}
