import EventModel
import Testing

@Suite struct JSONTests {
    private static let texts: [(text: String, value: Value)] = [
        ("null", .null), (" true ", true), ("[]", []), ("{}", [:]), ("0", 0), ("-0", 0),
        ("9223372036854775807", .int(.max)), ("-9223372036854775808", .int(.min)),
        ("9223372036854775808", .uint(1 << 63)), ("18446744073709551615", .uint(.max)),
        ("18446744073709551616", 18_446_744_073_709_551_616.0), ("1.0", .double(1)),
        ("-9223372036854775809", -9_223_372_036_854_775_808.0), ("1e3", .double(1000)),
        ("-1.5E-3", -0.0015), ("5e-324", .double(.leastNonzeroMagnitude)), ("\"\"", ""),
        ("\"a\\u00e9\\ud83d\\ude00\\n\\/\"", "aé😀\n/"), ("\"é😀\"", "é😀"), ("\"\\u0000\"", "\u{0}"),
        ("{\"b\":[1,{\"a\":null}],\"a\":false}", ["b": [1, ["a": nil]], "a": false]),
    ]

    @Test(arguments: texts) func reads(text: String, value: Value) throws {
        #expect(try JSON.parse(text) == value)
        #expect(try JSON.parse(JSON.text(value)) == value)
        #expect(try JSON.parse(JSON.text(value, layout: .pretty)) == value)
    }

    @Test(arguments: [
        ("", 1, 1), ("nul", 1, 1), ("[1,]", 1, 4), ("[1 2]", 1, 4), ("{\"a\" 1}", 1, 6),
        ("{\n  \"a\": 01\n}", 2, 8), ("{\"a\":1,}", 1, 8), ("{\"a\":1,\"a\":2}", 1, 1),
        ("1 2", 1, 3),
        ("+1", 1, 1), ("1.", 1, 3), (".5", 1, 1), ("1e", 1, 3), ("-", 1, 2), ("1e999", 1, 1),
        ("\"\\ud83d\"", 1, 2), ("\"\\ude00\\ud83d\"", 1, 2), ("\"\\ud83d\\u0041\"", 1, 2),
        ("\"\\x\"", 1, 2), ("\"\n\"", 1, 2), ("\"abc", 1, 1), ("\u{FEFF}1", 1, 1), ("NaN", 1, 1),
        ("[\"\\u12\"]", 1, 7), ("'a'", 1, 1), ("{a:1}", 1, 2), ("[1", 1, 3), ("\u{A0}1", 1, 1),
    ]) func refuses(text: String, line: Int, column: Int) {
        let error = #expect(throws: JSONError.self) { try JSON.parse(text) }
        #expect(error?.line == line && error?.column == column, "\(String(describing: error))")
    }

    @Test(
        arguments: [
            [0x22, 0xFF, 0x22], [0x22, 0xC0, 0xAE, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22],
            [0x22, 0x5C, 0x6E, 0xFF, 0x22],
        ] as [[UInt8]]
    )
    func refusesBadUTF8(bytes: [UInt8]) {
        #expect(throws: JSONError.self) { try JSON.parse(bytes: bytes) }
    }

    @Test func writesWhatJSONLacksAsText() throws {
        let value: Value = [
            "at": .timestamp(Timestamp(milliseconds: 1500)), "for": .duration(.seconds(90)),
            "raw": .bytes([0xFB, 0xFF]), "text": "\"\\\u{1}\t",
        ]
        let wanted =
            #"{"at":"1970-01-01T00:00:01.500Z","for":"PT1M30S","raw":"-_8","text":"\"\\\u0001\t"}"#
        #expect(try JSON.text(value) == wanted)
    }

    @Test func laysOutPretty() throws {
        let text = try JSON.text(["a": [1, 2], "b": [:], "c": []], layout: .pretty)
        #expect(text == "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": {},\n  \"c\": []\n}")
    }

    @Test func keysBecomeTexts() throws {
        var map: ValueMap = ["a": 1]
        map[.int(-2)] = 2
        map[.bool(true)] = 3
        #expect(try JSON.text(.map(map)) == #"{"-2":2,"a":1,"true":3}"#)
        map["true"] = 4
        #expect(throws: JSONError.self) { try JSON.text(.map(map)) }
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity]) func refusesNoNumbers(number: Double) {
        #expect(throws: JSONError.self) { try JSON.text([.double(number)]) }
    }

    @Test func depthIsLimited() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(throws: Never.self) { try JSON.parse(nested(Limits.nestingDepthMax)) }
        #expect(throws: JSONError.self) { try JSON.parse(nested(Limits.nestingDepthMax + 2)) }
        #expect(throws: JSONError.self) { try JSON.parse(String(repeating: "[", count: 100_000)) }
    }

    @Test func largeObjectsAreRead() throws {
        let text = "{" + (0..<20_000).map { "\"k\($0)\":\($0)" }.joined(separator: ",") + "}"
        let value = try JSON.parse(text)
        #expect(value.mapValue?.count == 20_000)
        #expect(value["k19999"] == 19999)
    }
}
