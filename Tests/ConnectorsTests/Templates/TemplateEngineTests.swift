import Connectors
import EventModel
import Testing

@Suite struct TemplateEngineTests {
    private static func outcome(
        _ source: String,
        _ data: ValueMap = ["xs": [1, 2, 3], "a": "x", "n": 16_777_217, "empty": []],
        escaping: TemplateEngine.Escaping = .none,
        limits: TemplateLimits = TemplateLimits()
    ) -> String {
        do throws(TemplateError) {
            let sources = ["main": source, "part": "[{{ a }}]"]
            return try TemplateEngine(sources, limits: limits)
                .render("main", data, escaping: escaping)
        } catch {
            return "\(error.code.rawValue) \(error.line):\(error.column) \(error.message)"
        }
    }

    @Test(arguments: [
        ("a\n {{ a", "syntax 2:2 '{{' is not closed; write '}}' after it"),
        ("a {% if a", "syntax 1:3 '{%' is not closed; write '%}' after it"),
        ("\n\n{# a", "syntax 3:1 '{#' is not closed; write '#}' after it"),
        ("{{ 'a }}", "syntax 1:1 '{{' is not closed; write '}}' after it"),
        ("\n{% if a %}x", "syntax 2:1 the tag 'if' is not closed; write {% endif %}"),
        ("{% raw %}{{", "syntax 1:1 'raw' is not closed; write {% endraw %}"),
        ("x\n{% endfor %}", "syntax 2:1 'endfor' closes nothing; nothing is wanted here"),
        (
            "{% if a %}\n{% endfor %}",
            "syntax 2:1 'endfor' closes nothing; 'endif' is wanted here"
        ),
        ("{{ a| }}", "syntax 1:1 the name of a filter is wanted, not the end of the tag"),
        ("{{ a|uper }}", "syntax 1:1 there is no filter 'uper'; did you mean 'upper'?"),
        ("{% iff a %}", "syntax 1:1 there is no tag 'iff'; did you mean 'if'?"),
        ("{{ a|replace('x') }}", "syntax 1:1 'replace' takes old, new, count"),
        ("{{ a b }}", "syntax 1:1 'b' is not expected here"),
        ("{{ loop.indx }}", "there is no member of 'loop' 'indx'; did you mean 'index'?"),
        ("{% include 'main' %}", "syntax 1:1 'main' includes or extends itself; break the circle"),
        (
            "{% include 'prt' %}",
            "missing_template 1:1 there is no template 'prt'; did you mean 'part'?"
        ),
        (
            "{% for x in xs %}{% block b %}{% endblock %}{% endfor %}",
            "a block cannot stand in a loop"
        ),
        ("\n {{ a|date }}", "evaluation 2:2 'date' wants an instant"),
        ("\n\n{% for x in n %}{% endfor %}", "evaluation 3:1 a loop wants a list"),
        ("x\n{% if a > n %}{% endif %}", "evaluation 2:1 'x' and '16777217' cannot be ordered"),
    ])
    func namesPlaceAndRemedy(source: String, expected: String) {
        let message = Self.outcome(source)
        #expect(message.contains(expected), "\(message)")
    }

    @Test(arguments: [
        // An author may write Jinja's form or Stencil's.
        ("{{ no|default('x') }}{{ no|default:\"x\" }}", "xx"),
        ("{% for x in xs %}{{ loop.index }}{{ forloop.counter }}{% endfor %}", "112233"),
        ("{% for x in empty %}x{% empty %}none{% endfor %}", "none"),
        (
            "{% for x in 1...3 %}{{ x }}{% endfor %}{% for x in range(2) %}{{ x }}{% endfor %}",
            "12301"
        ),
        ("{% ifnot a %}x{% else %}y{% endif %}", "y"),
        ("{% for k, v in [['p', 1], ['q', 2]] %}{{ k }}{{ v }}{% endfor %}", "p1q2"),
        // Text that Stencil would split, swallow or take for a tag.
        ("{{ \"it's | a : b, \\\"c\\\"\" }}", "it's | a : b, \"c\""),
        ("{{ '%}' }}{% if a == '}}' %}{% else %}!{% endif %}", "%}!"),
        ("{ {#- c #}{ a }}", "{{ a }}"),
        ("{% raw %}{{ a }}{% if %}{% endraw %}{{ a }}", "{{ a }}{% if %}x"),
        ("a  {{- a -}}  b\r\nc", "axb\nc"),
        // Stencil alone ends the process at the first, and compares 32-bit floats.
        ("[{{ empty.last }}{{ empty.first }}{{ xs[-1] }}{{ xs.last }}]", "[33]"),
        ("{% if n == 16777216 %}same{% else %}other{% endif %}", "other"),
        ("{% if 2 in xs and a %}in{% endif %}{% if not 5 in xs %}out{% endif %}", "inout"),
        ("{{ (no or a)|upper }}{{ a if no else 'y' }}", "Xy"),
        ("{{ [true, null_, none, 1.5] }}{{ true }}{{ none }}", "[true,null,null,1.5]true"),
    ])
    func takesBothForms(source: String, expected: String) {
        #expect(Self.outcome(source) == expected)
    }

