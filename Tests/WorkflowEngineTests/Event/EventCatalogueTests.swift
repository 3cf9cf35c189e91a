import Documents
import EventModel
import Foundation
import Testing
import WorkflowEngine

/// The files of `Schemas/events/` say the same as the code.
@Suite struct EventCatalogueTests {
    @Test(arguments: InstanceEvent.eventTypes)
    func describesWhatTheCodeAppends(_ declaration: EventTypeDeclaration) throws {
        let file = "Schemas/events/\(declaration.type).yaml"
        let text = try String(contentsOfFile: file, encoding: .utf8)
        let schema = try YAML.parse(text, file: file).value
        #expect(schema["type"] == .string(declaration.type))
        #expect(schema["version"] == .int(Int64(declaration.version)))
        #expect(schema["category"] == .string(declaration.category))
        #expect(schema["meaning"]?.stringValue?.isEmpty == false)
        let samples = InstanceEventCodecTests.samples.filter { $0.type == declaration.type }
        let properties = keys(schema[path: "data", "properties"])
        let names = schema[path: "data", "required"]?.listValue ?? []
        let required = Set(names.compactMap(\.stringValue))
        // The first sample of each type has every member.
        #expect(keys(samples[0].data) == properties)
        let lacking = samples.filter { !keys($0.data).isSuperset(of: required) }
        #expect(lacking.isEmpty)
        #expect(schema[path: "data", "additionalProperties"] == false)
    }

    private func keys(_ value: Value?) -> Set<String> {
        Set(value?.mapValue?.stringKeys ?? [])
    }
}
