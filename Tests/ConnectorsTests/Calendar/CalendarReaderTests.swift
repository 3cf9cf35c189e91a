import EventModel
import Foundation
import Testing

@testable import Connectors

@Suite struct CalendarReaderTests {
    struct Case: CustomStringConvertible, Sendable {
        var description: String
        /// Lines between BEGIN:VCALENDAR and END:VCALENDAR.
        var lines: [String]
        /// `start/end` in UTC; nil if the calendar must be refused.
        var busy: [String]?
        var from = "2026-10-01T00:00:00Z"
        /// A part of the refusal's message.
        var refusal = ""
    }

    private static func event(_ lines: String...) -> [String] {
        ["BEGIN:VEVENT", "UID:1"] + lines + ["END:VEVENT"]
    }

    static let times: [Case] = [
        Case(
            description: "UTC",
            lines: event("DTSTART:20261201T100000Z", "DTEND:20261201T110000Z"),
            busy: ["2026-12-01T10:00:00Z/2026-12-01T11:00:00Z"]
        ),
        Case(
            description: "zone in winter",
            lines: event(
                "DTSTART;TZID=Europe/Ljubljana:20261201T100000",
                "DTEND;TZID=Europe/Ljubljana:20261201T110000"
            ),
            busy: ["2026-12-01T09:00:00Z/2026-12-01T10:00:00Z"]
        ),
        Case(
            description: "zone in quotes, duration",
            lines: event("DTSTART;TZID=\"Europe/Ljubljana\":20261201T100000", "DURATION:PT1H30M"),
            busy: ["2026-12-01T09:00:00Z/2026-12-01T10:30:00Z"]
        ),
        Case(
            description: "a Windows name",
            lines: event(
                "DTSTART;TZID=W. Europe Standard Time:20261201T100000",
                "DURATION:PT1H"
            ),
            busy: ["2026-12-01T09:00:00Z/2026-12-01T10:00:00Z"]
        ),
        Case(
            description: "a zone that the calendar explains",
            lines: [
                "BEGIN:VTIMEZONE", "TZID:Home", "X-LIC-LOCATION:Europe/Ljubljana",
                "BEGIN:DAYLIGHT", "DTSTART:19960331T020000",
                "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", "END:DAYLIGHT", "END:VTIMEZONE",
            ] + event("DTSTART;TZID=Home:20261201T100000", "DURATION:PT1H"),
            busy: ["2026-12-01T09:00:00Z/2026-12-01T10:00:00Z"]
        ),
        Case(
            description: "an unknown zone",
            lines: event("DTSTART;TZID=Mars/Olympus:20261201T100000", "DURATION:PT1H"),
            refusal: "'Mars/Olympus'"
        ),
        Case(
            description: "floating time is the person's",
            lines: event("DTSTART:20261201T100000", "DTEND:20261201T110000"),
            busy: ["2026-12-01T09:00:00Z/2026-12-01T10:00:00Z"]
        ),
        Case(
            description: "floating time is the calendar's if it says so",
            lines: ["X-WR-TIMEZONE:America/New_York"]
                + event("DTSTART:20261201T100000", "DTEND:20261201T110000"),
            busy: ["2026-12-01T15:00:00Z/2026-12-01T16:00:00Z"]
        ),
        Case(
            description: "a whole day",
            lines: event("DTSTART;VALUE=DATE:20261201"),
            busy: ["2026-11-30T23:00:00Z/2026-12-01T23:00:00Z"]
        ),
        Case(
            description: "whole days, the end not included",
            lines: event("DTSTART;VALUE=DATE:20261201", "DTEND;VALUE=DATE:20261204"),
            busy: ["2026-11-30T23:00:00Z/2026-12-03T23:00:00Z"]
        ),
        Case(
            description: "a moment keeps nobody busy",
            lines: event("DTSTART:20261201T100000Z"),
            busy: []
        ),
        Case(
            description: "free",
            lines: event("DTSTART:20261201T100000Z", "DURATION:PT1H", "TRANSP:TRANSPARENT"),
            busy: []
        ),
        Case(
            description: "cancelled",
            lines: event("DTSTART:20261201T100000Z", "DURATION:PT1H", "STATUS:CANCELLED"),
            busy: []
        ),
        Case(
            description: "touching ones become one",
            lines: event("DTSTART:20261201T100000Z", "DURATION:PT1H")
                + event("DTSTART:20261201T110000Z", "DURATION:PT1H"),
            busy: ["2026-12-01T10:00:00Z/2026-12-01T12:00:00Z"]
        ),
        Case(
            description: "outside the window",
            lines: event("DTSTART:20260101T100000Z", "DURATION:PT1H"),
            busy: []
        ),
        Case(
            description: "folded lines, an alarm with times of its own",
            lines: [
                "BEGIN:VEVENT", "DTSTART;TZID=Europe/", " Ljubljana:20261201T10", "\t0000",
                "DURATION:PT1H", "BEGIN:VALARM", "TRIGGER:-PT15M", "DURATION:PT5M", "END:VALARM",
                "END:VEVENT",
            ],
            busy: ["2026-12-01T09:00:00Z/2026-12-01T10:00:00Z"]
        ),
        Case(
            description: "a colon inside quotes",
            lines: event("DTSTART:20261201T100000Z", "DURATION:PT1H", "ATTENDEE;CN=\"a:b;c\":x"),
            busy: ["2026-12-01T10:00:00Z/2026-12-01T11:00:00Z"]
        ),
        Case(
            description: "no start",
            lines: event("DURATION:PT1H"),
            refusal: "without DTSTART"
        ),
        Case(
            description: "no such day",
            lines: event("DTSTART:20260230T100000Z"),
            refusal: "'20260230T100000Z'"
        ),
        Case(description: "no line", lines: ["what is this"], refusal: "no line of a calendar"),
    ]

