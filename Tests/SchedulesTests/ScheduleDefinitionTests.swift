import DaybookTestKit
import EventModel
import Runtime
import Testing

@testable import Schedules

@Suite struct ScheduleDefinitionTests {
    private func instant(_ text: String) throws -> Timestamp { try Timestamp(rfc3339: text) }

    @Test func everyIsCountedFromItsStart() throws {
        var definition = ScheduleDefinition(.every(.seconds(900)))
        let zone = try zone("UTC")
        let now = try instant("2026-06-01T10:07:30.5Z")
        #expect(definition.next(after: now, in: zone)?.due == (try instant("2026-06-01T10:15:00Z")))
        #expect(
            definition.previous(before: now, in: zone)?.due == (try instant("2026-06-01T10:00:00Z"))
        )
        definition.start = try instant("2026-06-01T10:01:00Z")
        #expect(definition.next(after: now, in: zone)?.due == (try instant("2026-06-01T10:16:00Z")))
    }

    @Test func isDueFromItsStartUntilItsEnd() throws {
        var definition = ScheduleDefinition(.cron(try CronExpression("0 9 * * *")))
        definition.start = try instant("2026-06-03T09:00:00Z")
        definition.end = try instant("2026-06-05T09:00:00Z")
        let zone = try zone("UTC")
        let ticks = definition.ticks(
            after: try instant("2026-06-01T00:00:00Z"),
            through: try instant("2026-07-01T00:00:00Z"),
            limit: 10,
            in: zone
        )
        #expect(ticks.map(\.due.description) == ["2026-06-03T09:00:00Z", "2026-06-04T09:00:00Z"])
        let none = definition.previous(before: try instant("2026-06-03T09:00:00Z"), in: zone)
        #expect(none == nil)
    }

    @Test func jitterIsTheSameEachTimeAndStaysInItsSpan() throws {
        var definition = ScheduleDefinition(.every(.seconds(60)))
        definition.jitter = .seconds(30)
        var delays: Set<Duration> = []
        for minute in 0..<200 {
            let due = Timestamp(seconds: Int64(minute) * 60)
            let delay = definition.delay(of: due, schedule: "a")
            #expect(delay == definition.delay(of: due, schedule: "a"))
            #expect(delay >= .zero && delay <= .seconds(30))
            delays.insert(delay)
        }
        #expect(delays.count > 20)
    }

    @Test func readsBackWhatItWrites() throws {
        var definition = ScheduleDefinition(.cron(try CronExpression("0 9 * * MON")))
        definition.timeZone = "Europe/Berlin"
        #expect(try ScheduleDefinition(definition.value) == definition)
        definition.overlap = .cancel
        definition.catchUp = ScheduleDefinition.CatchUp(.all, limit: 7, window: .seconds(60))
        definition.daylightSaving = DaylightSaving(skipped: .skip, repeated: .both)
        definition.jitter = .seconds(5)
        definition.start = try instant("2026-06-01T00:00:00Z")
        definition.end = try instant("2027-06-01T00:00:00Z")
        definition.isPaused = true
        definition.input = ["a": 1]
        let bytes = definition.value.canonicalBytes
        #expect(try ScheduleDefinition(Value(canonicalBytes: bytes)) == definition)
        let every = ScheduleDefinition(.every(.seconds(60)))
        #expect(try ScheduleDefinition(every.value) == every)
    }
}
