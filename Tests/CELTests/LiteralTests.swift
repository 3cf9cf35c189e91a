import CEL
import EventModel
import Testing

/// What can be written down directly.
@Suite struct LiteralTests {
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
        Row("0x1F", 31), Row("-0x1f", -31), Row("0xFFu", .uint(255)), Row("12U", .uint(12)),
        Row(".5", 0.5), Row("1e3", 1000.0), Row("1.5E-2", 0.015), Row("-1.0", -1.0),
        Row("-9223372036854775808", .int(.min)), Row("--5", 5), Row("- 5", -5),
        Row("18446744073709551615u", .uint(.max)),
    ]

    static let texts = [
        Row(#"'a\tb\n\x41\u00e9\U0001F600\101\\\'\"\?\`'"#, "a\tb\nAé😀A\\'\"?`"),
        Row(#"r'\d+'"#, #"\d+"#), Row(#"R"\""#, "\\"), Row("'''it's\n\"so\"'''", "it's\n\"so\""),
        Row(#"b'\xff\377é'"#, .bytes([0xFF, 0xFF, 0xC3, 0xA9])), Row("bR'\\n'", .bytes([92, 110])),
        Row("'a' // then\n + 'b'", "ab"),
    ]

    static let containers = [
        Row("[1, 'a', [true],]", [1, "a", [true]]), Row("{'a': 1, 'b': {},}", ["a": 1, "b": [:]]),
        Row("[?{}.?a, ?{'a': 1}.?a]", [1]), Row("{?'a': {}.?x, 'b': 2}", ["b": 2]),
        Row("{'in-put': 1}.`in-put`", 1), Row("{'if': {'for': 2}}.if.for", 2),
    ]

    @Test(arguments: numbers + texts + containers)
    func reads(_ row: Row) throws {
        #expect(try Expression.compile(row.source).evaluate([:]) == row.value)
    }
}
