import EventModel
import Testing

@Suite struct DurationTextTests {
    private static let texts: [(text: String, duration: Duration, iso8601: String, short: String)] =
        [
            ("300ms", .milliseconds(300), "PT0.3S", "300ms"),
            ("10s", .seconds(10), "PT10S", "10s"),
            ("5m", .seconds(300), "PT5M", "5m"),
            ("2h", .seconds(7200), "PT2H", "2h"),
            ("1d", .seconds(86400), "PT24H", "1d"),
            ("2w", .seconds(1_209_600), "PT336H", "14d"),
            ("1h30m", .seconds(5400), "PT1H30M", "1h30m"),
            ("1.5h", .seconds(5400), "PT1H30M", "1h30m"),
            ("-5m", .seconds(-300), "-PT5M", "-5m"),
            ("1s500ms", .milliseconds(1500), "PT1.5S", "1.5s"),
            ("7us", .microseconds(7), "PT0.000007S", "0.000007s"),
            ("7µs", .microseconds(7), "PT0.000007S", "0.000007s"),
            ("0s", .zero, "PT0S", "0s"),
            ("PT1H30M", .seconds(5400), "PT1H30M", "1h30m"),
            ("P1DT12H", .seconds(129_600), "PT36H", "1d12h"),
            ("P2W", .seconds(1_209_600), "PT336H", "14d"),
            ("-PT0,25S", .milliseconds(-250), "-PT0.25S", "-250ms"),
            (
                "PT0.000000000000000001S", Duration(attoseconds: 1), "PT0.000000000000000001S",
                "0.000000000000000001s"
            ),
        ]

    @Test(arguments: texts)
    func readsAndWrites(text: String, duration: Duration, iso8601: String, short: String) throws {
        #expect(try DurationText.parse(text) == duration)
        #expect(DurationText.iso8601(duration) == iso8601)
        #expect(DurationText.short(duration) == short)
        #expect(try DurationText.parse(iso8601) == duration)
        #expect(try DurationText.parse(short) == duration)
    }

    @Test(arguments: [
        "", "5", "m", "5x", "5M", "1m1h", "1h1h", "5 m", "P", "PT", "P1Y", "P1M", "P1DT", "1D",
        "PT5",
        "PT1S1H", "1.s", ".5s", "5sT", "5T", "--5s", "1.1234567890123456789s", "0.1ns0.1s",
        "0.0000000001ns", "999999999999999999999999s", "300000000000000w300000000000000w", "pt5m",
    ]) func refuses(text: String) {
        #expect(throws: TextFormatError.self) { try DurationText.parse(text) }
    }

    @Test func longestReadsBack() throws {
        let longest = Duration(attoseconds: .max)
        #expect(try DurationText.parse(DurationText.iso8601(longest)) == longest)
        #expect(try DurationText.parse(DurationText.short(longest)) == longest)
    }
}
