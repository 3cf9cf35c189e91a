import DaybookTestKit
import EventModel
import Runtime
import Testing

@testable import Schedules

/// Zones of the machine, as the tests use them.
func zone(_ name: String) throws -> ScheduleZone {
    try #require(ScheduleZone(name, rules: SystemTimeZones()))
}

@Suite struct CronExpressionTests {
    /// The next ticks of an expression, as texts.
    struct Next: Sendable, CustomTestStringConvertible {
        var expression: String
        var zone = "UTC"
        var start: String
        var ticks: [String]
        var testDescription: String { "\(expression) in \(zone) from \(start)" }
    }

    @Test(arguments: [
        Next(
            expression: "*/20 * * * * *",
            start: "2026-01-01T00:00:05Z",
            ticks: ["2026-01-01T00:00:20Z", "2026-01-01T00:00:40Z", "2026-01-01T00:01:00Z"]
        ),
        Next(
            expression: "30 59 23 31 12 *",
            start: "2026-01-01T00:00:00Z",
            ticks: ["2026-12-31T23:59:30Z", "2027-12-31T23:59:30Z"]
        ),
        Next(
            expression: "0 0 LW * *",
            start: "2026-01-01T00:00:00Z",
            ticks: ["2026-01-30T00:00:00Z", "2026-02-27T00:00:00Z", "2026-03-31T00:00:00Z"]
        ),
        Next(
            expression: "0 0 15W * *",
            start: "2026-01-01T00:00:00Z",
            ticks: ["2026-01-15T00:00:00Z", "2026-02-16T00:00:00Z", "2026-03-16T00:00:00Z"]
        ),
        // The 1st is a Saturday, and the working day nearest to it must stay in its month.
        Next(
            expression: "0 0 1W 8 *",
            start: "2026-01-01T00:00:00Z",
            ticks: ["2026-08-03T00:00:00Z", "2027-08-02T00:00:00Z", "2028-08-01T00:00:00Z"]
        ),
        Next(
            expression: "0 0 * * 5L",
            start: "2026-01-01T00:00:00Z",
            ticks: ["2026-01-30T00:00:00Z", "2026-02-27T00:00:00Z", "2026-03-27T00:00:00Z"]
        ),
        Next(
            expression: "0 9 ? * MON#5",
            start: "2026-01-01T00:00:00Z",
            ticks: ["2026-03-30T09:00:00Z", "2026-06-29T09:00:00Z"]
        ),
        // A 29 February that is a Monday: 28 years apart, and 40 over 2100.
        Next(
            expression: "0 0 29 2 */8",
            start: "2026-01-01T00:00:00Z",
            ticks: ["2032-02-29T00:00:00Z", "2060-02-29T00:00:00Z", "2088-02-29T00:00:00Z"]
        ),
        Next(
            expression: "@Weekly",
            start: "2026-01-01T00:00:00Z",
            ticks: ["2026-01-04T00:00:00Z", "2026-01-11T00:00:00Z"]
        ),
        // Lord Howe moves by half an hour.
        Next(
            expression: "15 2 * * *",
            zone: "Australia/Lord_Howe",
            start: "2026-10-03T12:00:00Z",
            ticks: ["2026-10-03T15:30:00Z", "2026-10-04T15:15:00Z"]
        ),
        // Lebanon's clocks skip from midnight to one, so the day begins at one.
        Next(
            expression: "0 0 * * *",
            zone: "Asia/Beirut",
            start: "2026-03-27T22:00:00Z",
            ticks: ["2026-03-28T22:00:00Z", "2026-03-29T21:00:00Z"]
        ),
    ])
    func comesNext(_ row: Next) throws {
        let expression = try CronExpression(row.expression)
        let zone = try zone(row.zone)
        var last = try Timestamp(rfc3339: row.start)
        var ticks: [String] = []
        for _ in row.ticks {
            let tick = try #require(expression.next(after: last, in: zone))
            ticks.append(tick.due.description)
            last = tick.due
        }
        #expect(ticks == row.ticks)
        let end = try #require(expression.next(after: last, in: zone)?.due)
        var back: [String] = []
        var before = end
        for _ in row.ticks {
            let tick = try #require(expression.previous(before: before, in: zone))
            back.append(tick.due.description)
            before = tick.due
        }
        #expect(back.reversed() == row.ticks)
    }

    @Test(arguments: [
        ("99 * * * *", "minute", 1, "99 is not from 0 to 59"),
        ("0 9 * FOO *", "month", 7, "'FOO' is no value"),
        ("0 9 * * FRI-SUN", "weekday", 9, "runs backwards"),
        ("0 9 * * MON#6", "weekday", 13, "no number of a weekday"),
        ("*/0 * * * *", "minute", 3, "the step '0'"),
        ("1,,2 * * * *", "minute", 3, "a value is missing"),
        ("0 0 1/2/3 * *", "day of the month", 5, "more than one step"),
    ])
    func namesFieldAndPlace(text: String, field: String, column: Int, words: String) throws {
        let error = #expect(throws: CronError.self) { _ = try CronExpression(text) }
        #expect(error?.field == field)
        #expect(error?.column == column)
        #expect(error?.message.contains(words) == true, "\(String(describing: error))")
        #expect(error?.remedy.isEmpty == false)
    }

    @Test(arguments: [
        ("0 9 * *", "five fields"), ("@every 5m", "every: 5m"),
        ("@daily 5", "there are: @annually"),
        ("0 0 31 2,4,6,9,11 *", "never comes"), ("0 0 30 2 *", "never comes"),
        ("1\u{A0}* * * *", "here are 4"),
    ])
    func saysWhatToDo(text: String, words: String) {
        let error = #expect(throws: CronError.self) { _ = try CronExpression(text) }
        #expect(error?.description.contains(words) == true, "\(String(describing: error))")
    }

    @Test func endsWithTheCalendar() throws {
        let expression = try CronExpression("0 0 1 1 *")
        let last = try Timestamp(rfc3339: "9999-01-01T00:00:00Z")
        #expect(expression.next(after: last, in: try zone("UTC")) == nil)
        let first = try Timestamp(rfc3339: "0001-01-01T00:00:00Z")
        #expect(expression.previous(before: first, in: try zone("UTC")) == nil)
    }

    @Test func refusesALongExpression() {
        let list = Array(repeating: "1", count: ScheduleLimits.expressionBytesMax)
            .joined(separator: ",")
        #expect(throws: CronError.self) { _ = try CronExpression("\(list) * * * *") }
    }
}
