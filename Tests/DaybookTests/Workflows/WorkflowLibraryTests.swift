import Connectors
import DaybookTestKit
import Documents
import EventModel
import Foundation
import Testing
import WorkflowEngine

@testable import daybook

/// The workflows that come with Daybook: each is in order, and does what its test cases say.
@Suite struct WorkflowLibraryTests {
    static let files: [String] = {
        let all = FileManager.default.enumerator(atPath: "Workflows")?.compactMap { $0 as? String }
        return (all ?? []).filter { $0.hasSuffix(".test.yaml") }.sorted().map { "Workflows/" + $0 }
    }()

    private func load(
        _ file: String
    ) throws -> (run: WorkflowTestRun, cases: [WorkflowTestCase]) {
        let tests = try WorkflowTestFile.parse(
            try String(contentsOfFile: file, encoding: .utf8),
            file: file
        )
        let name = WorkflowFiles.workflow(of: file)
        let text = try String(contentsOfFile: name, encoding: .utf8)
        let definition = try WorkflowFiles().parse(text, file: name)
        return (WorkflowTestRun(definition: definition), tests.cases)
    }

    @Test func everyWorkflowHasTestCases() throws {
        let workflows = try WorkflowFiles.find(["Workflows"])
        #expect(workflows == Self.files.map(WorkflowFiles.workflow))
        #expect(workflows.count == 12)
    }

    @Test(arguments: files) func casesPass(_ file: String) throws {
        let (run, cases) = try load(file)
        #expect(cases.count >= 3)
        for test in cases {
            #expect(run.problems(of: test) == [], "\(test.name)")
            #expect(run.run(test).differences == [], "\(test.name)")
        }
    }

    /// The engine may stop behind any event of the first case, which is the happy path.
    @Test(arguments: files) func crashesChangeNothing(_ file: String) throws {
        let (run, cases) = try load(file)
        let first = try #require(cases.first)
        #expect(run.crashes(of: first) == [])
    }

    /// Every message that a case sends has a template that can be filled with what the step gives it.
    @Test(arguments: files) func messagesCanBeRendered(_ file: String) throws {
        let (run, cases) = try load(file)
        let templates = try TemplateLibrary.load(workflows: "Workflows")
        for test in cases where test.expectation.starts {
            var simulation = try #require(try run.begin(test))
            var answers = TestAnswers(results: test.results)
            simulation.run(
                until: test.now + test.limit,
                reply: { answers.reply($0) },
                { answers.answer($0) }
            )
            for call in simulation.calls {
                for (part, data) in Self.parts(of: call) {
                    let name = call.input["template"] ?? call.input["template_id"]
                    let text = try templates.render(name?.stringValue ?? "", part, data)
                    #expect(text?.isEmpty == false, "\(test.name): \(call.step) has no \(part)")
                }
            }
        }
    }

    /// The parts of a template that a call sends, with their variables.
    private static func parts(
        of call: WorkflowSimulation.Call
    ) -> [(part: NotificationPart, data: ValueMap)] {
        let data: ValueMap
        let channels: [String]
        switch call.action {
        case "notify.send":
            channels = call.input["channels"]?.listValue?.compactMap(\.stringValue) ?? []
            data = call.input["data"]?.mapValue ?? ValueMap()
        case "email.send_template":
            channels = ["email"]
            data = call.input["variables"]?.mapValue ?? ValueMap()
        default: return []
        }
        var variables = data
        variables["to"] = call.input["to"] ?? ["email": "somebody@example.org"]
        return channels.flatMap { channel -> [NotificationPart] in
            switch channel {
            case "email": [.subject, .text, .html]
            case "sms": [.sms]
            default: [.slack]
            }
        }
        .map { ($0, variables) }
    }
}
