import CEL
import EventModel
import Testing

/// Mistakes that are found before anything is evaluated, and the places they are shown at.
@Suite struct SyntaxErrorTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var source: String
        var code: CELError.Code
        var offset: Int
        var fragment: String
        var testDescription: String { source }

        init(_ source: String, _ offset: Int, _ fragment: String, _ code: CELError.Code = .syntax) {
            self.source = source
            self.offset = offset
            self.fragment = fragment
            self.code = code
        }
    }

    static let rows = [
        Row("", 0, "empty"), Row("1 +", 3, "expected a value"), Row("(1", 2, "expected ')'"),
        Row("a = 1", 2, "'=='"), Row("a & b", 2, "'&&'"), Row("a | b", 2, "'||'"),
        Row("1 2", 2, "an operator or the end"), Row("a ? b", 5, "expected ':'"),
        Row("'abc", 0, "no closing quote"), Row("'a\nb'", 0, "no closing quote"),
        Row(#"'\q'"#, 1, #"'\q' is no escape"#), Row(#"'\ud800'"#, 1, "no Unicode"),
        Row(#"b'\u0041'"#, 2, "no escape sequence of bytes"), Row("0x", 0, "digits after 0x"),
        Row("9223372036854775808", 0, "does not fit into an int"),
        Row("99999999999999999999", 0, "64 bits"), Row("1.5a", 3, "cannot go on"),
        Row("1e999", 0, "range of a double"), Row("package + 1", 0, "reserved word"),
        Row("x.in", 2, "name of a member"), Row("a.`b`c", 5, "operator"),
        Row("has(a)", 4, "has() asks for a member"), Row("[1].all(1, true)", 8, "simple name"),
        Row("[1].all(i, i, true)", 11, "must differ"), Row("{'a' 1}", 5, "expected ':'"),
        Row("[1 2]", 3, "',' or ']'"), Row("'é' § 1", 4, "U+A7"),
        Row("sise([1])", 0, "did you mean size()", .undeclaredReference),
        Row("x.startWith('a')", 2, "did you mean startsWith()", .undeclaredReference),
        Row("size(1, 2)", 0, "does not take 2 arguments", .noSuchOverload),
        Row("startsWith('a', 'b')", 0, "is called as value.startsWith", .noSuchOverload),
        Row("[1].map(x)", 4, "the macro map()", .noSuchOverload),
        Row("'a'.matches('(')", 12, "without ')'", .invalidArgument),
    ]

    @Test(arguments: rows)
    func areFoundInTheirPlace(_ row: Row) throws {
        let error = try #require(throws: CELError.self) { try Expression.compile(row.source) }
        #expect(error.code == row.code)
        #expect(error.offset == row.offset)
        #expect(error.message.contains(row.fragment), "\(error.message)")
        #expect(error.source == row.source)
    }

    @Test func showsACaretUnderThePlace() throws {
        let error = try #require(throws: CELError.self) {
            try Expression.compile("a &&\n\tb = 1")
        }
        #expect(error.line == 2)
        #expect(error.column == 4)
        #expect(error.rendered == "'=' is no operator; write '==' to compare\n  \tb = 1\n  \t  ^")
    }

    static let deep = [
        String(repeating: "(", count: 60_000), String(repeating: "[", count: 60_000),
        String(repeating: "{1:", count: 20_000), String(repeating: "a?b:", count: 15_000) + "c",
        "a" + String(repeating: ".a", count: 30_000), "1" + String(repeating: "+1", count: 30_000),
        "a" + String(repeating: "[0]", count: 20_000), String(repeating: "size(", count: 12_000),
        String(repeating: "!(", count: 30_000), String(repeating: "-(", count: 30_000),
    ]

    @Test(arguments: deep.indices)
    func depthIsLimited(_ index: Int) throws {
        let error = try #require(throws: CELError.self) {
            try Expression.compile(Self.deep[index])
        }
        #expect(error.code == .syntax)
        #expect(error.message.contains("nested deeper"), "\(error.message)")
    }

    @Test func lengthIsLimited() throws {
        let error = try #require(throws: CELError.self) {
            try Expression.compile(String(repeating: " ", count: 70_000) + "1")
        }
        #expect(error.message.contains("longer than"))
    }

    static let deepest = [
        String(repeating: "(", count: 248) + "1" + String(repeating: ")", count: 248),
        String(repeating: "[", count: 240) + "1" + String(repeating: "]", count: 240)
            + String(repeating: "[0]", count: 9),
        "1" + String(repeating: "+1", count: 240),
        String(repeating: "[1].map(x, ", count: 240) + "x" + String(repeating: ")[0]", count: 0)
            + String(repeating: ")", count: 240) + ".size()",
        String(repeating: "cel.bind(x, 1, ", count: 240) + "x" + String(repeating: ")", count: 240),
        "false" + String(repeating: " || false", count: 5000) + " || true",
    ]

    @Test(arguments: deepest.indices)
    func whatTheLimitsAllowRuns(_ index: Int) throws {
        let expression = try Expression.compile(Self.deepest[index])
        // Whatever it gives: it must neither overflow the stack nor fail for another reason.
        do {
            _ = try expression.evaluate([:])
        } catch {
            #expect(error.code == .costLimit)
        }
    }
}
