import EventModel
import Foundation

/// A DATE or DATE-TIME of a calendar (RFC 5545 sections 3.3.4 and 3.3.5).
struct CalendarTime: Sendable, Hashable {
    /// How the local time becomes an instant.
    enum Zone: Sendable, Hashable {
        case utc
        case named(String)
        /// Wherever the person is: the calendar's own zone is taken.
        case floating
    }

    var local: LocalTime
    var zone: Zone
    /// True for a DATE: a whole day.
    var isDay: Bool

    init(local: LocalTime, zone: Zone, isDay: Bool) {
        self.local = local
        self.zone = zone
        self.isDay = isDay
    }

    init(_ text: String, parameters: [String: String], line: Int) throws(CalendarError) {
        var digits = Array(text.utf8)
        let isUTC = digits.last == UInt8(ascii: "Z")
        if isUTC { digits.removeLast() }
        let isDay = digits.count == 8
        guard isDay || (digits.count == 15 && digits[8] == UInt8(ascii: "T")),
            let year = CalendarTime.number(digits[0..<4]),
            let month = CalendarTime.number(digits[4..<6]),
            let dayOfMonth = CalendarTime.number(digits[6..<8]),
            let date = CivilDate(year: year, month: month, day: dayOfMonth),
            year > 0
        else { throw CalendarTime.broken(text, line) }
        var second = 0
        if !isDay {
            guard let hour = CalendarTime.number(digits[9..<11]),
                let minute = CalendarTime.number(digits[11..<13]),
                let rest = CalendarTime.number(digits[13..<15]),
                hour < 24, minute < 60, rest <= 60
            else { throw CalendarTime.broken(text, line) }
            second = hour * 3600 + minute * 60 + min(rest, 59)
        }
        local = LocalTime(day: date.daysSince1970, second: second)
        self.isDay = isDay
        if isUTC {
            zone = .utc
        } else if let name = parameters["TZID"], !isDay {
            zone = .named(name)
        } else {
            zone = .floating
        }
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        guard digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    private static func broken(_ text: String, _ line: Int) -> CalendarError {
        CalendarError(line: line, "'\(text)' is no date or time such as 20261201T100000Z")
    }
}
