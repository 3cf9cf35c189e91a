import DaybookTestKit
import Documents
import EventModel
import Foundation
import JSONSchema
import Testing
import WorkflowEngine

/// JSON Schemas of a workflow's input and output.
@Suite struct WorkflowSchemasTests {
    private static let text = """
        workflow: w
        input_schema:
          type: object
          required: [guests]
          properties: {guests: {type: array, items: {$ref: "#/$defs/guest"}}}
          $defs: {guest: {type: object, properties: {email: {format: email}}}}
        output_schema: {type: object, properties: {total: {type: integer, minimum: 1}}}
        steps:
        - {name: a, set: {x: 1}}
        output: {total: "{{ input.guests.size() }}"}
        """

    private func definition() throws -> WorkflowDefinition {
        try WorkflowDefinition.parse(Self.text, file: "w.yaml", actions: nil)
    }

    @Test func inputsThatDoNotFitAreRefusedWithASentence() throws {
        let definition = try definition()
        #expect(definition.inputProblems(["guests": []]).isEmpty)
        #expect(
            definition.inputProblems([:]) == ["the input must have the member 'guests'; add it"]
        )
        #expect(
            definition.inputProblems(["guests": [["email": "nobody"]]]) == [
                "the input's member 'guests[0].email' is no email (\"nobody\"); "
                    + "write an e-mail address such as ana@example.org"
            ]
        )
    }

    @Test func anOutputThatDoesNotFitFailsTheInstance() throws {
        var good = Specification(try definition())
        #expect(good.play([.starts(["guests": [[:]]])]).last == "InstanceCompleted completed")
        var bad = Specification(try definition())
        let events = bad.play([.starts(["guests": []])])
        #expect(events.last == "InstanceFailed output invalid_output")
        #expect(bad.refolded.digest == bad.state.digest)
    }

    @Test func editorsAcceptWhatTheEngineAccepts() throws {
        let file = "Schemas/workflow.schema.json"
        let text = try String(contentsOfFile: file, encoding: .utf8)
        let schema = try JSONSchema(JSON.parse(text))
        var paths =
            FileManager.default.enumerator(atPath: "Workflows")?
            .compactMap { $0 as? String }.map { "Workflows/" + $0 } ?? []
        paths = paths.filter { $0.hasSuffix(".yaml") && !$0.contains("/templates/") }
            .filter { !$0.hasSuffix(".test.yaml") }
        #expect(!paths.isEmpty)
        for path in paths {
            let node = try YAML.parse(String(contentsOfFile: path, encoding: .utf8), file: path)
            #expect(schema.violations(of: node.value).map(\.description) == [], "\(path)")
        }
        let own = try YAML.parse(Self.text, file: "w.yaml").value
        #expect(schema.violations(of: own).map(\.description) == [])
        let wrong = try YAML.parse("workflow: w\nsteps: [{name: a, acton: x}]", file: "w.yaml")
        #expect(!schema.accepts(wrong.value))
    }
}