    @Test(arguments: [
        ("{{ a }}", "&lt;i&gt;&#39;&#34;&amp;"),
        ("{{ a|safe }}", "<i>'\"&"),
        ("{{ a|e|safe }}", "&lt;i&gt;&#39;&#34;&amp;"),
        ("{{ a|upper }}{{ '<' }}", "&lt;I&gt;&#39;&#34;&amp;&lt;"),
        ("{{ no|default(a) }}", "&lt;i&gt;&#39;&#34;&amp;"),
        ("{{ [a]|join('<br>') }}", "&lt;i&gt;&#39;&#34;&amp;"),
        ("{{ 'x' if no else a }}", "&lt;i&gt;&#39;&#34;&amp;"),
        ("<b>{% include 'part' %}</b>", "<b>[&lt;i&gt;&#39;&#34;&amp;]</b>"),
        ("{% for c in a %}{{ c }}{% endfor %}", "&lt;i&gt;&#39;&#34;&amp;"),
        ("{{ m }}", "{&#34;k&#34;:&#34;&lt;&#34;}"),
    ])
    func escapesEveryOutput(source: String, expected: String) {
        let data: ValueMap = ["a": "<i>'\"&", "m": ["k": "<"]]
        #expect(Self.outcome(source, data, escaping: .html) == expected)
    }

    /// A value is never read as a template, and Stencil's own names cannot be taken over.
    @Test func keepsDataApart() {
        let data: ValueMap = [
            "a": "{{ b }}{% include 'part' %}", "b": "secret", "$0": "taken",
            "_internal_forloop_break": true, "block": "x",
        ]
        #expect(Self.outcome("{{ a }}{{ 'own' }}", data) == "{{ b }}{% include 'part' %}own")
    }

    @Test(arguments: [
        String(repeating: "{% for x in xs %}", count: 9) + "x"
            + String(repeating: "{% endfor %}", count: 9),
        "{% for x in range(9000) %}{{ xs|join('0123456789') }}{% endfor %}",
        "{% for x in range(9000) %}text without any variable in it{% endfor %}",
        "{% for x in range(9000) %}{% for y in empty %}{% else %}nothing{% endfor %}{% endfor %}",
        "{% for x in range(100000) %}x{% endfor %}",
        "{{ range(9000)|join('0123456789') }}",
        "{{ long|replace('x', long)|length }}",
        String(repeating: "x", count: 70_000),
        String(repeating: "(", count: 100) + "a" + String(repeating: ")", count: 100),
        String(repeating: "{% if a %}", count: 100) + String(repeating: "{% endif %}", count: 100),
    ])
    func refusesWhatCostsTooMuch(source: String) {
        var limits = TemplateLimits()
        limits.outputBytesMax = 50_000
        limits.stepsMax = 50_000
        let wrapped = source.hasPrefix("(") ? "{{ \(source) }}" : source
        let data: ValueMap = [
            "xs": [1, 2, 3], "empty": [], "long": .string(String(repeating: "x", count: 9000)),
        ]
        let message = Self.outcome(wrapped, data, limits: limits)
        #expect(message.hasPrefix("limit "), "\(message.prefix(100))")
    }

    @Test(arguments: [
        ("{{ at|date('%A, %-d %B %Y at %H:%M %Z') }}", "Tuesday, 1 December 2026 at 10:00 UTC"),
        ("{{ at|date('%a %d %b %-I:%M %p %z', 'Europe/Ljubljana') }}", "Tue 01 Dec 11:00 AM +0100"),
        ("{{ text|date:'%H:%M','America/New_York' }}", "06:30"),
        ("[{{ no|date('%H') }}]", "[]"),
        ("{{ at|date('%Q') }}", "evaluation 1:1 a date has no such code"),
        ("{{ at|date('%H', 'Mars/Base') }}", "evaluation 1:1 there is no time zone 'Mars/Base'"),
    ])
    func writesInstants(source: String, expected: String) {
        let data: ValueMap = [
            "at": .timestamp(Timestamp(seconds: 1_796_119_200)), "text": "2026-07-01T10:30:00Z",
        ]
        #expect(Self.outcome(source, data).hasPrefix(expected))
    }

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
