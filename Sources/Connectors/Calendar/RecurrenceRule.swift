import EventModel

/// The recurrence rules that bookings need: every n days, or every n weeks on given days.
///
/// Anything else of RFC 5545 section 3.3.10 is refused by name rather than read wrongly: a slot
/// that looks free and is not costs more than a calendar that reports itself unread.
struct RecurrenceRule: Sendable, Hashable {
    enum Frequency: String, Sendable, Hashable {
        case daily = "DAILY"
        case weekly = "WEEKLY"
    }

    enum End: Sendable, Hashable {
        case never
        case count(Int)
        /// Inclusive, as the rule wrote it.
        case until(CalendarTime)
    }

    var frequency: Frequency
    var interval: Int
    var end: End
    /// Empty for the start's own weekday.
    var days: Set<Weekday>
    var weekStart: Weekday

    init(_ text: String, line: Int) throws(CalendarError) {
        var frequency: Frequency?
        interval = 1
        end = .never
        days = []
        weekStart = .mon
        for part in text.split(separator: ";") {
            let pair = part.split(separator: "=", maxSplits: 1).map(String.init)
            guard pair.count == 2 else {
                throw CalendarError(line: line, "RRULE part '\(part)' is not NAME=value")
            }
            let value = pair[1].uppercased()
            switch pair[0].uppercased() {
            case "FREQ":
                guard let known = Frequency(rawValue: value) else {
                    throw RecurrenceRule.unsupported("FREQ=\(value)", line)
                }
                frequency = known
            case "INTERVAL": interval = try RecurrenceRule.count(value, "INTERVAL", line)
            case "COUNT": end = .count(try RecurrenceRule.count(value, "COUNT", line))
            case "UNTIL":
                end = .until(try CalendarTime(value, parameters: [:], line: line))
            case "BYDAY":
                for day in value.split(separator: ",") {
                    days.insert(try RecurrenceRule.weekday(String(day), line))
                }
            case "WKST": weekStart = try RecurrenceRule.weekday(value, line)
            default: throw RecurrenceRule.unsupported(String(part), line)
            }
        }
        guard let frequency else { throw CalendarError(line: line, "RRULE without FREQ") }
        self.frequency = frequency
    }

    /// The days, counted from 1970-01-01, on which occurrences begin, the start's own first.
    ///
    /// - Parameters:
    ///   - start: the day of DTSTART.
    ///   - last: no later day is wanted.
    func days(from start: Int, through last: Int) -> [Int] {
        var found: [Int] = []
        var counted = 0
        let countMax: Int
        if case .count(let count) = end { countMax = count } else { countMax = .max }
        let wanted = days.isEmpty ? [Weekday(day: start)] : days
        let startOfWeek = start - offset(of: Weekday(day: start))
        var day = start
        while day <= last, counted < countMax {
            let isIn =
                switch frequency {
                case .daily:
                    (day - start) % interval == 0
                        && (days.isEmpty || days.contains(Weekday(day: day)))
                case .weekly:
                    (day - startOfWeek) / 7 % interval == 0 && wanted.contains(Weekday(day: day))
                }
            // DTSTART counts as the first occurrence even if the rule would leave it out.
            if isIn || day == start {
                found.append(day)
                counted += 1
            }
            day += 1
        }
        return found
    }

    /// How many days after the week's first day a weekday comes.
    private func offset(of weekday: Weekday) -> Int {
        let all = Weekday.allCases
        guard let position = all.firstIndex(of: weekday), let first = all.firstIndex(of: weekStart)
        else { return 0 }
        return (position - first + 7) % 7
    }

    private static func count(_ text: String, _ name: String, _ line: Int) throws(CalendarError)
        -> Int
    {
        guard let number = Int(text), (1...100_000).contains(number) else {
            throw CalendarError(line: line, "RRULE \(name)=\(text) must be 1 to 100000")
        }
        return number
    }

    private static func weekday(_ text: String, _ line: Int) throws(CalendarError) -> Weekday {
        switch text {
        case "MO": return .mon
        case "TU": return .tue
        case "WE": return .wed
        case "TH": return .thu
        case "FR": return .fri
        case "SA": return .sat
        case "SU": return .sun
        default: throw unsupported("BYDAY=\(text)", line)
        }
    }

    private static func unsupported(_ part: String, _ line: Int) -> CalendarError {
        CalendarError(
            line: line,
            "RRULE \(part) is not understood; there are FREQ=DAILY and FREQ=WEEKLY with INTERVAL, "
                + "COUNT, UNTIL and BYDAY"
        )
    }
}
