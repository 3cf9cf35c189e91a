import CEL
import EventModel
import Testing

/// Functions that the specification's set does not cover, and how others are added.
@Suite struct FunctionTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var source: String
        var value: Value
        var testDescription: String { source }

        init(_ source: String, _ value: Value) {
            self.source = source
            self.value = value
        }
    }

    static let numbers = [
        Row("string(1.0)", "1"), Row("string(0.1 + 0.2)", "0.30000000000000004"),
        Row("string(1e21)", "1e+21"),
        Row("string(123456789012345680000.0)", "123456789012345680000"),
        Row("string(1e-7)", "1e-07"), Row("string(-0.000001)", "-0.000001"),
        Row("string(5e-324)", "5e-324"),
        Row("string(1.7976931348623157e308)", "1.7976931348623157e+308"), Row("string(-0.0)", "-0"),
        Row("'%.2f'.format([0.125])", "0.12"), Row("'%.2f'.format([0.375])", "0.38"),
        Row("'%.0f'.format([1e22])", "10000000000000000000000"),
        Row("'%.3e'.format([0.0])", "0.000e+00"),
        Row("'%.1e'.format([9.96])", "1.0e+01"), Row("'%.1f'.format([0.96])", "1.0"),
        Row("'%.20f'.format([0.1])", "0.10000000000000000555"), Row("'%.0f'.format([0.5])", "0"),
        Row("'%.4e'.format([5e-324])", "4.9407e-324"), Row("sum([1, 2, 3])", 6), Row("sum([])", 0),
        Row("sum([0.5, 0.25])", 0.75), Row("math.sqrt(9)", 3.0),
    ]

    static let lists = [
        Row("[3, 1, 2].sort()", [1, 2, 3]), Row("['b', 'a', 'C'].sort()", ["C", "a", "b"]),
        Row("[{'k': 2}, {'k': 1}].sortBy(e, e.k).map(e, e.k)", [1, 2]),
        Row("[1, 'a', 1.0, 'a', [1], [1u]].distinct()", [1, "a", [1]]),
        Row("[1, [2, [3]]].flatten()", [1, 2, [3]]), Row("[1, [2, [3]]].flatten(2)", [1, 2, 3]),
        Row("[1, 2, 3].slice(1, 3)", [2, 3]), Row("[1, 2].reverse()", [2, 1]),
        Row("lists.range(3)", [0, 1, 2]),
        Row("sets.contains([1, 2], [2.0])", true), Row("sets.equivalent([1, 1], [1])", true),
        Row("sets.intersects([1], [2])", false), Row("[].first().hasValue()", false),
        Row("[1, 2].last().value()", 2),
        Row("['a', 'b'].transformMapEntry(i, v, {v: i})", ["a": 0, "b": 1]),
    ]

    static let indexes = [
        Row("[7, 8, 9][dyn(1u)]", 8), Row("[7, 8, 9][dyn(2.0)]", 9),
        Row("[7][?1u].hasValue()", false),
        Row("{1: 'a'}[1u]", "a"), Row("{1u: 'a'}[1]", "a"), Row("{true: 'a'}[true]", "a"),
        Row("2.0 in {1: 1, 2u: 2}", true), Row("{1: {2u: 3}} == {1u: {2: 3.0}}", true),
    ]

    static let texts = [
        Row("'žaba'.size()", 4), Row("'e\\u0301' == 'é'", false),
        Row("'aXbX'.split('X')", ["a", "b", ""]),
        Row("'žab'.split('')", ["ž", "a", "b"]), Row("'abc'.split('', 2)", ["a", "bc"]),
        Row("'ab'.replace('', '-')", "-a-b-"), Row("'aaaa'.replace('aa', 'b', 1)", "baa"),
        Row("base64.encode(b'ab')", "YWI="), Row("base64.decode('YWI')", .bytes([97, 98])),
    ]

    static let times = [
        Row("string(timestamp('2026-03-29T01:30:00+02:00'))", "2026-03-28T23:30:00Z"),
        Row("timestamp('2024-02-29T00:00:00Z').getDayOfYear()", 59),
        Row(
            "timestamp('2026-12-01T10:00:00Z') - duration('24h') == timestamp('2026-11-30T10:00:00Z')",
            true
        ),
        Row("timestamp('2026-11-29T23:30:00Z').getDayOfWeek('+01:00')", 1),
        Row("format_time('2026-12-01T10:05:00Z', '%d.%m.%y %I%p')", "01.12.26 10AM"),
        Row("duration('1.5h') == duration('90m')", true), Row("string(duration('-1.5s'))", "-1.5s"),
        Row("duration('PT1H30M') == duration('90m')", true), Row("duration('1w').getHours()", 168),
        Row("duration('1d') == duration('24h')", true), Row("duration('-1m30s').getSeconds()", -90),
        Row(
            "format_time(timestamp('2026-12-01T10:05:00Z'), '%A, %e %B %Y, %H:%M', '+01:00')",
            "Tuesday, 1 December 2026, 11:05"
        ),
    ]

    static let domain = [
        Row("coalesce(input.missing, null, input.name, 'x')", "Ana"),
        Row("coalesce(input.missing)", nil),
        Row("coalesce({}.?a, 5)", 5), Row("normalize_phone('+386 40 111-222')", "+38640111222"),
        Row("normalize_phone('00386 (40) 111222')", "+38640111222"),
        Row("normalize_phone('040 111 222', '+386')", "+38640111222"),
        Row("normalize_phone('+44 (0)20 7946 0000')", "+442079460000"),
        Row("normalize_email('  Ana@Example.ORG ')", "ana@example.org"),
        Row("slug('Globoka masaža: 60 min!')", "globoka-masaza-60-min"),
        Row("slug('Straße №5')", "strasse-5"),
        Row("json({'a': [1, 2.5, null, true, b'ab']})", #"{"a":[1,2.5,null,true,"YWI"]}"#),
        Row("merge({'a': 1, 'b': 1}, {'b': 2})", ["a": 1, "b": 2]),
    ]

    @Test(arguments: numbers + lists + indexes + texts + times + domain)
    func give(_ row: Row) throws {
        let variables: ValueMap = ["input": ["name": "Ana"]]
        #expect(try Expression.compile(row.source).evaluate(variables) == row.value)
    }

    static let refused = [
        "normalize_phone('040 111 222')", "normalize_phone('call me')", "normalize_phone('+1')",
        "normalize_email('ana')", "normalize_email('a@b@c')", "format_time(timestamp(0), '%Q')",
        "coalesce(1 / 0, 2)", "base64.decode('a')", "base64.decode('a*bc')", "sum(['a'])",
        "'%d'.format([])", "'%'.format([1])", "'abc'.charAt(4)", "[1, 'a'].sort()",
        "duration('1y')", "duration('')", "duration('99999999999999999999s')",
    ]

    @Test(arguments: refused)
    func refuse(_ source: String) throws {
        let expression = try Expression.compile(source)
        #expect(throws: CELError.self) { try expression.evaluate([:]) }
    }

    @Test func standardHasNoDomainFunctions() throws {
        #expect(throws: CELError.self) { try Expression.compile("slug('a')", functions: .standard) }
        #expect(!FunctionLibrary.standard.functionNames.contains("slug"))
        #expect(FunctionLibrary.daybook.functionNames.contains("slug"))
    }

    @Test func newFunctionsCanBeAdded() throws {
        let double = ExpressionFunction("twice", style: .receiver, argumentCount: 1...1) {
            (arguments: [Value]) throws(ExpressionFunction.Failure) in
            guard let number = arguments[0].intValue else {
                throw ExpressionFunction.Failure(.noSuchOverload, "twice() takes ints")
            }
            return .int(number &* 2)
        }
        let library = FunctionLibrary.standard.adding([double])
        let expression = try Expression.compile("x.twice() + 1", functions: library)
        #expect(try expression.evaluate(["x": 20]) == 41)
        let error = try #require(throws: CELError.self) { try expression.evaluate(["x": "a"]) }
        #expect(error.message == "twice() takes ints")
        #expect(error.offset == 2)
    }

    @Test func zonesAreGivenFromOutside() throws {
        struct Summer: TimeZoneProvider {
            func secondsAheadOfUTC(zone: String, at instant: Timestamp) -> Int? {
                zone == "Europe/Ljubljana" ? 7200 : nil
            }
        }
        let library = FunctionLibrary.daybook(timeZones: Summer())
        let source = "timestamp('2026-07-01T10:00:00Z').getHours('Europe/Ljubljana')"
        #expect(try Expression.compile(source, functions: library).evaluate([:]) == 12)
    }

    @Test func typesAndOptionalsLeaveAsValues() throws {
        let expression = try Expression.compile("[type(1), optional.none(), optional.of(2)]")
        #expect(try expression.evaluate([:]) == ["int", nil, 2])
    }
}
