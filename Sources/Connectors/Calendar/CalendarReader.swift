import EventModel
import Foundation

/// Reads an iCalendar feed (RFC 5545) for what booking needs to know: when somebody is busy.
struct CalendarReader {
    private struct Entry {
        var start: CalendarTime
        var end: CalendarTime?
        var duration: Duration?
        var rule: RecurrenceRule?
        var ruleLine = 0
        /// Occurrences that do not take place.
        var exceptions: [CalendarTime] = []
        /// More occurrences beside those of the rule.
        var additions: [CalendarTime] = []
        var uid: String?
        /// Set if this replaces one occurrence of the entry with the same UID.
        var replaces: CalendarTime?
        var isFree = false
        var line: Int
    }

    private static let entriesMax = 20_000
    /// For floating times and whole days: the calendar's zone, else the person's.
    private var homeZone: TimeZone
    private var zones: [String: TimeZone] = [:]
    private let window: Interval

    private init(homeZone: TimeZone, window: Interval) {
        self.homeZone = homeZone
        self.window = window
    }

    /// The busy intervals inside a window, in order and united.
    ///
    /// - Parameters:
    ///   - zone: where times without a zone are meant, unless the calendar says so itself.
    /// - Throws: the line and what is not understood; nothing is guessed.
    static func busy(
        _ bytes: [UInt8],
        within window: Interval,
        zone: TimeZone
    ) throws(CalendarError) -> [Interval] {
        let lines = try ContentLine.lines(bytes)
        guard lines.first?.name == "BEGIN", lines.first?.value.uppercased() == "VCALENDAR" else {
            throw CalendarError("this is no iCalendar file: BEGIN:VCALENDAR is missing")
        }
        guard lines.last?.name == "END", lines.last?.value.uppercased() == "VCALENDAR" else {
            throw CalendarError("the calendar is cut off: END:VCALENDAR is missing")
        }
        var reader = CalendarReader(homeZone: zone, window: window)
        let entries = try reader.entries(lines)
        var replaced: [String: Set<Timestamp>] = [:]
        for entry in entries {
            guard let uid = entry.uid, let moved = entry.replaces else { continue }
            replaced[uid, default: []].insert(try reader.instant(moved, line: entry.line))
        }
        var busy: [Interval] = []
        for entry in entries where !entry.isFree {
            let skipped = entry.replaces == nil ? replaced[entry.uid ?? ""] ?? [] : []
            busy += try reader.occurrences(entry, skipping: skipped)
        }
        return Interval.united(busy)
    }

    private mutating func entries(_ lines: [ContentLine]) throws(CalendarError) -> [Entry] {
        var entries: [Entry] = []
        var path: [String] = []
        var zoneName: String?
        var event: [ContentLine] = []
        for line in lines {
            switch line.name {
            case "BEGIN":
                path.append(line.value.uppercased())
                if path.last == "VEVENT" { event = [] }
            case "END":
                guard path.popLast() == line.value.uppercased() else {
                    throw CalendarError(line: line.number, "END:\(line.value) closes nothing")
                }
                if line.value.uppercased() == "VEVENT" {
                    guard entries.count < CalendarReader.entriesMax else {
                        let limit = CalendarReader.entriesMax
                        throw CalendarError(line: line.number, "more than \(limit) entries")
                    }
                    entries.append(try entry(event, line.number))
                }
            case "X-WR-TIMEZONE" where path.count == 1:
                if let zone = TimeZone(identifier: line.value) { homeZone = zone }
            case "TZID" where path.last == "VTIMEZONE":
                zoneName = line.value
            case "X-LIC-LOCATION" where path.last == "VTIMEZONE":
                if let zoneName, let zone = TimeZone(identifier: line.value) {
                    zones[zoneName] = zone
                }
            default:
                // Alarms lie inside events and have times of their own.
                if path.last == "VEVENT" { event.append(line) }
            }
        }
        return entries
    }

