import DaybookTestKit
import Documents
import EventModel
import Testing
import WorkflowEngine

/// A workflow with mistakes, and each mistake's line, column and words that must be in its message.
struct ProblemCase: Sendable, CustomTestStringConvertible {
    var text: String
    var expected: [(place: String, words: [String])]

    init(_ text: String, _ expected: [(String, [String])]) {
        self.text = text
        self.expected = expected
    }

    var testDescription: String { expected.first?.words.first ?? text }
}

@Suite struct DefinitionProblemTests {
    @Test(arguments: documentCases + stepCases)
    func documents(_ example: ProblemCase) { check(example, actions: nil) }

    @Test(arguments: expressionCases + triggerCases)
    func expressions(_ example: ProblemCase) { check(example, actions: nil) }

    @Test(arguments: actionCases)
    func actions(_ example: ProblemCase) { check(example, actions: .describedForBooking) }

    @Test func allMistakesComeAtOnceInTheOrderOfTheDocument() {
        let text = """
            titel: x
            steps:
              - {name: One, action: nothing.known}
              - {name: two, action: notify.send, with: {template: x, channels: [fax]}}
              - {name: two, wait: {for: soon}}
              - {name: three, set: {x: "{{ steps.four.id + }}"}}
            """
        #expect(
            problems(text, .describedForBooking).map { "\($0.place.line):\($0.place.column)" } == [
                "1:1", "1:1", "3:12", "3:25", "4:44", "4:58", "5:12", "5:29", "6:28",
            ]
        )
    }

    @Test func rendersAMistakeInAnExpressionWithACaret() throws {
        let text = "workflow: w\nsteps:\n- {name: one, set: {x: \"{{ 1 + }}\"}}\n"
        let problem = try #require(problems(text, nil).first)
        #expect(problem.place.line == 3)
        #expect(problem.description.contains("^"))
    }

    private func check(_ example: ProblemCase, actions: ActionCatalogue?) {
        let found = problems(example.text, actions)
        let places = found.map { "\($0.place.line):\($0.place.column)" }
        #expect(places == example.expected.map(\.place), "\(found)")
        for (problem, expected) in zip(found, example.expected) {
            let missing = expected.words.filter { !problem.description.contains($0) }
            #expect(missing.isEmpty, "\(problem)")
        }
    }

    private func problems(_ text: String, _ actions: ActionCatalogue?) -> [Problem] {
        do throws(Problems) {
            _ = try WorkflowDefinition.parse(text, file: "w.yaml", actions: actions)
            return []
        } catch {
            return error.list
        }
    }
}

private func steps(_ lines: String...) -> String {
    "workflow: w\nsteps:\n" + lines.joined(separator: "\n") + "\n"
}

private let documentCases: [ProblemCase] = [
    ProblemCase("workflow: w", [("1:1", ["the key 'steps' is missing"])]),
    ProblemCase("- a", [("1:1", ["a workflow must be a mapping"]), ("1:1", []), ("1:1", [])]),
    ProblemCase("workflow: [", [("2:1", ["broken YAML"])]),
    ProblemCase(
        steps("- {name: a, set: {x: 1}}") + "ouput: 1",
        [("4:1", ["unknown key 'ouput'", "did you mean 'output'?"])]
    ),
    ProblemCase(
        "workflow: My Flow\nsteps:\n- {name: a, set: {x: 1}}",
        [("1:11", ["'My Flow'", "lower-case letters"])]
    ),
    ProblemCase("workflow: w\nsteps: []", [("2:8", ["no steps", "at least one"])]),
    ProblemCase(
        "workflow: w\ninput: {a: strng}\nsteps:\n- {name: a, set: {x: 1}}",
        [("2:12", ["'strng' is no type", "did you mean 'string'?"])]
    ),
    ProblemCase(
        "workflow: w\ninput: {a: {type: string, requierd: true}}\nsteps:\n- {name: a, set: {x: 1}}",
        [("2:27", ["unknown key 'requierd'", "did you mean 'required'?"])]
    ),
]

