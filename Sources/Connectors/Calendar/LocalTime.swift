import EventModel
import Foundation

/// A wall clock's reading, without a time zone.
struct LocalTime: Sendable, Hashable, Comparable {
    /// Days since 1970-01-01.
    var day: Int
    /// Seconds since midnight; 86,400 is the midnight at the day's end.
    var second: Int

    init(day: Int, second: Int) {
        self.day = day
        self.second = second
    }

    /// The reading of a clock in UTC.
    init(utc instant: Timestamp) {
        let seconds = Int(instant.seconds)
        day = seconds.floorDivided(by: 86_400)
        second = seconds - day * 86_400
    }

    /// The reading of a clock in a zone.
    init(_ instant: Timestamp, in zone: TimeZone) {
        let date = Date(timeIntervalSince1970: Double(instant.seconds))
        self.init(utc: instant + .seconds(zone.secondsFromGMT(for: date)))
    }

    static func < (left: LocalTime, right: LocalTime) -> Bool {
        (left.day, left.second) < (right.day, right.second)
    }

    /// When the clock of a zone reads this.
    ///
    /// Where it reads it twice, the first time; where it skips it, the instant that the offset
    /// before the skip gives (RFC 5545 section 3.3.5).
    func instant(in zone: TimeZone) -> Timestamp {
        let asUTC = Int64(day) * 86_400 + Int64(second)
        let before = asUTC - offset(zone, near: asUTC - 86_400)
        if before + offset(zone, near: before) == asUTC { return Timestamp(seconds: before) }
        let after = asUTC - offset(zone, near: asUTC + 86_400)
        if after + offset(zone, near: after) == asUTC { return Timestamp(seconds: after) }
        return Timestamp(seconds: before)
    }

    private func offset(_ zone: TimeZone, near second: Int64) -> Int64 {
        Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(second))))
    }
}

/// The days of the week, Monday first as ISO 8601 has them.
enum Weekday: String, Sendable, Hashable, CaseIterable {
    case mon, tue, wed, thu, fri, sat, sun

    /// The weekday of a day counted from 1970-01-01.
    init(day: Int) {
        self = Weekday.allCases[CivilDate(daysSince1970: day).weekday - 1]
    }
}

extension Int {
    /// The quotient rounded towards negative infinity.
    func floorDivided(by divisor: Int) -> Int {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}
