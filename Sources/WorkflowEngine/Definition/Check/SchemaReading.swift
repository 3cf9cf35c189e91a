import Documents
public import EventModel
import JSONSchema

extension DefinitionParser {
    /// Reads `input_schema` or `output_schema`: a JSON Schema of draft 2020-12.
    mutating func schema(_ node: Node) -> JSONSchema? {
        var lint = SchemaLint()
        lint.check(node)
        problems += lint.problems
        do throws(SchemaMistakes) {
            return try JSONSchema(node.value, assertsFormats: true)
        } catch {
            for mistake in error.list {
                let place = node.place(of: mistake.path)
                problems.append(Problem(at: place, mistake.message, remedy: mistake.remedy))
            }
            return nil
        }
    }
}

extension Node {
    /// Where the part stands that a JSON pointer names, or as much of it as there is.
    func place(of pointer: String) -> Place {
        var current = self
        var place = self.place
        for token in SchemaMistake.tokens(of: pointer) {
            if let members = current.members, let member = members.first(where: { $0.key == token })
            {
                place = member.keyPlace
                current = member.node
            } else if let elements = current.elements, let index = Int(token),
                elements.indices.contains(index)
            {
                current = elements[index]
                place = current.place
            } else {
                break
            }
        }
        return place
    }
}

/// Finds keywords of a schema that are misspelt; for the specification an unknown one means nothing.
struct SchemaLint {
    private(set) var problems: [Problem] = []

    mutating func check(_ node: Node, depth: Int = 0) {
        guard depth < JSONSchemaLimits.depthMax, let members = node.members else { return }
        for member in members {
            guard Self.keywords.contains(member.key) else {
                if let near = Suggestion.nearest(to: member.key, among: Self.keywords) {
                    problems.append(
                        Problem(
                            at: member.keyPlace,
                            "JSON Schema has no keyword '\(member.key)'",
                            remedy: "did you mean '\(near)'?"
                        )
                    )
                }
                continue
            }
            switch member.key {
            case "properties", "patternProperties", "$defs", "dependentSchemas":
                for inner in member.node.members ?? [] { check(inner.node, depth: depth + 1) }
            case "allOf", "anyOf", "oneOf", "prefixItems":
                for inner in member.node.elements ?? [] { check(inner, depth: depth + 1) }
            case "additionalProperties", "contains", "else", "if", "items", "not",
                "propertyNames", "then", "unevaluatedItems", "unevaluatedProperties":
                check(member.node, depth: depth + 1)
            default: break
            }
        }
    }

    /// The keywords of all vocabularies of draft 2020-12.
    private static let keywords = [
        "$id", "$schema", "$ref", "$anchor", "$dynamicRef", "$dynamicAnchor", "$vocabulary",
        "$comment", "$defs", "prefixItems", "items", "contains", "additionalProperties",
        "properties", "patternProperties", "dependentSchemas", "propertyNames", "if", "then",
        "else", "allOf", "anyOf", "oneOf", "not", "unevaluatedItems", "unevaluatedProperties",
        "type", "const", "enum", "multipleOf", "maximum", "exclusiveMaximum", "minimum",
        "exclusiveMinimum", "maxLength", "minLength", "pattern", "maxItems", "minItems",
        "uniqueItems", "maxContains", "minContains", "maxProperties", "minProperties", "required",
        "dependentRequired", "title", "description", "default", "deprecated", "readOnly",
        "writeOnly", "examples", "format", "contentEncoding", "contentMediaType", "contentSchema",
    ]
}

extension WorkflowDefinition {
    /// What is wrong with an output, one sentence each; empty if an instance can end with it.
    public func outputProblems(_ output: Value) -> [String] {
        (outputSchema?.violations(of: output) ?? []).map { $0.sentence(about: "the output") }
    }
}

extension SchemaViolation {
    /// The violation as a sentence that begins with what the value is.
    func sentence(about what: String) -> String {
        let place = steps.isEmpty ? what : "\(what)'s member '\(shownPath)'"
        return remedy.isEmpty ? "\(place) \(message)" : "\(place) \(message); \(remedy)"
    }
}