private let stepCases: [ProblemCase] = [
    ProblemCase(
        steps("- {name: a, acton: x.y}"),
        [("3:3", ["does not say what it does", "'action'"]), ("3:13", ["unknown key 'acton'"])]
    ),
    ProblemCase(
        steps("- {name: a, action: x.y, set: {z: 1}}"),
        [("3:3", ["two things", "'action' and 'set'"])]
    ),
    ProblemCase(
        steps("- {name: a, set: {x: 1}}", "- {name: a, set: {x: 1}}"),
        [("4:10", ["'a' is taken by line 3"])]
    ),
    ProblemCase(
        steps("- {name: for, set: {x: 1}}"),
        [("3:10", ["'for' is a word of the expression language"])]
    ),
    ProblemCase(
        steps("- {name: a, set: {x: 1}, with: {y: 1}}"),
        [("3:26", ["unknown key 'with'"])]
    ),
    ProblemCase(
        steps("- {name: a, set: {x: 1}, retry: {attempts: 2}}"),
        [("3:33", ["only an action or a call can be tried again"])]
    ),
    ProblemCase(
        steps("- {name: a, wait: {for: 1h}, timeout: 1m}"),
        [("3:39", ["cannot time out"])]
    ),
    ProblemCase(
        steps("- {name: a, action: x.y, retry: {attempts: 0, backoff: 0.5, delay: -1s}}"),
        [
            ("3:33", ["'backoff' must be 1 to 100"]), ("3:44", ["'attempts' must be 1 to 100"]),
            ("3:68", ["'delay' must be longer"]),
        ]
    ),
    ProblemCase(
        steps("- {name: a, action: x.y, retry: {delay: 1h, delay_max: 1m}}"),
        [("3:56", ["'delay_max' is shorter"])]
    ),
    ProblemCase(
        steps("- {name: a, wait: {for: soon}}"),
        [("3:25", ["'for' must be a length of time, not 'soon'", "10s"])]
    ),
    ProblemCase(
        steps("- {name: a, wait: {for: 0s}}"),
        [("3:25", ["longer than nothing"])]
    ),
    ProblemCase(
        steps("- {name: a, wait: {for: 4000d}}"),
        [("3:25", ["at most ten years"])]
    ),
    ProblemCase(
        steps("- {name: a, wait: {for: 1h, until: x}}"),
        [("3:19", ["either 'for' or 'until'"])]
    ),
    ProblemCase(
        steps("- {name: a, wait: {until: tomorrow}}"),
        [("3:27", ["'until' must be an instant"])]
    ),
    ProblemCase(
        steps("- {name: a, action: x.y, on_failure: {then: go_on}}"),
        [("3:45", ["'go_on' is no then", "continue, fail"])]
    ),
    ProblemCase(
        steps("- {name: a, action: x.y, on_failure: {on: [timeout]}}"),
        [("3:38", ["'on_failure' says nothing"])]
    ),
    ProblemCase(
        steps("- {name: a, parallel: []}"),
        [("3:23", ["1 to 100 branches"])]
    ),
    ProblemCase(
        steps("- {name: a, parallel: [{name: b, step: []}]}"),
        [
            ("3:24", ["the key 'steps' is missing"]),
            ("3:34", ["unknown key 'step'", "did you mean 'steps'?"]),
        ]
    ),
    ProblemCase(
        steps("- {name: a, stop: {}}", "- {name: b, set: {x: 1}}"),
        [("4:3", ["'b' is never reached", "'a' in line 3"])]
    ),
    ProblemCase(
        steps(
            "- {name: c, if: now > now, then: [{name: a, stop: {}}], else: [{name: b, fail: {code: x}}]}",
            "- {name: d, set: {x: 1}}"
        ),
        [("4:3", ["'d' is never reached"])]
    ),
    ProblemCase(
        steps("- {name: a, fail: {message: x}}"),
        [("3:19", ["the key 'code' is missing"])]
    ),
]

