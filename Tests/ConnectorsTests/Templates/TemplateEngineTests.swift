import Connectors
import EventModel
import Testing

@Suite struct TemplateEngineTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var template: String
        var data: ValueMap = [:]
        var wanted: String
        var testDescription: String { template }
    }

    static let instant = Value.timestamp(Timestamp(seconds: 1_796_119_200))  // 2026-12-01T10:00:00Z

    // What Jinja has not, or does otherwise; the rest is in the conformance set.
    @Test(arguments: [
        Case(
            template: "{{ t }}|{{ f }}|{{ n }}|",
            data: ["t": true, "f": false],
            wanted: "true|false||"
        ),
        Case(template: "{{ n|default('x') }}", data: ["n": nil], wanted: "x"),
        Case(template: "{{ at }}", data: ["at": instant], wanted: "2026-12-01T10:00:00Z"),
        Case(template: "{{ d }}", data: ["d": .duration(.seconds(5400))], wanted: "PT1H30M"),
        Case(template: "{{ x }}", data: ["x": [1, "a", nil]], wanted: "[1,\"a\",null]"),
        Case(template: "{{ x.a.b.c }}{{ x[0].y }}", wanted: ""),
        Case(template: "{{ at|date }}", data: ["at": instant], wanted: "2026-12-01 10:00"),
        Case(
            template: "{{ at|date('%A, %-d %B %Y, %H:%M %Z') }}",
            data: ["at": instant],
            wanted: "Tuesday, 1 December 2026, 10:00 UTC"
        ),
        Case(
            template: "{{ at|date('%H:%M %z', 'Europe/Ljubljana') }}",
            data: ["at": instant],
            wanted: "11:00 +0100"
        ),
        Case(
            template: "{{ at|date('%a %d %b %y %I:%M %p %j %%') }}",
            data: ["at": "2026-12-01T10:00:00Z", "time_zone": "America/New_York"],
            wanted: "Tue 01 Dec 26 05:00 AM 335 %"
        ),
        Case(template: "{{ '2026-12-01T00:30:00Z'|date('%-H:%-M') }}", wanted: "0:30"),
        Case(template: "[{{ missing|date }}]", wanted: "[]"),
    ])
    func rendersOurOwnForms(example: Case) throws {
        let engine = try TemplateEngine(["main": example.template])
        #expect(try engine.render("main", example.data) == example.wanted)
    }

    struct Mistake: Sendable, CustomTestStringConvertible {
        var template: String
        var line: Int
        var column: Int
        var words: String
        var code = TemplateError.Code.syntax
        var testDescription: String { template }
    }

    @Test(arguments: [
        Mistake(template: "a\n  {{ b", line: 2, column: 3, words: "end it with }}"),
        Mistake(template: "{# x", line: 1, column: 1, words: "end it with #}"),
        Mistake(template: "{% if a", line: 1, column: 1, words: "end it with %}"),
        Mistake(template: "{% if a %}x", line: 1, column: 1, words: "{% endif %}"),
        Mistake(template: "x\n\n{% raw %}", line: 3, column: 1, words: "{% endraw %}"),
        Mistake(template: "{{ a|uper }}", line: 1, column: 6, words: "did you mean 'upper'?"),
        Mistake(template: "{{ a| }}", line: 1, column: 5, words: "a filter's name"),
        Mistake(template: "{{ a is definde }}", line: 1, column: 9, words: "'defined'"),
        Mistake(template: "{% forr x in y %}", line: 1, column: 1, words: "did you mean 'for'?"),
        Mistake(template: "{% endfor %}", line: 1, column: 1, words: "closes nothing"),
        Mistake(template: "{{ 'abc }}", line: 1, column: 4, words: "the text is not closed"),
        Mistake(template: "{{ (a }}", line: 1, column: 7, words: "closes nothing"),
        Mistake(template: "{{ a b }}", line: 1, column: 6, words: "'b' stands where"),
        Mistake(template: "{{ a & b }}", line: 1, column: 6, words: "'&' has no meaning"),
        Mistake(template: "{{ a|join(x=1) }}", line: 1, column: 6, words: "no argument 'x'"),
        Mistake(template: "{{ a|replace('x') }}", line: 1, column: 6, words: "'new' is missing"),
        Mistake(
            template: "{{ 1 / 0 }}",
            line: 1,
            column: 6,
            words: "division by zero",
            code: .evaluation
        ),
        Mistake(
            template: "{{ a < 1 }}",
            line: 1,
            column: 8,
            words: "cannot be ordered",
            code: .evaluation
        ),
        Mistake(
            template: "{{ '2026'|date }}",
            line: 1,
            column: 11,
            words: "wants an instant",
            code: .evaluation
        ),
        Mistake(
            template: "{{ '2026-12-01T00:00:00Z'|date('%Q') }}",
            line: 1,
            column: 27,
            words: "no such code",
            code: .evaluation
        ),
        Mistake(
            template: "{{ '2026-12-01T00:00:00Z'|date('%H', 'Europe/Lublana') }}",
            line: 1,
            column: 27,
            words: "no time zone",
            code: .evaluation
        ),
        Mistake(
            template: "{% include 'x' %}",
            line: 1,
            column: 1,
            words: "no template 'x'",
            code: .missingTemplate
        ),
    ])
    func namesPlaceAndRemedy(mistake: Mistake) {
        do throws(TemplateError) {
            let text = try TemplateEngine(["main": mistake.template]).render("main", [:])
            Issue.record("no mistake seen: \(text)")
        } catch {
            #expect(error.code == mistake.code)
            #expect(error.message.contains(mistake.words))
            #expect(error.template == "main")
            #expect([error.line, error.column] == [mistake.line, mistake.column])
        }
    }

    @Test(arguments: [
        "{% for a in range(999) %}{% for b in range(999) %}{{ a }}{% endfor %}{% endfor %}",
        "{% set x = 'xxxxxxxxxx' %}" + String(repeating: "{% set x = x ~ x %}", count: 30),
        "{{ range(1000000000000)|length }}", "{{ 'x'|center(9999999999) }}",
        "{{ 'x'|indent(99999999999, true) }}", "{% include 'main' %}", "{% extends 'main' %}",
        "{{ big|replace('', big) }}", "{{ big|list|join(big) }}",
        "{% block a %}{{ self.a() }}{% endblock %}",
        "{{ " + String(repeating: "(", count: 500) + "1" + String(repeating: ")", count: 500)
            + " }}",
        String(repeating: "{% if 1 %}", count: 500) + String(repeating: "{% endif %}", count: 500),
        "{{ " + String(repeating: "x[", count: 500) + "1" + String(repeating: "]", count: 500)
            + " }}",
        String(repeating: "x", count: 300_000),
    ])
    func boundsWhatATemplateCanCost(template: String) {
        let big = Value.string(String(repeating: "y", count: 9000))
        do throws(TemplateError) {
            let text = try TemplateEngine(["main": template]).render("main", ["big": big])
            Issue.record("no limit seen: \(text.utf8.count) bytes")
        } catch {
            #expect(error.code == .limit)
        }
    }

    // Whatever an author writes, it is an error or a text, never the end of the process.
    @Test func survivesBrokenTemplates() {
        let pieces = [
            "{{", "}}", "{%", "%}", "{#", "#}", "a", "|", "upper", "(", ")", "[", "]", "'", "\"",
            " if ", " for ", " in ", "xs", ".", "0", "-", "~", "endif", "endfor", "block", ":",
            ",", "is", "not", "loop.", "cycle", "first", "last", "\n", "é", "{", "}", "=", "**",
        ]
        var state: UInt64 = 42
        func next(_ count: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % count
        }
        var rendered = 0
        for _ in 0..<3000 {
            let source = (0..<next(14)).map { _ in pieces[next(pieces.count)] }.joined()
            guard let engine = try? TemplateEngine(["main": source]) else { continue }
            let data: ValueMap = ["xs": [], "a": "", "first": 1]
            if (try? engine.render("main", data, escaping: .html)) != nil { rendered += 1 }
        }
        #expect(rendered > 100)
    }
}
