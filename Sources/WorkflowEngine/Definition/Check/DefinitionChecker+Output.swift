import Documents
import EventModel
import JSONSchema

extension DefinitionChecker {
    /// Checks the workflow's output against its schema, as far as that can be known.
    mutating func checkOutput(of parts: DefinitionParts, _ scope: Scope) {
        guard types != nil, let schema = parts.outputSchema else { return }
        guard let output = parts.output else {
            if !schema.accepts(.null) {
                report(
                    Problem(
                        at: parts.outputSchemaPlace,
                        "'output_schema' asks for an output, but there is no 'output'",
                        remedy: "add 'output:' with what the schema asks for"
                    )
                )
            }
            return
        }
        if let literal = output.literal {
            for violation in schema.violations(of: literal) {
                report(Problem(at: parts.outputSchemaPlace, violation.sentence(about: "'output'")))
            }
            return
        }
        guard case .map(let members) = output else { return }
        let keys = members.map(\.key)
        let required = schema.source["required"]?.listValue?.compactMap(\.stringValue) ?? []
        for key in required where !keys.contains(key) {
            report(
                Problem(
                    at: members.first?.place ?? parts.outputSchemaPlace,
                    "'output' lacks '\(key)', which 'output_schema' requires",
                    remedy: "add it"
                )
            )
        }
    }
}
