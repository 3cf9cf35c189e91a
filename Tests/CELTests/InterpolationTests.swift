import CEL
import EventModel
import Testing

@Suite struct InterpolationTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var text: String
        var value: Value
        var testDescription: String { text }

        init(_ text: String, _ value: Value) {
            self.text = text
            self.value = value
        }
    }

    static let variables: ValueMap = [
        "name": "Ana", "amount": 80, "price": 12.5, "big": 1_500_000.0, "none": nil, "yes": true,
        "tags": ["a", "b\"c"], "map": ["z": 1, "at": .timestamp(Timestamp(seconds: 0))],
        "at": .timestamp(Timestamp(seconds: 1_796_119_200, nanoseconds: 500_000_000)),
        "span": .duration(.milliseconds(1500)), "raw": .bytes([72, 105]),
    ]

    static let rows = [
        Row("plain", "plain"), Row("", ""), Row("a { b } c", "a { b } c"),
        Row("{{ amount }}", 80), Row("{{amount}}", 80), Row("{{ tags }}", ["a", "b\"c"]),
        Row("{{ none }}", nil), Row("Hello {{ name }}!", "Hello Ana!"),
        Row("{{ name }} {{ amount }}", "Ana 80"), Row(" {{ amount }}", " 80"),
        Row("[{{ none }}]", "[]"), Row("{{ yes }}, {{ price }}", "true, 12.5"),
        Row("{{ big }} EUR", "1500000 EUR"), Row("at {{ at }}", "at 2026-12-01T10:00:00.500Z"),
        Row("in {{ span }}", "in 1.5s"), Row("({{ raw }})", "(Hi)"),
        Row("tags: {{ tags }}", #"tags: ["a","b\"c"]"#),
        Row("map: {{ map }}", #"map: {"z":1,"at":"1970-01-01T00:00:00Z"}"#),
        Row("{{ {'a': {'b': 1}}.a.b }}", 1), Row("{{ {'a': {'b': 1}}['a']['b'] }}!", "1!"),
        Row("{{ '}}' + '{{' }}", "}}{{"), Row("{{ name }}}", "Ana}"),
        Row("{ {{ name }} }", "{ Ana }"),
    ]

    @Test(arguments: rows)
    func puts(_ row: Row) throws {
        let interpolation = try Interpolation.compile(row.text)
        #expect(try interpolation.evaluate(Self.variables) == row.value)
    }

    @Test func knowsItsExpressions() throws {
        let text = try Interpolation.compile("{{ steps.client.id }} and {{ input['a'].b[0] }}")
        #expect(!text.isLiteral)
        #expect(text.expressions.map(\.source) == [" steps.client.id ", " input['a'].b[0] "])
        #expect(
            text.expressions.map(\.references) == [
                [["steps", "client", "id"]], [["input", "a", "b"]],
            ]
        )
        #expect(try Interpolation.compile("no expression").isLiteral)
    }

    static let mistakes: [(text: String, offset: Int)] = [
        ("Hello {{ name", 6), ("{{ }}", 2), ("Hello {{ 1 + }}", 13), ("x {{ 'a }}", 5),
        ("{{ name }} {{ nmae() }}", 14),
    ]

    @Test(arguments: mistakes.indices)
    func placesAMistakeInTheWholeText(_ index: Int) throws {
        let (text, offset) = Self.mistakes[index]
        let error = try #require(throws: CELError.self) { try Interpolation.compile(text) }
        #expect(error.source == text)
        #expect(error.offset == offset, "\(error.rendered)")
    }

    @Test func placesAnEvaluationsMistakeToo() throws {
        let text = "Hello {{ nmae }}"
        let error = try #require(throws: CELError.self) {
            try Interpolation.compile(text).evaluate(Self.variables)
        }
        #expect(
            error.rendered
                == "there is no variable 'nmae'; did you mean 'name'?\n  \(text)\n           ^"
        )
    }
}
