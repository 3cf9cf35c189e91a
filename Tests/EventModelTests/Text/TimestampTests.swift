import EventModel
import Testing

@Suite struct TimestampTests {
    private static let texts:
        [(text: String, seconds: Int64, nanoseconds: Int32, written: String)] = [
            ("1970-01-01T00:00:00Z", 0, 0, "1970-01-01T00:00:00Z"),
            ("2026-12-01T10:00:00+01:00", 1_796_115_600, 0, "2026-12-01T09:00:00Z"),
            ("2026-12-01t10:00:00.5z", 1_796_119_200, 500_000_000, "2026-12-01T10:00:00.500Z"),
            ("1969-12-31T23:59:59.999999Z", -1, 999_999_000, "1969-12-31T23:59:59.999999Z"),
            ("2000-02-29T12:30:45.000000001Z", 951_827_445, 1, "2000-02-29T12:30:45.000000001Z"),
            ("0001-01-01T00:00:00Z", -62_135_596_800, 0, "0001-01-01T00:00:00Z"),
            (
                "9999-12-31T23:59:59.999999999Z", 253_402_300_799, 999_999_999,
                "9999-12-31T23:59:59.999999999Z"
            ),
            ("1985-04-12T23:20:50.52Z", 482_196_050, 520_000_000, "1985-04-12T23:20:50.520Z"),
            ("1996-12-19T16:39:57-08:00", 851_042_397, 0, "1996-12-20T00:39:57Z"),
            (
                "1937-01-01T12:00:27.87+00:20", -1_041_337_173, 870_000_000,
                "1937-01-01T11:40:27.870Z"
            ),
            ("2026-01-01T00:00:00-00:00", 1_767_225_600, 0, "2026-01-01T00:00:00Z"),
        ]

    @Test(arguments: [Int64.min, .min + 1, -1, 0, 1, .max])
    func takesAnyNumber(_ number: Int64) {
        // A forged record can hold the least one.
        let parts = number.quotientAndRemainder(dividingBy: 1_000_000)
        let isRounded = parts.remainder < 0
        #expect(Timestamp(microseconds: number).seconds == parts.quotient - (isRounded ? 1 : 0))
        #expect(Timestamp(milliseconds: number) <= Timestamp(milliseconds: .max))
    }

    @Test(arguments: texts)
    func readsAndWrites(text: String, seconds: Int64, nanoseconds: Int32, written: String) throws {
        let timestamp = try Timestamp(rfc3339: text)
        #expect(timestamp == Timestamp(seconds: seconds, nanoseconds: nanoseconds))
        #expect(timestamp.rfc3339 == written)
        #expect(try Timestamp(rfc3339: written) == timestamp)
    }

    @Test(arguments: [Int64.min, .min + 1, -1, 0, 1, .max - 1, .max])
    func bearsAnyStoredNumber(number: Int64) {
        for time in [Timestamp(microseconds: number), Timestamp(milliseconds: number)] {
            #expect((0..<1_000_000_000).contains(time.nanoseconds))
            #expect((time < Timestamp(seconds: 0)) == (number < 0))
        }
    }

    @Test(arguments: [
        "", "2026-12-01", "2026-12-01 10:00:00Z", "2026-12-01T10:00:00", "2026-13-01T10:00:00Z",
        "2026-02-29T10:00:00Z", "2026-12-01T24:00:00Z", "2026-12-01T10:60:00Z",
        "2016-12-31T23:59:60Z", "2026-12-01T10:00:00.Z", "2026-12-01T10:00:00.0123456789Z",
        "2026-12-01T10:00:00+1:00", "2026-12-01T10:00:00+0100", "2026-12-01T10:00:00Zx",
        "0000-01-01T00:00:00Z", "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01",
        "26-12-01T10:00:00Z", "2026-12-01T10:00:00+24:00", "٢٠٢٦-12-01T10:00:00Z",
    ]) func refuses(text: String) {
        #expect(throws: TextFormatError.self) { try Timestamp(rfc3339: text) }
    }

    @Test func calendarAgreesWithCounting() throws {
        var date = try #require(CivilDate(year: 1, month: 1, day: 1))
        var number = date.daysSince1970
        #expect(number == -719_162)
        var weekday = 1
        var wrongCount = 0
        while date.year < 2500 {
            if CivilDate(daysSince1970: number) != date || date.daysSince1970 != number
                || date.weekday != weekday
            {
                wrongCount += 1
            }
            number += 1
            weekday = weekday % 7 + 1
            date = next(after: date)
        }
        #expect(wrongCount == 0)
        #expect(CivilDate(year: 2024, month: 12, day: 31)?.dayOfYear == 366)
    }

    private func next(after date: CivilDate) -> CivilDate {
        CivilDate(year: date.year, month: date.month, day: date.day + 1)
            ?? CivilDate(year: date.year, month: date.month + 1, day: 1)
            ?? CivilDate(year: date.year + 1, month: 1, day: 1) ?? date
    }

    @Test func arithmeticNeverTraps() {
        let last = Timestamp(seconds: .max, nanoseconds: 999_999_999)
        let first = Timestamp(seconds: .min)
        #expect((last + .seconds(1)).seconds == .max)
        #expect((first - .seconds(1)).seconds == .min)
        #expect(last.microseconds == .max && first.milliseconds == .min)
        #expect(last - first == .seconds(Int128(1) << 64) - .nanoseconds(1))
        #expect(!last.isInCalendar && last.rfc3339.hasPrefix("+"))
        #expect(first + (last - first) == last)
    }

    @Test(arguments: [-1_500_000_001, -1, 0, 1, 999_999_999, 1_000_000_000] as [Int64])
    func differenceUndoesSum(nanoseconds: Int64) {
        let start = Timestamp(seconds: 10, nanoseconds: 5)
        let end = start + .nanoseconds(nanoseconds)
        #expect(end - start == .nanoseconds(nanoseconds))
        #expect(end - .nanoseconds(nanoseconds) == start)
    }
}