    static let rules: [Case] = [
        Case(
            description: "daily, three times",
            lines: event(
                "DTSTART:20261201T100000Z",
                "DURATION:PT1H",
                "RRULE:FREQ=DAILY;COUNT=3"
            ),
            busy: [
                "2026-12-01T10:00:00Z/2026-12-01T11:00:00Z",
                "2026-12-02T10:00:00Z/2026-12-02T11:00:00Z",
                "2026-12-03T10:00:00Z/2026-12-03T11:00:00Z",
            ]
        ),
        Case(
            description: "every second day until a day",
            lines: event(
                "DTSTART:20261201T100000Z",
                "DURATION:PT1H",
                "RRULE:FREQ=DAILY;INTERVAL=2;UNTIL=20261205"
            ),
            busy: [
                "2026-12-01T10:00:00Z/2026-12-01T11:00:00Z",
                "2026-12-03T10:00:00Z/2026-12-03T11:00:00Z",
                "2026-12-05T10:00:00Z/2026-12-05T11:00:00Z",
            ]
        ),
        Case(
            description: "weekly on two days, begun long ago, one left out",
            lines: event(
                "DTSTART;TZID=Europe/Ljubljana:20250106T100000",
                "DURATION:PT1H",
                "RRULE:FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20261208T230000Z",
                "EXDATE;TZID=Europe/Ljubljana:20261202T100000"
            ),
            busy: ["2026-12-07T09:00:00Z/2026-12-07T10:00:00Z"],
            from: "2026-12-01T00:00:00Z"
        ),
        Case(
            description: "every second week counts weeks from the start's Monday",
            lines: event(
                "DTSTART:20261202T100000Z",
                "DURATION:PT1H",
                "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE;COUNT=4"
            ),
            busy: [
                "2026-12-02T10:00:00Z/2026-12-02T11:00:00Z",
                "2026-12-14T10:00:00Z/2026-12-14T11:00:00Z",
                "2026-12-16T10:00:00Z/2026-12-16T11:00:00Z",
                "2026-12-28T10:00:00Z/2026-12-28T11:00:00Z",
            ]
        ),
        Case(
            description: "a rule keeps the wall clock over the change of summer time",
            lines: event(
                "DTSTART;TZID=Europe/Ljubljana:20261024T100000",
                "DURATION:PT1H",
                "RRULE:FREQ=DAILY;COUNT=2"
            ),
            busy: [
                "2026-10-24T08:00:00Z/2026-10-24T09:00:00Z",
                "2026-10-25T09:00:00Z/2026-10-25T10:00:00Z",
            ]
        ),
        Case(
            description: "an occurrence that was moved",
            lines: event(
                "DTSTART:20261201T100000Z",
                "DURATION:PT1H",
                "RRULE:FREQ=DAILY;COUNT=2"
            )
                + event(
                    "RECURRENCE-ID:20261202T100000Z",
                    "DTSTART:20261202T150000Z",
                    "DURATION:PT2H"
                ),
            busy: [
                "2026-12-01T10:00:00Z/2026-12-01T11:00:00Z",
                "2026-12-02T15:00:00Z/2026-12-02T17:00:00Z",
            ]
        ),
        Case(
            description: "one more date",
            lines: event(
                "DTSTART:20261201T100000Z",
                "DURATION:PT1H",
                "RDATE:20261203T100000Z"
            ),
            busy: [
                "2026-12-01T10:00:00Z/2026-12-01T11:00:00Z",
                "2026-12-03T10:00:00Z/2026-12-03T11:00:00Z",
            ]
        ),
        Case(
            description: "monthly is not understood",
            lines: event("DTSTART:20261201T100000Z", "DURATION:PT1H", "RRULE:FREQ=MONTHLY"),
            refusal: "FREQ=MONTHLY"
        ),
        Case(
            description: "the second Monday is not understood",
            lines: event(
                "DTSTART:20261201T100000Z",
                "DURATION:PT1H",
                "RRULE:FREQ=WEEKLY;BYDAY=2MO"
            ),
            refusal: "BYDAY=2MO"
        ),
        Case(
            description: "BYSETPOS is not understood",
            lines: event(
                "DTSTART:20261201T100000Z",
                "DURATION:PT1H",
                "RRULE:FREQ=DAILY;BYSETPOS=1"
            ),
            refusal: "BYSETPOS=1"
        ),
    ]

