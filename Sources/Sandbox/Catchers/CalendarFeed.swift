import EventModel

/// Somebody's calendar as an iCalendar feed (RFC 5545).
struct CalendarFeed {
    var title: String
    var events: [CalendarEvent] = []

    /// The feed's text: CRLF lines, folded after 75 bytes.
    func text(now: Timestamp) -> String {
        var lines = [
            "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Daybook//Sandbox//EN",
            "CALSCALE:GREGORIAN", "X-WR-CALNAME:" + CalendarFeed.escaped(title),
        ]
        if events.contains(where: { $0.timeZone != nil }) { lines += CalendarFeed.timeZone }
        for event in events { lines += event.lines(stampedAt: now) }
        lines.append("END:VCALENDAR")
        return lines.map { CalendarFeed.folded($0) + "\r\n" }.joined()
    }

    /// The one zone that local times in the feeds are in.
    private static let timeZone = [
        "BEGIN:VTIMEZONE", "TZID:Europe/Ljubljana", "BEGIN:DAYLIGHT",
        "DTSTART:19960331T020000", "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
        "TZOFFSETFROM:+0100", "TZOFFSETTO:+0200", "TZNAME:CEST", "END:DAYLIGHT",
        "BEGIN:STANDARD", "DTSTART:19961027T030000", "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
        "TZOFFSETFROM:+0200", "TZOFFSETTO:+0100", "TZNAME:CET", "END:STANDARD", "END:VTIMEZONE",
    ]

    static func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "\\", ",", ";": result += "\\" + String(character)
            case "\n": result += "\\n"
            default: result.append(character)
            }
        }
        return result
    }

    /// RFC 5545 section 3.1: a line goes on after CRLF and a space; characters are not split.
    private static func folded(_ line: String) -> String {
        var result = ""
        var length = 0
        for character in line {
            let size = character.utf8.count
            if length + size > 75 {
                result += "\r\n "
                length = 1
            }
            result.append(character)
            length += size
        }
        return result
    }
}

/// One entry of a calendar.
struct CalendarEvent {
    var identifier: String
    var summary: String
    /// Seconds since 1970 in UTC, or of the wall clock where a time zone is named.
    var start: Int
    var end: Int
    /// True for whole days, the end not included.
    var isAllDay = false
    var timeZone: String?
    /// A rule of RFC 5545 such as `FREQ=WEEKLY;BYDAY=FR`.
    var recurrence: String?
    /// False for entries that leave the person free.
    var isBusy = true

    func lines(stampedAt now: Timestamp) -> [String] {
        var lines = [
            "BEGIN:VEVENT", "UID:\(identifier)@example.org",
            "DTSTAMP:" + CalendarEvent.instant(Int(now.seconds)) + "Z",
        ]
        lines += [("DTSTART", start), ("DTEND", end)].map { name, time in
            if isAllDay { return "\(name);VALUE=DATE:" + CalendarEvent.date(time) }
            if let timeZone { return "\(name);TZID=\(timeZone):" + CalendarEvent.instant(time) }
            return "\(name):" + CalendarEvent.instant(time) + "Z"
        }
        if let recurrence { lines.append("RRULE:" + recurrence) }
        lines.append("SUMMARY:" + CalendarFeed.escaped(summary))
        lines.append("TRANSP:" + (isBusy ? "OPAQUE" : "TRANSPARENT"))
        lines.append("END:VEVENT")
        return lines
    }

    private static func date(_ seconds: Int) -> String {
        NotionTime.dateText(NotionTime.floorDivide(seconds, 86_400)).filter { $0 != "-" }
    }

    private static func instant(_ seconds: Int) -> String {
        let rest = seconds - NotionTime.floorDivide(seconds, 86_400) * 86_400
        let clock = [rest / 3600, rest / 60 % 60, rest % 60].map { NotionTime.padded($0, 2) }
        return date(seconds) + "T" + clock.joined()
    }
}

extension SandboxState {
    /// `GET /calendar/{name}.ics`.
    func calendar(_ request: SandboxRequest) -> SandboxReply {
        let segments = request.segments
        guard segments.count == 2, segments[1].hasSuffix(".ics"),
            let feed = calendars[String(segments[1].dropLast(4))]
        else {
            let names = calendars.keys.sorted().map { "/calendar/\($0).ics" }
            return .refusal(404, "no such calendar; there are: " + names.joined(separator: ", "))
        }
        guard request.method == "GET" else { return .refusal(405, "only GET is understood") }
        return .text(
            200,
            feed.text(now: configuration.now()),
            type: "text/calendar; charset=utf-8"
        )
    }

    /// `POST /sandbox/calendar/{name}`: puts an entry into a calendar, a new one if need be.
    mutating func addCalendarEvent(_ request: SandboxRequest) -> SandboxReply {
        let name = request.segments[2]
        guard let body = try? JSON.parse(bytes: request.body),
            let start = body["starts_at"]?.stringValue.flatMap({ NotionTime($0) }),
            let end = body["ends_at"]?.stringValue.flatMap({ NotionTime($0) }),
            start.minuteSeconds < end.minuteSeconds
        else {
            return .refusal(400, "the body must have starts_at and a later ends_at, as ISO 8601")
        }
        var feed = calendars[name] ?? CalendarFeed(title: name)
        guard feed.events.count < SandboxLimits.calendarEventsMax else {
            return .refusal(400, "a calendar holds \(SandboxLimits.calendarEventsMax) entries")
        }
        feed.events.append(
            CalendarEvent(
                identifier: newRequestID(),
                summary: body["summary"]?.stringValue ?? "Busy",
                start: start.minuteSeconds,
                end: end.minuteSeconds
            )
        )
        calendars[name] = feed
        return .json(201, ["entries": .int(Int64(feed.events.count))])
    }
}