private let expressionCases: [ProblemCase] = [
    ProblemCase(
        steps("- {name: a, if: 'input.x >', set: {x: 1}}"),
        [("3:17", ["the expression is wrong", "^"])]
    ),
    ProblemCase(
        steps("- {name: a, if: '{{ true }}', set: {x: 1}}"),
        [("3:17", ["without {{ }}"])]
    ),
    ProblemCase(
        steps("- {name: a, set: {x: '{{ steps.b.id }}'}}", "- {name: b, action: x.y}"),
        [("3:22", ["'b' has not run"])]
    ),
    ProblemCase(
        steps("- {name: aaa, action: x.y}", "- {name: b, set: {x: '{{ steps.aab.id }}'}}"),
        [("4:22", ["there is no step 'aab'", "did you mean 'aaa'?"])]
    ),
    ProblemCase(
        steps(
            "- name: p",
            "  parallel:",
            "    - {name: l, steps: [{name: a, action: x.y}]}",
            "    - {name: r, steps: [{name: b, set: {x: '{{ steps.a }}'}}]}"
        ),
        [("6:44", ["'a' has not run", "another branch"])]
    ),
    ProblemCase(
        steps("- {name: a, set: {total: 1}}", "- {name: b, set: {x: '{{ vars.totl }}'}}"),
        [("4:22", ["no step sets 'totl'", "did you mean 'total'?"])]
    ),
    ProblemCase(
        steps("- {name: b, set: {x: '{{ vars.y }}'}}", "- {name: a, set: {y: 1}}"),
        [("3:22", ["'y' is not set before"])]
    ),
    ProblemCase(
        steps("- {name: a, set: {x: '{{ inptu.y }}'}}"),
        [("3:22", ["'inptu' is unknown", "did you mean 'input'?"])]
    ),
    ProblemCase(
        steps("- {name: a, set: {x: '{{ error.code }}'}}"),
        [("3:22", ["only known in 'on_failure'"])]
    ),
    ProblemCase(
        steps("- {name: a, set: {x: '{{ instance.ident }}'}}"),
        [("3:22", ["'instance' has no 'ident'"])]
    ),
    ProblemCase(
        "workflow: w\ninput: {size: integer}\nsteps:\n- {name: a, set: {x: '{{ input.sise }}'}}",
        [("4:22", ["the input has no 'sise'", "did you mean 'size'?"])]
    ),
    ProblemCase(
        steps("- {name: a, set: {x: 1}}") + "output: {y: '{{ steps.b }}'}",
        [("4:13", ["there is no step 'b'"])]
    ),
    ProblemCase(
        steps(
            "- name: a",
            "  action: x.y",
            "  on_failure: {steps: [{name: b, set: {x: '{{ error.cod }}'}}], then: continue}",
            "- {name: c, set: {y: '{{ [1].map(i, i + vars.x) }}'}}"
        ),
        [("5:43", ["'error' has no 'cod'", "did you mean 'code'?"])]
    ),
]

private let triggerCases: [ProblemCase] = [
    ProblemCase(
        steps("- {name: a, set: {x: 1}}") + "triggers: [{webhok: x}]",
        [("4:12", ["does not say what starts"])]
    ),
    ProblemCase(
        steps("- {name: a, set: {x: 1}}") + "triggers: [{record: tasks, on: [create]}]",
        [("4:33", ["'create' is nothing", "did you mean 'created'?"])]
    ),
    ProblemCase(
        steps("- {name: a, set: {x: 1}}") + "triggers: [{record: tasks}]",
        [("4:12", ["lacks 'on'"])]
    ),
    ProblemCase(
        steps("- {name: a, set: {x: 1}}") + "triggers: [{webhook: x, if: record.y == 1}]",
        [("4:29", ["does not know 'record'", "payload"])]
    ),
]

private let actionCases: [ProblemCase] = [
    ProblemCase(
        steps("- {name: a, action: notify.sent}"),
        [("3:21", ["no action 'notify.sent'", "did you mean 'notify.send'?"])]
    ),
    ProblemCase(
        steps("- {name: a, action: notify.send, with: {template: x, channels: [email], too: 1}}"),
        [
            ("3:40", ["'notify.send' needs 'to'"]),
            ("3:73", ["takes no 'too'", "did you mean 'to'?"]),
        ]
    ),
    ProblemCase(
        steps("- {name: a, action: task.create, with: {title: x, priority: Hihg}}"),
        [("3:51", ["'Hihg' is no priority", "did you mean 'High'?"])]
    ),
    ProblemCase(
        steps("- {name: a, action: task.create, with: {title: 7}}"),
        [("3:41", ["'title' of 'task.create' must be of type string, not int"])]
    ),
    ProblemCase(
        steps("- {name: a, action: task.create, with: {title: [\"{{ now }}\"]}}"),
        [("3:41", ["must be of type string, not list"])]
    ),
    ProblemCase(
        steps("- {name: a, action: task.create}"),
        [("3:21", ["'task.create' needs 'title'"])]
    ),
    ProblemCase(
        steps(
            "- {name: a, action: task.create, with: {title: x}}",
            "- {name: b, set: {x: '{{ steps.a.task }}'}}"
        ),
        [("4:22", ["the output of 'a' has no 'task'", "did you mean"])]
    ),
]