    @Test(arguments: times + rules) func tellsWhenSomebodyIsBusy(_ row: Case) throws {
        let all = ["BEGIN:VCALENDAR", "VERSION:2.0"] + row.lines + ["END:VCALENDAR"]
        try check(row, all.joined(separator: "\r\n"))
        // Many programs end lines as Unix does.
        try check(row, all.joined(separator: "\n") + "\n")
    }

    private func check(_ row: Case, _ text: String) throws {
        let window = Interval(
            start: try Timestamp(rfc3339: row.from),
            end: try Timestamp(rfc3339: "2026-12-31T00:00:00Z")
        )
        let zone = try #require(TimeZone(identifier: "Europe/Ljubljana"))
        do throws(CalendarError) {
            let busy = try CalendarReader.busy(Array(text.utf8), within: window, zone: zone)
                .map { $0.start.rfc3339 + "/" + $0.end.rfc3339 }
            #expect(busy == row.busy)
        } catch {
            #expect(row.busy == nil)
            #expect(error.description.contains(row.refusal))
        }
    }

    @Test(arguments: ["", "<html></html>", "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n"])
    func refusesWhatIsNoCalendar(text: String) {
        let window = Interval(start: Timestamp(seconds: 0), end: Timestamp(seconds: 1))
        #expect(throws: CalendarError.self) {
            try CalendarReader.busy(Array(text.utf8), within: window, zone: .gmt)
        }
    }

    @Test func undoesFoldingInsideACharacter() throws {
        let bytes: [UInt8] =
            Array("SUMMARY:".utf8) + [0xC4, 0x0D, 0x0A, 0x20, 0x8D] + Array("as".utf8)
        #expect(try ContentLine.lines(bytes).first?.value == "čas")
    }
}