    private func entry(_ lines: [ContentLine], _ number: Int) throws(CalendarError) -> Entry {
        guard let startLine = lines.first(where: { $0.name == "DTSTART" }) else {
            throw CalendarError(line: number, "a VEVENT without DTSTART")
        }
        let start = try time(startLine)
        var entry = Entry(start: start, line: startLine.number)
        for line in lines {
            switch line.name {
            case "DTEND": entry.end = try time(line)
            case "DURATION": entry.duration = try CalendarReader.duration(line)
            case "RRULE":
                guard entry.rule == nil else {
                    throw CalendarError(line: line.number, "a second RRULE in one VEVENT")
                }
                guard start.local.day >= 0 else {
                    throw CalendarError(line: line.number, "an RRULE that began before 1970")
                }
                entry.rule = try RecurrenceRule(line.value, line: line.number)
                entry.ruleLine = line.number
            case "EXDATE": entry.exceptions += try times(line)
            case "RDATE":
                guard line.parameters["VALUE"]?.uppercased() != "PERIOD" else {
                    throw CalendarError(line: line.number, "RDATE;VALUE=PERIOD is not understood")
                }
                entry.additions += try times(line)
            case "EXRULE":
                throw CalendarError(line: line.number, "EXRULE is not understood")
            case "UID": entry.uid = line.value
            case "RECURRENCE-ID":
                guard line.parameters["RANGE"] == nil else {
                    throw CalendarError(line: line.number, "RECURRENCE-ID;RANGE is not understood")
                }
                entry.replaces = try time(line)
            case "TRANSP": entry.isFree = entry.isFree || line.value.uppercased() == "TRANSPARENT"
            case "STATUS": entry.isFree = entry.isFree || line.value.uppercased() == "CANCELLED"
            default: break
            }
        }
        return entry
    }

    private static func duration(_ line: ContentLine) throws(CalendarError) -> Duration {
        let text = line.value.hasPrefix("+") ? String(line.value.dropFirst()) : line.value
        guard text.hasPrefix("P"), let duration = try? DurationText.parse(text) else {
            throw CalendarError(line: line.number, "'\(line.value)' is no duration such as PT1H30M")
        }
        return duration
    }

    private func time(_ line: ContentLine) throws(CalendarError) -> CalendarTime {
        try CalendarTime(line.value, parameters: line.parameters, line: line.number)
    }

    private func times(_ line: ContentLine) throws(CalendarError) -> [CalendarTime] {
        var times: [CalendarTime] = []
        for value in line.value.split(separator: ",") {
            times.append(
                try CalendarTime(String(value), parameters: line.parameters, line: line.number)
            )
        }
        return times
    }

    private func occurrences(
        _ entry: Entry,
        skipping replaced: Set<Timestamp>
    ) throws(CalendarError) -> [Interval] {
        var starts = [entry.start]
        if let rule = entry.rule {
            let lastDay = LocalTime(utc: window.end + .seconds(86_400)).day
            let until = try untilInstant(rule, entry)
            starts = []
            for day in rule.days(from: entry.start.local.day, through: lastDay) {
                var start = entry.start
                start.local.day = day
                if let until, try instant(start, line: entry.ruleLine) > until { break }
                starts.append(start)
            }
        }
        starts += entry.additions
        var skipped = replaced
        for exception in entry.exceptions {
            skipped.insert(try instant(exception, line: entry.line))
        }
        var found: [Interval] = []
        for start in starts {
            let begin = try instant(start, line: entry.line)
            guard !skipped.contains(begin) else { continue }
            let interval = Interval(start: begin, end: try end(of: entry, startingAt: start, begin))
            // A moment without length keeps nobody busy.
            if interval.start < interval.end, interval.overlaps(window) { found.append(interval) }
        }
        return found
    }

    private func untilInstant(
        _ rule: RecurrenceRule,
        _ entry: Entry
    ) throws(CalendarError) -> Timestamp? {
        guard case .until(var until) = rule.end else { return nil }
        if until.isDay { until.local.second = 86_399 }
        if until.zone == .floating { until.zone = entry.start.zone }
        return try instant(until, line: entry.ruleLine)
    }

    private func end(
        of entry: Entry,
        startingAt start: CalendarTime,
        _ begin: Timestamp
    ) throws(CalendarError) -> Timestamp {
        if let duration = entry.duration { return begin + duration }
        guard let end = entry.end else {
            guard start.isDay else { return begin }
            return try wholeDays(1, from: start, entry)
        }
        if end.isDay {
            return try wholeDays(end.local.day - entry.start.local.day, from: start, entry)
        }
        let length =
            try instant(end, line: entry.line) - instant(entry.start, line: entry.line)
        return begin + length
    }

    private func wholeDays(
        _ count: Int,
        from start: CalendarTime,
        _ entry: Entry
    ) throws(CalendarError) -> Timestamp {
        var end = start
        end.local.day += count
        return try instant(end, line: entry.line)
    }

    private func instant(_ time: CalendarTime, line: Int) throws(CalendarError) -> Timestamp {
        switch time.zone {
        case .utc:
            return Timestamp(seconds: Int64(time.local.day) * 86_400 + Int64(time.local.second))
        case .floating: return time.local.instant(in: homeZone)
        case .named(let name):
            guard let zone = zones[name] ?? CalendarZones.zone(name) else {
                throw CalendarError(
                    line: line,
                    "the time zone '\(name)' is not known; use a name such as Europe/Ljubljana"
                )
            }
            return time.local.instant(in: zone)
        }
    }
}
