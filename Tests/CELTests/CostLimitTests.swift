import CEL
import EventModel
import Testing

/// Expressions written to use up time or memory end with an error, and soon.
@Suite struct CostLimitTests {
    private static func bindings(_ first: String, _ next: String, _ body: String) -> String {
        var text = "cel.bind(a0, \(first), "
        for level in 1...40 {
            let value = next.split(separator: "$", omittingEmptySubsequences: false)
                .joined(separator: "a\(level - 1)")
            text += "cel.bind(a\(level), \(value), "
        }
        return text + body + String(repeating: ")", count: 41)
    }

    static let hostile = [
        "lists.range(1000).map(a, lists.range(1000).map(b, lists.range(1000)))",
        "lists.range(1000000000)", "lists.range(9223372036854775807)",
        "lists.range(1000).all(a, lists.range(1000).all(b, a + b >= 0))",
        bindings("'0123456789'", "$ + $ + $ + $", "a40.size()"),
        bindings("[0, 1]", "[$, $, $, $]", "a40"),
        bindings("[0, 1]", "[$, $, $, $]", "a40 == [a39, a39, a39, a39]"),
        bindings("[0, 1]", "[$, $, $, $]", "json(a40)"),
        bindings("[0, 1]", "[$, $, $, $]", "'%s'.format([a40])"),
        bindings("[0, 1]", "[$, $, $, $]", "a40.flatten(100)"),
        bindings("[0, 1]", "[$, $, $, $]", "a40 in [[a39, a39, a39, a39]]"),
        bindings("[optional.none()]", "[$, $, $, $]", "a40"),
        bindings("[optional.none()]", "[$, $, $, $]", "json(a40)"),
        bindings("{'k': 1}", "{'a': $, 'b': $, 'c': $}", "a40"),
        bindings("[1]", "$ + $ + $ + $", "a40"),
        bindings("b'0123'", "$ + $ + $ + $", "a40"),
        bindings("'a'", "$.replace('a', 'aaaaaaaaaaaaaaaa')", "a40"),
        bindings("['aaaaaaaa']", "[$.join('bbbbbbbbbbbbbbbbbbbbb')] + $ + $", "a40"),
        bindings("{'k': 1}", "merge($, $.transformMap(k, v, [v, v, v]))", "a40"),
        "lists.range(10000).map(i, i).sort().map(x, lists.range(100))",
        "cel.bind(t, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', lists.range(10000)"
            + ".exists(i, t.matches('(a*)*(a*)*(a*)*(a*)*(a*)*b')))",
        "lists.range(10000).exists(i, 'a'.matches('a{' + string(1000 - i % 2) + '}'))",
        "cel.bind(t, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', lists.range(10000)"
            + ".map(i, regex.extractAll(t, '(a*)*b')))",
        "cel.bind(t, lists.range(9000).map(i, '((((').join(), lists.range(9000)"
            + ".exists(i, 'a'.matches(t + string(i))))",
        "lists.range(20000).map(i, regex.replace('aaaaaaaa', 'a', 'bbbbbbbbbbbbbbbbbbbbbbbbbb'))",
        "lists.range(100).map(i, add_business_days(timestamp(0), 10000))",
        "lists.range(100).map(i, business_days(0, 1, lists.range(2000).map(x, '2026-12-25')))",
        "lists.range(100000).map(i, '%.900f'.format([1e-300]))",
        "lists.range(2000).map(i, lists.range(2000).distinct())",
        "lists.range(300).map(i, [i]).distinct().map(i, lists.range(1000).map(x, [x]).distinct())",
    ]

    @Test(arguments: hostile.indices)
    func hostileExpressionsEnd(_ index: Int) throws {
        let expression = try Expression.compile(Self.hostile[index])
        let clock = ContinuousClock()
        let start = clock.now
        let error = try #require(throws: CELError.self) { try expression.evaluate([:]) }
        let elapsed = clock.now - start
        #expect(error.code == .costLimit, "\(error)")
        // A debug build on a busy machine; without a limit it would not end at all.
        #expect(elapsed < .seconds(20))
    }

    static let bigPatterns = [
        "(?:(?:(?:(?:){1000}){1000}){1000}){1000}", "((((){1000}){1000}){1000}){1000}",
        "(?:(?:a{1000}){1000}){1000}", "(?:a?b?c?){1000}{1000}",
    ]

    @Test(arguments: bigPatterns)
    func patternsThatGrowAreRefused(_ pattern: String) {
        for call in ["matches(t, '\(pattern)')", "regex.extract(t, '\(pattern)')"] {
            #expect(throws: CELError.self) { try Expression.compile(call) }
        }
    }

    @Test func stepsAndSizesCanBeSet() throws {
        let expression = try Expression.compile("lists.range(50).map(x, x + 1)")
        let few = EvaluationLimits(stepsMax: 20)
        let short = EvaluationLimits(sizeMax: 20)
        let enough = EvaluationLimits(stepsMax: 1000, sizeMax: 1000)
        #expect(throws: CELError.self) { try expression.evaluate([:], limits: few) }
        #expect(throws: CELError.self) { try expression.evaluate([:], limits: short) }
        #expect(try expression.evaluate([:], limits: enough).listValue?.count == 50)
    }

    @Test func aTextThatGrowsIsLimited() throws {
        let text = try Interpolation.compile("{{ big }}{{ big }}")
        let big = Value.string(String(repeating: "x", count: 700))
        let limits = EvaluationLimits(sizeMax: 1000)
        #expect(throws: CELError.self) { try text.evaluate(["big": big], limits: limits) }
    }
}
