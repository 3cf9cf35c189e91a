import DaybookTestKit
import EventModel
import Runtime
import Testing

@testable import Schedules

/// The weeks in which the clocks are changed.
@Suite struct DaylightSavingTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var expression: String
        var zone: String
        var policy = DaylightSaving.standard
        var start: String
        var ticks: [String]
        var testDescription: String { "\(expression) in \(zone) \(policy)" }
    }

    private static let berlin = "Europe/Berlin"
    private static let newYork = "America/New_York"
    private static let spring = "2026-03-28T12:00:00Z"
    private static let autumn = "2026-10-24T12:00:00Z"

    @Test(arguments: [
        Row(
            expression: "30 2 * * *",
            zone: berlin,
            start: spring,
            ticks: ["2026-03-29T01:00:00Z from 2026-03-29T02:30:00", "2026-03-30T00:30:00Z"]
        ),
        Row(
            expression: "30 2 * * *",
            zone: berlin,
            policy: DaylightSaving(skipped: .skip),
            start: spring,
            ticks: ["2026-03-29T01:00:00Z not 2026-03-29T02:30:00", "2026-03-30T00:30:00Z"]
        ),
        // Several times in the gap, and one right after it, run once.
        Row(
            expression: "0,30 2,3 * * *",
            zone: berlin,
            start: spring,
            ticks: [
                "2026-03-29T01:00:00Z from 2026-03-29T02:00:00", "2026-03-29T01:30:00Z",
                "2026-03-30T00:00:00Z",
            ]
        ),
        Row(
            expression: "*/30 2 * * *",
            zone: berlin,
            start: spring,
            ticks: ["2026-03-30T00:00:00Z", "2026-03-30T00:30:00Z"]
        ),
        Row(
            expression: "30 2 * * *",
            zone: berlin,
            start: autumn,
            ticks: ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"]
        ),
        Row(
            expression: "30 2 * * *",
            zone: berlin,
            policy: DaylightSaving(repeated: .second),
            start: autumn,
            ticks: ["2026-10-25T01:30:00Z", "2026-10-26T01:30:00Z"]
        ),
        Row(
            expression: "30 2 * * *",
            zone: berlin,
            policy: DaylightSaving(repeated: .both),
            start: autumn,
            ticks: ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "2026-10-26T01:30:00Z"]
        ),
        Row(
            expression: "30 * * * *",
            zone: berlin,
            start: "2026-10-24T23:45:00Z",
            ticks: ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "2026-10-25T02:30:00Z"]
        ),
        Row(
            expression: "30 2 * * *",
            zone: newYork,
            start: "2026-03-07T12:00:00Z",
            ticks: ["2026-03-08T07:00:00Z from 2026-03-08T02:30:00", "2026-03-09T06:30:00Z"]
        ),
        Row(
            expression: "30 1 * * *",
            zone: newYork,
            start: "2026-10-31T12:00:00Z",
            ticks: ["2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z"]
        ),
        Row(
            expression: "30 1 * * *",
            zone: newYork,
            policy: DaylightSaving(repeated: .second),
            start: "2026-10-31T12:00:00Z",
            ticks: ["2026-11-01T06:30:00Z", "2026-11-02T06:30:00Z"]
        ),
    ])
    func keepsToThePolicy(_ row: Row) throws {
        let expression = try CronExpression(row.expression)
        let zone = try zone(row.zone)
        var last = try Timestamp(rfc3339: row.start)
        var ticks: [String] = []
        for _ in row.ticks {
            let next = expression.next(after: last, in: zone, daylightSaving: row.policy)
            let tick = try #require(next)
            switch tick.kind {
            case .regular: ticks.append("\(tick.due)")
            case .shifted(let from): ticks.append("\(tick.due) from \(from)")
            case .absent(let at): ticks.append("\(tick.due) not \(at)")
            }
            last = tick.due
        }
        #expect(ticks == row.ticks)
    }
}
