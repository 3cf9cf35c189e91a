import EventModel
import Testing

@testable import CEL

/// Regular expressions in the syntax of RE2.
@Suite struct PatternTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var pattern: String
        var matching: [String]
        var failing: [String]
        var testDescription: String { pattern }

        init(_ pattern: String, _ matching: [String], not failing: [String]) {
            self.pattern = pattern
            self.matching = matching
            self.failing = failing
        }
    }

    static let rows = [
        Row("", ["", "a"], not: []), Row("b", ["abc"], not: ["", "ac"]),
        Row("^a.c$", ["abc", "aéc"], not: ["a\nc", "xabc", "abcx"]),
        Row("a|bc|", ["x"], not: []), Row("^(a|bc)$", ["a", "bc"], not: ["b", "abc", ""]),
        Row("^a*$", ["", "aaa"], not: ["b"]), Row("^a+?b$", ["ab", "aab"], not: ["b"]),
        Row("^colou?r$", ["color", "colour"], not: ["colouur"]),
        Row("^a{2}$", ["aa"], not: ["a", "aaa"]), Row("^a{2,}$", ["aa", "aaaa"], not: ["a"]),
        Row("^a{1,3}$", ["a", "aaa"], not: ["", "aaaa"]), Row("^a{0}$", [""], not: ["a"]),
        Row("^a{,3}$", ["a{,3}"], not: ["aa"]), Row("^x{$", ["x{"], not: ["x"]),
        Row("^[a-c1_]+$", ["abc1_"], not: ["d", ""]), Row("^[^a-c]$", ["d", "\n"], not: ["a"]),
        Row("^[]a]$", ["]", "a"], not: ["b"]), Row("^[a-]$", ["a", "-"], not: ["b"]),
        Row(#"^[\d\-x]+$"#, ["1-x"], not: ["y"]), Row("^[[:alpha:]_]+$", ["aB_"], not: ["1"]),
        Row("^[[:^digit:]]$", ["a"], not: ["1"]), Row(#"^\d+\.\d{2}$"#, ["12.50"], not: ["12,50"]),
        Row(#"^\w+\s\W\S\D$"#, ["ab -xy"], not: ["ab xxy"]),
        Row(#"\bcat\b"#, ["a cat!"], not: ["concat", "cats"]), Row(#"a\Bb"#, ["ab"], not: ["a b"]),
        Row("(?i)^straSSe$", ["STRASSE", "strasse"], not: ["straße"]),
        Row("(?i)^é$", ["É"], not: ["e"]), Row("(?i)k", ["\u{212A}"], not: ["j"]),
        Row("(?i:a)b", ["Ab"], not: ["AB"]), Row("(?m)^b$", ["a\nb\nc"], not: ["ab"]),
        Row("(?s)a.b", ["a\nb"], not: ["ab"]), Row("a.b", ["axb"], not: ["a\nb"]),
        Row("(?i)[^a]", ["b"], not: ["A"]), Row("(?P<year>20[0-9]{2})", ["2026"], not: ["1999"]),
        Row("(?<x>a)(?:b)", ["ab"], not: ["a"]), Row(#"^\p{Lu}\pL\P{L}$"#, ["Žž1"], not: ["žž1"]),
        Row(#"^\p{^L}[\p{Nd}x]$"#, ["-7", "-x"], not: ["ax"]),
        Row(#"^\x41\x{1F600}\101\n$"#, ["A😀A\n"], not: ["A"]),
        Row(#"^\Qa.b*\E+$"#, ["a.b*", "a.b**"], not: ["aab"]),
        Row(#"^\.\*\[$"#, [".*["], not: ["a"]),
        Row(#"\Aab\z"#, ["ab"], not: ["ab\n"]), Row("(a*)*b", ["aab"], not: ["aaa"]),
        Row("(|a)+$", ["aa"], not: []),
        Row("^(ab|a)(bc|c)?$", ["abc", "a", "abbc"], not: ["abcb"]),
        Row("^(?:(?:a?){3}){3}$", ["aaaaaaaaa"], not: ["aaaaaaaaaa"]),
    ]

    @Test(arguments: rows)
    func matchesWhatItShould(_ row: Row) throws {
        let pattern = try Pattern(row.pattern)
        var context = Context(variables: [:], limits: EvaluationLimits(), slots: 0)
        for text in row.matching {
            let isMatch = try pattern.matches(text, &context)
            #expect(isMatch, "\(row.pattern) should match \(text)")
        }
        for text in row.failing {
            let isMatch = try pattern.matches(text, &context)
            #expect(!isMatch, "\(row.pattern) should not match \(text)")
        }
    }

    static let malformed = [
        "(", ")", "a)", "[", "[a", "*", "a**", "a{2}{3}", "a{1001}", "a{3,2}", #"\"#, #"\q"#,
        #"(a)\1"#, "(?=a)", "(?!a)", "(?<=a)", "(?x)a", "[z-a]", #"\p{Greek}"#, #"\p{L"#, "[[:x:]]",
        #"\x4"#, #"\x{110000}"#, "(?P<>a)", "(?P=a)", "((a{1000}){1000}){1000}",
        String(repeating: "(", count: 200),
    ]

    @Test(arguments: malformed)
    func refusesWhatItCannotRead(_ source: String) throws {
        let fault = try #require(throws: Fault.self) { try Pattern(source) }
        #expect(fault.code == .invalidArgument)
        #expect(fault.message.contains("regular expression"))
    }

    @Test func timeIsLinearInTheText() throws {
        let pattern = try Pattern("(x+x+)+y")
        let limits = EvaluationLimits(stepsMax: 200_000)
        var context = Context(variables: [:], limits: limits, slots: 0)
        let isMatch = try pattern.matches(String(repeating: "x", count: 50_000), &context)
        #expect(!isMatch)
        // One step a character and few for the states: an engine that backtracks never ends here.
        #expect(limits.stepsMax - context.stepsLeft < 3 * 50_000)
    }
}
