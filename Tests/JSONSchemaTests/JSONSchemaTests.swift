import EventModel
import JSONSchema
import Testing

@Suite struct JSONSchemaTests {
    private static func violations(_ schema: String, _ value: String) throws -> [String] {
        let schema = try JSONSchema(JSON.parse(schema), assertsFormats: true)
        return schema.violations(of: try JSON.parse(value)).map(\.description)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var schema: String
        var value: String
        var wanted: [String]
        var testDescription: String { "\(schema) with \(value)" }
    }

    static let sentences = [
        Case(
            schema: #"{"type": "integer"}"#,
            value: #""x""#,
            wanted: [#"the value must be of type integer, not string ("x")"#]
        ),
        Case(
            schema: #"{"properties": {"a": {"items": {"minimum": 3}}}}"#,
            value: #"{"a": [3, 2.5]}"#,
            wanted: ["'a[1]' must be at least 3, not 2.5"]
        ),
        Case(
            schema: #"{"required": ["a", "b"]}"#,
            value: "{}",
            wanted: [
                "the value must have the member 'a'; add it",
                "the value must have the member 'b'; add it",
            ]
        ),
        Case(
            schema: #"{"properties": {"name": {}}, "additionalProperties": false}"#,
            value: #"{"nam": 1}"#,
            wanted: ["the value must not have the member 'nam'; there are: name"]
        ),
        Case(
            schema: #"{"enum": ["a", 1, null]}"#,
            value: #""b""#,
            wanted: [#"the value must be one of "a", 1, null, not "b""#]
        ),
        Case(
            schema: #"{"anyOf": [{"type": "string"}, {"properties": {"a": {"type": "null"}}}]}"#,
            value: #"{"a": 1}"#,
            wanted: [
                "the value fits none of the 2 forms allowed; the nearest fails because "
                    + "'a' must be of type null, not integer (1)"
            ]
        ),
        Case(
            schema: #"{"oneOf": [{"minimum": 1}, {"minimum": 2}]}"#,
            value: "3",
            wanted: [
                "the value fits several of the forms that exclude each other, numbers 1 and 2; "
                    + "give it what only one of them allows"
            ]
        ),
        Case(
            schema: #"{"format": "email"}"#,
            value: #""ana(at)example.org""#,
            wanted: [
                #"the value is no email ("ana(at)example.org"); "#
                    + "write an e-mail address such as ana@example.org"
            ]
        ),
        Case(
            schema: #"{"uniqueItems": true}"#,
            value: "[1, 2, 1.0]",
            wanted: [
                "the value has the same element twice, at [0] and [2]; remove one of them"
            ]
        ),
    ]

    @Test(arguments: sentences) func violationsAreSentences(_ row: Case) throws {
        #expect(try Self.violations(row.schema, row.value) == row.wanted)
    }

    static let mistakes = [
        (#"{"type": "strng"}"#, "/type", "there is no type 'strng'"),
        (#"{"properties": {"a": {"minimum": "1"}}}"#, "/properties/a/minimum", "must be a number"),
        (##"{"$ref": "#/$defs/x"}"##, "/$ref", "is not there"),
        (#"{"$ref": "https://example.org/x"}"#, "/$ref", "is unknown"),
        (#"{"pattern": "(?=a)"}"#, "/pattern", "looking ahead or behind is not possible"),
        (#"{"pattern": "(a"}"#, "/pattern", "a '(' without ')'"),
        (#"{"items": 3}"#, "/items", "a schema must be a mapping, true or false"),
        (#"{"allOf": []}"#, "/allOf", "at least one schema"),
        (#"{"multipleOf": 0}"#, "/multipleOf", "a number above zero"),
        (#"{"$schema": "http://json-schema.org/draft-07/schema#"}"#, "/$schema", "is unknown"),
    ]

    @Test(arguments: mistakes) func mistakesHaveTheirPlace(
        _ schema: String,
        _ path: String,
        _ part: String
    ) throws {
        do {
            _ = try JSONSchema(JSON.parse(schema))
            Issue.record("no mistake")
        } catch let mistakes as SchemaMistakes {
            #expect(mistakes.list.map(\.path) == [path])
            #expect(mistakes.description.contains(part), "\(mistakes)")
        }
    }

    @Test func allMistakesAreFoundAtOnce() throws {
        let schema = try JSON.parse(
            #"{"type": "x", "required": "a", "properties": {"b": {"maxLength": -1}}}"#
        )
        do {
            _ = try JSONSchema(schema)
            Issue.record("no mistake")
        } catch {
            #expect(error.list.count == 3)
        }
    }

    @Test func pathsGoThroughReferences() throws {
        let schema = try JSONSchema(
            JSON.parse(
                ##"{"properties": {"a/b": {"$ref": "#/$defs/n"}}, "$defs": {"n": {"minimum": 1}}}"##
            )
        )
        let violation = try #require(schema.violations(of: ["a/b": 0]).first)
        #expect(violation.schemaPath == "/properties/a~1b/$ref/minimum")
        #expect(violation.instancePath == "/a~1b")
    }

    @Test func hostileSchemasEnd() throws {
        let circle = try JSONSchema(JSON.parse(##"{"$ref": "#"}"##))
        #expect(circle.violations(of: 1).first?.message.contains("levels") == true)
        #expect(!circle.accepts(1))
        // Each level tries both of two equal ways: 2^100 in all.
        let doubling = try JSONSchema(
            JSON.parse(
                ##"{"$defs": {"x": {"anyOf": [{"items": {"$ref": "#/$defs/x"}, "minItems": 1}, "##
                    + ##"{"items": {"$ref": "#/$defs/x"}, "minItems": 1}]}}, "$ref": "#/$defs/x"}"##
            )
        )
        var value: Value = 1
        for _ in 0..<60 { value = [value, []] }
        #expect(!doubling.accepts(value, stepsMax: 10_000))
        #expect(
            doubling.violations(of: value, stepsMax: 10_000).first?.message.contains("steps")
                == true
        )
        let slow = try JSONSchema(["pattern": "(a*)*b"])
        #expect(!slow.accepts(.string(String(repeating: "a", count: 10_000))))
    }

    @Test func deepNestingFitsTheStack() throws {
        let list = try JSONSchema(JSON.parse(##"{"anyOf": [{"items": {"$ref": "#"}}, false]}"##))
        var value: Value = []
        for _ in 0..<120 { value = [value] }
        #expect(list.accepts(value))
    }

    @Test func valuesBeyondJSONAreTakenAsItWritesThem() throws {
        let schema = try JSONSchema(
            ["type": "string", "format": "date-time"],
            assertsFormats: true
        )
        #expect(schema.accepts(.timestamp(Timestamp(seconds: 0))))
        #expect(try JSONSchema(["const": "PT1M"]).accepts(.duration(.seconds(60))))
        #expect(try JSONSchema(["const": 1]).accepts(.double(1)))
        #expect(try !JSONSchema(["const": 1]).accepts(true))
    }

    static let patterns: [(pattern: String, text: String, matches: Bool)] = [
        (#"^\s$"#, "\u{FEFF}", true), (#"^\S$"#, "\u{A0}", false), (#"^[\S]$"#, "x", true),
        (#"^\u0041\x42\cJ$"#, "AB\n", true), (#"^\uD83D\uDE00$"#, "😀", true),
        (#"^\u{1F600}$"#, "😀", true), ("^[^]$", "\n", true), ("^[]$", "", false),
        ("^.$", "\u{2028}", false), (#"^\p{Letter}\P{Lu}$"#, "Éé", true),
        (#"^[\p{ASCII}]+$"#, "aé", false), (#"^[[:a]$"#, ":", true), (#"^\/\-\$$"#, "/-$", true),
        ("a$", "a\n", false), (#"^(?<year>\d{4})$"#, "2026", true), (#"^\d$"#, "٣", false),
    ]

    @Test(arguments: patterns) func patternsFollowECMA(
        _ pattern: String,
        _ text: String,
        _ matches: Bool
    ) throws {
        #expect(try JSONSchema(["pattern": .string(pattern)]).accepts(.string(text)) == matches)
    }

    static let formats: [(format: String, good: [String], bad: [String])] = [
        ("date", ["2024-02-29"], ["2023-02-29", "2023-2-01", "x"]),
        ("date-time", ["2026-11-24T09:30:00Z", "2026-11-24T09:30:00.5+02:00"], ["2026-11-24"]),
        ("time", ["09:30:00Z"], ["09:30", "25:00:00Z"]),
        ("duration", ["P1Y2M", "PT1H30M", "P4W", "P1D"], ["1h", "P", "PT", "P1M1Y", "P1"]),
        ("email", ["a.b+c@example.org"], ["a@", "@b.org", "a b@c.org", "a..b@c.org"]),
        ("hostname", ["a-b.example"], ["-a.b", "a..b", ""]),
        ("ipv4", ["192.0.2.1"], ["192.0.2.256", "192.0.2", "192.0.02.1"]),
        ("ipv6", ["::", "::1", "2001:db8::1", "::ffff:192.0.2.1"], ["1::2::3", ":1", "12345::"]),
        ("uri", ["https://a.b/c?d#e", "urn:x:y"], ["/a", "https://a b"]),
        ("uri-reference", ["/a?b", "#c"], ["\\a", "%zz"]),
        ("uuid", ["0195f3a4-7c1e-7b2a-9d7e-3f5a6b7c8d9e"], ["0195f3a4", "x"]),
        ("json-pointer", ["", "/a~0/b~1"], ["a", "/~2"]),
        ("regex", ["^a$"], ["a\\"]),
        ("colour", ["anything"], []),
    ]

    @Test(arguments: formats) func formatsAreAsserted(
        _ format: String,
        _ good: [String],
        _ bad: [String]
    ) throws {
        let schema = try JSONSchema(["format": .string(format)], assertsFormats: true)
        #expect(good.filter { !schema.accepts(.string($0)) } == [])
        #expect(bad.filter { schema.accepts(.string($0)) } == [])
        let lenient = try JSONSchema(["format": .string(format)])
        #expect(bad.allSatisfy { lenient.accepts(.string($0)) })
    }
}
