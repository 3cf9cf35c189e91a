import EventModel
import Foundation
import Testing

@testable import Connectors

@Suite struct LocalTimeTests {
    @Test(arguments: [
        ("2026-12-01T10:00:00Z", "2026-12-01T09:00:00Z"),
        ("2026-07-01T10:00:00Z", "2026-07-01T08:00:00Z"),
        // Skipped by the clocks: the offset of before.
        ("2026-03-29T02:30:00Z", "2026-03-29T01:30:00Z"),
        // Shown twice: the first time.
        ("2026-10-25T02:30:00Z", "2026-10-25T00:30:00Z"),
        ("2026-10-25T03:00:00Z", "2026-10-25T02:00:00Z"),
        ("1969-12-31T23:30:00Z", "1969-12-31T22:30:00Z"),
    ])
    func becomesAnInstant(local: String, instant: String) throws {
        let zone = try #require(TimeZone(identifier: "Europe/Ljubljana"))
        let reading = LocalTime(utc: try Timestamp(rfc3339: local))
        #expect(reading.instant(in: zone).rfc3339 == instant)
    }

    @Test func readsBack() throws {
        let zone = try #require(TimeZone(identifier: "America/St_Johns"))
        var numbers = SeededNumbers(7)
        for _ in 0..<500 {
            let seconds = Int64.random(in: 0...4_000_000_000, using: &numbers) / 60 * 60
            let instant = Timestamp(seconds: seconds)
            let back = LocalTime(instant, in: zone).instant(in: zone)
            // An hour that the clocks show twice reads back as its first time.
            guard back == instant || instant - back == .seconds(3600) else {
                Issue.record("\(instant.rfc3339) came back as \(back.rfc3339)")
                return
            }
        }
    }

    @Test func endsADayAtTwentyFour() {
        let end = LocalTime(day: 10, second: 86_400).instant(in: .gmt)
        #expect(end == LocalTime(day: 11, second: 0).instant(in: .gmt))
    }
}
