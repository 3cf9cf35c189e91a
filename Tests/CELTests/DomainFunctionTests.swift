import CEL
import EventModel
import Testing

/// What workflows ask about changes, spans of time and keys.
@Suite struct DomainFunctionTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var source: String
        var value: Value
        var testDescription: String { source }

        init(_ source: String, _ value: Value) {
            self.source = source
            self.value = value
        }
    }

    static let variables: ValueMap = [
        "record": ["status": "done", "client": "c1", "note": "x"],
        "changes": [
            "status": ["before": "open", "after": "done"],
            "note": ["before": "x", "after": "x"],
        ],
        "change": ["before": ["a": 1, "b": 2], "after": ["a": 1, "b": 3, "c": 4]],
        "created": ["before": nil, "after": ["a": 1]],
        "idempotency_key": "instance/step",
        "morning": ["start": "2026-12-01T09:00:00Z", "end": "2026-12-01T10:00:00Z"],
        "late": ["start": "2026-12-01T09:30:00Z", "end": nil],
    ]

    static let rows = [
        Row("changed(record)", true), Row("changed(record, 'status')", true),
        Row("changed(record, 'client', 'status')", true), Row("changed(record, 'client')", false),
        Row("changed(record, 'note')", false), Row("changed(change)", true),
        Row("changed(change, 'a')", false), Row("changed(change, 'a', 'b')", true),
        Row("changed(change, 'c')", true), Row("changed(created, 'a')", true),
        Row("changed(created, 'b')", false), Row("changed({'changes': {}})", false),
        Row("overlaps(morning, late)", true),
        Row("overlaps(morning, ['2026-12-01T10:00:00Z', '2026-12-01T11:00:00Z'])", false),
        Row("overlaps(late, [timestamp('2027-01-01T00:00:00Z'), null])", true),
        Row("overlaps(['2026-12-01T08:00:00Z', '2026-12-01T09:00:00.5Z'], morning)", true),
        Row("matches_phone('+386 40 111-222', '00386 40 111222')", true),
        Row("matches_phone('040 111 222', '+38640111222', '+386')", true),
        Row("matches_phone('040 111 222', '+38640111222')", false),
        Row("matches_phone(null, null)", false), Row("matches_phone('?', '?')", false),
        // 1 December 2026 is a Tuesday.
        Row("business_days('2026-12-01T10:00:00Z', '2026-12-08T09:00:00Z')", 5),
        Row("business_days('2026-12-05T10:00:00Z', '2026-12-07T09:00:00Z')", 0),
        Row("business_days('2026-12-08T09:00:00Z', '2026-12-01T10:00:00Z')", -5),
        Row("business_days('1969-12-29T00:00:00Z', '1970-01-05T00:00:00Z')", 5),
        Row("business_days('2026-12-21T00:00:00Z', '2026-12-28T00:00:00Z', ['2026-12-25'])", 4),
        Row("business_days('2026-12-21T00:00:00Z', '2026-12-28T00:00:00Z', ['2026-12-26'])", 5),
        Row("business_days('2026-12-01T23:30:00Z', '2026-12-02T23:30:00Z', '+01:00')", 1),
        Row("business_days('2026-12-04T23:30:00Z', '2026-12-06T23:30:00Z', '+01:00')", 0),
        Row(
            "string(add_business_days(timestamp('2026-12-04T10:00:00Z'), 1))",
            "2026-12-07T10:00:00Z"
        ),
        Row(
            "string(add_business_days('2026-12-24T10:00:00Z', 1, 'UTC', ['2026-12-25']))",
            "2026-12-28T10:00:00Z"
        ),
        Row("string(add_business_days('2026-12-07T10:00:00Z', -1))", "2026-12-04T10:00:00Z"),
        Row("string(add_business_days('2026-12-05T10:00:00Z', 0))", "2026-12-05T10:00:00Z"),
        Row("in_timezone('2026-12-01T23:30:00Z', '+01:00').date", "2026-12-02"),
        Row("in_timezone('2026-12-01T23:30:00Z', '-03:30').text", "2026-12-01T20:00:00-03:30"),
        Row("in_timezone(timestamp('2026-12-01T23:30:00Z'), '+01:00').weekday", 3),
        Row("in_timezone('2026-12-01T23:30:05Z', '+01:00').hour", 0),
        Row("idempotency_key()", "instance/step"),
        Row("idempotency_key('a', 1) == idempotency_key('a', 1)", true),
        Row("idempotency_key('a', 1) == idempotency_key('a', '1')", false),
        Row("idempotency_key('a', 1).size()", 32),
    ]

    @Test(arguments: rows)
    func give(_ row: Row) throws {
        #expect(try Expression.compile(row.source).evaluate(Self.variables) == row.value)
    }

    static let refused = [
        "changed(1)", "changed(record, 1)", "changed()", "overlaps(1, 2)", "overlaps({}, morning)",
        "overlaps(['2026-12-02T00:00:00Z', '2026-12-01T00:00:00Z'], morning)",
        "business_days('x', 'y')",
        "business_days('2026-12-01T00:00:00Z', '2026-12-02T00:00:00Z', ['12/25'])",
        "business_days('2026-12-01T00:00:00Z', '2026-12-02T00:00:00Z', 'Mars/Olympus')",
        "add_business_days('2026-12-01T00:00:00Z', 10001)",
        "add_business_days(timestamp('9999-12-31T00:00:00Z'), 10)", "in_timezone(1, 'Nowhere')",
    ]

    @Test(arguments: refused)
    func refuse(_ source: String) throws {
        #expect(throws: CELError.self) {
            try Expression.compile(source).evaluate(Self.variables)
        }
    }

    @Test func withoutAnEventNothingIsKnownOfChangesAndSteps() throws {
        for source in ["changed({'a': 1}, 'a')", "idempotency_key()"] {
            let error = try #require(throws: CELError.self) {
                try Expression.compile(source).evaluate([:])
            }
            #expect(error.code == .invalidArgument)
        }
        let trigger: ValueMap = ["trigger": ["changes": ["a": ["before": 1, "after": 2]]]]
        #expect(try Expression.compile("changed({}, 'a')").evaluate(trigger) == true)
    }

    @Test func theTimeOfDayStaysWhenTheClocksChange() throws {
        // The clocks of Ljubljana go back on Sunday, 25 October 2026, at 01:00 UTC.
        struct Ljubljana: TimeZoneProvider {
            func secondsAheadOfUTC(zone: String, at instant: Timestamp) -> Int? {
                guard zone == "Europe/Ljubljana" else { return nil }
                return instant.seconds < 1_792_890_000 ? 7200 : 3600
            }
        }
        let library = FunctionLibrary.daybook(timeZones: Ljubljana())
        let source = "string(add_business_days('2026-10-23T08:00:00Z', 1, 'Europe/Ljubljana'))"
        let expression = try Expression.compile(source, functions: library)
        #expect(try expression.evaluate([:]) == "2026-10-26T09:00:00Z")
    }
}
