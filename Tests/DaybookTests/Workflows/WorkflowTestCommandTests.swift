import DaybookTestKit
import Documents
import EventModel
import Foundation
import Testing
import WorkflowEngine

@testable import daybook

/// `workflow new`, `validate`, `test` and `import`, as authors run them.
@Suite struct WorkflowTestCommandTests {
    @Test(arguments: WorkflowTemplate.allCases)
    func templatesPassTheirOwnTests(_ template: WorkflowTemplate) throws {
        let files = try WorkflowFiles()
        let definition = try files.parse(template.workflow("sample"), file: "sample.yaml")
        let tests = try WorkflowTestFile.parse(template.tests("sample"), file: "sample.test.yaml")
        let run = WorkflowTestRun(definition: definition)
        #expect(tests.cases.count >= 2)
        for test in tests.cases {
            #expect(run.problems(of: test) == [])
            #expect(run.run(test).differences == [], "\(test.name)")
        }
    }

    private static let workflow = """
        workflow: w
        steps:
        - {name: a, action: task.create, with: {title: "{{ input.t }}"}, retry: {attempts: 2}}
        - {name: b, wait: {for: 2h}}
        - {name: c, action: task.create, timeout: 1h, with: {title: x}}
        output: {n: 1, at: "{{ now }}"}
        """

    /// A case, and the differences that it must show.
    struct Row: Sendable, CustomTestStringConvertible {
        var test: String
        var differences: [String]
        var testDescription: String { test }
    }

    static let rows = [
        Row(
            test: "{results: {task.create: {output: {}}}, expect: {steps: [a, b, c], "
                + "lasts: 2h, output: {n: 1.0, at: '2026-03-02T11:00:00Z'}}}",
            differences: []
        ),
        Row(
            test: "{results: {task.create: {output: {}}}, expect: {steps: [b, a], outcome: x}}",
            differences: [
                "outcome: expected x, found completed", "steps:", "  - b", "    a", "  + b",
                "  + c",
            ]
        ),
        Row(
            test: "{results: {a: [{fail: unavailable}, {output: {}}], c: {output: {}}}, "
                + "expect: {output: {n: 2, m: 1}, never: [c]}}",
            differences: [
                "output.m: expected 1, found nothing", "output.n: expected 2, found 1",
                "the step 'c' ran, but never should",
            ]
        ),
        Row(
            test: "{results: {a: {output: {}}, c: {never: true}}, "
                + "expect: {status: paused, failure: timeout, calls: [{step: a, with: {title: hi}}]}}",
            differences: []
        ),
        Row(
            test: "{results: {a: {output: {}}}, expect: {failure: no_result}}",
            differences: [
                "the step 'c' calls task.create, and the case has no result for it; add it under "
                    + "'results'"
            ]
        ),
        Row(
            test: "{results: {task.create: {output: {}}}, "
                + "expect: {calls: [{step: a, action: x.y, with: {title: ho}}]}}",
            differences: [
                "a: expected a call of x.y, found task.create",
                #"a.title: expected "ho", found "hi""#,
            ]
        ),
        Row(
            test: "{expect: {starts: false}}",
            differences: ["an instance starts, but none should"]
        ),
        Row(
            test: "{trigger: {webhook: s, event: e}, expect: {steps: [a]}}",
            differences: ["no trigger of the workflow accepts this"]
        ),
    ]

    @Test(arguments: rows) func differencesAreShown(_ row: Row) throws {
        let definition = try WorkflowFiles().parse(Self.workflow, file: "w.yaml")
        let body = row.test.dropFirst().dropLast()
        let input = body.contains("trigger:") ? "" : "input: {t: hi}, "
        let text = "cases: [{name: one, now: '2026-03-02T09:00:00Z', \(input)\(body)}]"
        let test = try #require(try WorkflowTestFile.parse(text, file: "w.test.yaml").cases.first)
        #expect(WorkflowTestRun(definition: definition).run(test).differences == row.differences)
    }

    @Test func templatesThatDoNotExistAreReported() throws {
        let text = """
            workflow: w
            steps:
            - name: a
              action: notify.send
              with: {template: booking_confirmd, channels: [email], to: {email: a@example.org}}
            """
        do {
            _ = try WorkflowFiles().parse(text, file: "w.yaml")
            Issue.record("no mistake")
        } catch let problems as Problems {
            #expect(problems.list.map(\.place.line) == [5])
            #expect(problems.description.contains("did you mean 'booking_confirmed'?"))
        }
    }

    @Test func mistakesInCasesAreAllReported() throws {
        let text = """
            casses: []
            cases:
            - {name: a, input: {}, results: {x: {outptu: 1}}, expect: {outcom: failed}, now: today}
            """
        do {
            _ = try WorkflowTestFile.parse(text, file: "w.test.yaml")
            Issue.record("no mistake")
        } catch {
            #expect(error.list.count == 5, "\(error)")
            #expect(error.description.contains("did you mean 'output'?"))
            #expect(error.description.contains("did you mean 'outcome'?"))
        }
        let good = "cases: [{name: a, results: {z: {output: 1}}, expect: {steps: [y]}}]"
        let test = try #require(try WorkflowTestFile.parse(good, file: "w.test.yaml").cases.first)
        let definition = try WorkflowFiles().parse(Self.workflow, file: "w.yaml")
        #expect(WorkflowTestRun(definition: definition).problems(of: test).count == 2)
    }

    @Test func commandsEndWithTheirCodes() async throws {
        let program = try Program()
        func run(_ words: String...) async throws -> Program.Result {
            try await program.start(words).result()
        }
        var result = try await run("workflow", "new", "sample", "--template", "record")
        #expect(result.status == 0, "\(result.errors)")
        result = try await run("workflow", "new", "sample")
        #expect(result.status == 65)
        result = try await run("workflow", "validate", ".", "--json")
        #expect(result.status == 0)
        #expect(result.json?["ok"] == true)
        result = try await run("workflow", "test", "sample.yaml")
        #expect(result.status == 0)
        #expect(result.lines.last == "3 of 3 cases pass")
        let tests = program.folder.file("sample.test.yaml")
        let text = try String(contentsOfFile: tests, encoding: .utf8)
        try program.write(text.replacing("lasts: 7d", with: "lasts: 8d"), to: "sample.test.yaml")
        result = try await run("workflow", "test", ".")
        #expect(result.status == 1)
        #expect(result.output.contains("lasts: expected 8d, found 7d"))
        try program.write("workflow: bad\nsteps: []", to: "bad.yaml")
        result = try await run("workflow", "validate", ".")
        #expect(result.status == 65)
        #expect(result.errors.contains("bad.yaml:2:8"))
        try program.write(OlderWorkflows.steps[0], to: "old.yaml")
        result = try await run("workflow", "import", "old.yaml", "--output", ".")
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.errors.contains("old.yaml:8:5"))
        result = try await run("workflow", "validate", "exhibition_planning_automation.yaml")
        #expect(result.status == 0, "\(result.errors)")
    }
}
