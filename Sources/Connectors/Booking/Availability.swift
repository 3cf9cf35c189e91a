import Documents
import EventModel
import Foundation

/// When somebody can be booked, as it stands in the field `availability` of a contact.
///
/// The form is JSON:
///
///     {"time_zone": "Europe/Ljubljana",
///      "weekly": {"mon": [["09:00", "12:00"], ["13:00", "17:00"]], "tue": [["09:00", "17:00"]]},
///      "exceptions": {"2026-12-24": [["09:00", "12:00"]], "2026-12-25": []},
///      "calendar_url": "https://example.org/calendar/ana.ics"}
///
/// Clock times are local to `time_zone`, `24:00` is the end of a day, and a weekday that is not
/// named is closed. `exceptions` replace a whole day and may be left out, as may `calendar_url`,
/// the feed that `calendar.sync` reads.
struct Availability: Sendable, Hashable {
    /// From and to, in seconds since midnight.
    struct ClockRange: Sendable, Hashable {
        var from: Int
        var to: Int
    }

    /// Why the form cannot be read.
    struct FormError: Error, Sendable, Hashable, CustomStringConvertible {
        var description: String

        init(_ description: String) { self.description = description }
    }

    var zone: TimeZone
    var weekly: [Weekday: [ClockRange]]
    /// By day, counted from 1970-01-01.
    var exceptions: [Int: [ClockRange]]
    var calendarURL: String?

    private static let keys = ["time_zone", "weekly", "exceptions", "calendar_url"]

    init(_ value: Value) throws(FormError) {
        guard let map = value.mapValue else {
            throw FormError("availability must be JSON such as {\"time_zone\": …, \"weekly\": …}")
        }
        for key in map.stringKeys where !Availability.keys.contains(key) {
            let remedy = Suggestion.remedy(for: key, among: Availability.keys)
            throw FormError("unknown key '\(key)' in availability; \(remedy)")
        }
        guard let name = map["time_zone"]?.stringValue, let zone = TimeZone(identifier: name) else {
            throw FormError("availability needs a time_zone such as Europe/Ljubljana")
        }
        self.zone = zone
        calendarURL = map["calendar_url"]?.stringValue
        weekly = [:]
        exceptions = [:]
        let weeklyMap = map["weekly"]?.mapValue ?? ValueMap()
        for key in weeklyMap.stringKeys {
            guard let day = Weekday(rawValue: key) else {
                let remedy = Suggestion.remedy(for: key, among: Weekday.allCases.map(\.rawValue))
                throw FormError("'\(key)' is no weekday; \(remedy)")
            }
            weekly[day] = try Availability.ranges(weeklyMap[key] ?? .null, of: key)
        }
        let exceptionMap = map["exceptions"]?.mapValue ?? ValueMap()
        for key in exceptionMap.stringKeys {
            guard let midnight = try? Timestamp(rfc3339: key + "T00:00:00Z") else {
                throw FormError("'\(key)' is no date such as 2026-12-24")
            }
            let day = LocalTime(utc: midnight).day
            exceptions[day] = try Availability.ranges(exceptionMap[key] ?? .null, of: key)
        }
    }

    /// The open intervals that touch a window, in order; they may reach beyond it.
    func open(during window: Interval) -> [Interval] {
        // A day begins up to fourteen hours before or after that of UTC.
        let first = LocalTime(utc: window.start).day - 1
        let last = LocalTime(utc: window.end).day + 1
        guard first <= last else { return [] }
        var open: [Interval] = []
        for day in first...last {
            for range in exceptions[day] ?? weekly[Weekday(day: day)] ?? [] {
                let interval = Interval(
                    start: LocalTime(day: day, second: range.from).instant(in: zone),
                    end: LocalTime(day: day, second: range.to).instant(in: zone)
                )
                if interval.start < interval.end { open.append(interval) }
            }
        }
        return Interval.united(open).filter { $0.overlaps(window) }
    }

    /// True if all of an interval is open.
    func isOpen(_ interval: Interval) -> Bool {
        open(during: interval).contains { $0.contains(interval) }
    }

    private static func ranges(_ value: Value, of day: String) throws(FormError) -> [ClockRange] {
        guard let list = value.listValue else {
            throw FormError("'\(day)' must be a list such as [[\"09:00\", \"17:00\"]]")
        }
        var ranges: [ClockRange] = []
        for item in list {
            guard let pair = item.listValue, pair.count == 2,
                let from = pair[0].stringValue.flatMap(clock),
                let to = pair[1].stringValue.flatMap(clock)
            else { throw FormError("'\(day)' must hold pairs such as [\"09:00\", \"17:00\"]") }
            guard from < to else {
                throw FormError(
                    "'\(day)' has a range that ends before it begins; split it at 24:00"
                )
            }
            ranges.append(ClockRange(from: from, to: to))
        }
        return ranges
    }

    private static func clock(_ text: String) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0.utf8.count == 2 }),
            let hour = Int(parts[0]), let minute = Int(parts[1]),
            (0...59).contains(minute), (0...23).contains(hour) || (hour == 24 && minute == 0)
        else { return nil }
        return hour * 3600 + minute * 60
    }
}
