/// A day of the proleptic Gregorian calendar, in no particular time zone.
public struct CivilDate: Sendable, Hashable, Comparable {
    /// The year; 0 is the one before 1.
    public let year: Int
    /// 1 to 12.
    public let month: Int
    /// 1 to 31.
    public let day: Int

    /// Makes a day; nil if the calendar has no such one.
    public init?(year: Int, month: Int, day: Int) {
        guard (1...12).contains(month),
            (1...CivilDate.dayCount(year: year, month: month)).contains(day)
        else { return nil }
        self.year = year
        self.month = month
        self.day = day
    }

    /// Makes a day from its number, 0 for 1970-01-01.
    ///
    /// The algorithm is `civil_from_days` of Howard Hinnant, "chrono-Compatible Low-Level Date
    /// Algorithms": years begin in March, so that the leap day is the last of a year.
    public init(daysSince1970 days: Int) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// The day's number, 0 for 1970-01-01 (`days_from_civil` of the same source).
    public var daysSince1970: Int {
        let marchYear = month <= 2 ? year - 1 : year
        let era = (marchYear >= 0 ? marchYear : marchYear - 399) / 400
        let yearOfEra = marchYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    /// The day of the week, 1 for Monday to 7 for Sunday (ISO 8601).
    public var weekday: Int {
        // 1970-01-01 was a Thursday.
        let remainder = (daysSince1970 + 3) % 7
        return (remainder < 0 ? remainder + 7 : remainder) + 1
    }

    /// The day of the year, 1 for 1 January.
    public var dayOfYear: Int {
        (1..<month).reduce(day) { $0 + CivilDate.dayCount(year: year, month: $1) }
    }

    /// How many days a month has.
    public static func dayCount(year: Int, month: Int) -> Int {
        switch month {
        case 2: isLeap(year: year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Whether a year has a 29 February.
    public static func isLeap(year: Int) -> Bool {
        year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    }

    public static func < (left: CivilDate, right: CivilDate) -> Bool {
        (left.year, left.month, left.day) < (right.year, right.month, right.day)
    }
}

extension CivilDate: CustomStringConvertible {
    /// The day as ISO 8601 writes it: `2026-12-01`.
    public var description: String {
        let year = Decimal.padded(abs(year), digitCount: 4)
        let sign = self.year < 0 ? "-" : self.year > 9999 ? "+" : ""
        let (month, day) = (
            Decimal.padded(month, digitCount: 2), Decimal.padded(day, digitCount: 2)
        )
        return "\(sign)\(year)-\(month)-\(day)"
    }
}

/// A day and a time of day, in no particular time zone.
public struct CivilTime: Sendable, Hashable {
    /// The day.
    public var date: CivilDate
    /// 0 to 23.
    public var hour: Int
    /// 0 to 59.
    public var minute: Int
    /// 0 to 59: there are no leap seconds.
    public var second: Int
    /// 0 to 999,999,999.
    public var nanosecond: Int

    /// What a clock in UTC shows at an instant.
    public init(_ timestamp: Timestamp) {
        let days = timestamp.seconds.quotientFloor(86400)
        // The product leaves the range for an instant near its end; the difference never does.
        let secondOfDay = Int(timestamp.seconds &- days &* 86400)
        date = CivilDate(daysSince1970: Int(days))
        hour = secondOfDay / 3600
        minute = secondOfDay / 60 % 60
        second = secondOfDay % 60
        nanosecond = Int(timestamp.nanoseconds)
    }

    /// The instant at which a clock in UTC shows this.
    public var timestamp: Timestamp {
        let secondOfDay = hour * 3600 + minute * 60 + second
        return Timestamp(
            seconds: Int64(date.daysSince1970 * 86400 + secondOfDay),
            nanoseconds: Int32(nanosecond)
        )
    }
}

/// Whole numbers with leading zeros.
enum Decimal {
    static func padded(_ value: Int, digitCount: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, digitCount - digits.count)) + digits
    }
}
