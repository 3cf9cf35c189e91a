public import EventModel
import JSONSchema

/// A member of an instance's input, as the workflow declares it.
public struct InputField: Sendable, Hashable {
    public var name: String
    public var kind: ActionField.Kind
    public var isRequired: Bool
    public var description: String
}

extension WorkflowDefinition {
    /// What is wrong with an input, one sentence each; empty if an instance can start with it.
    ///
    /// Members that are not declared are let through, because senders add members without asking.
    public func inputProblems(_ input: Value) -> [String] {
        let violations = inputSchema?.violations(of: input) ?? []
        return violations.map { $0.sentence(about: "the input") } + fieldProblems(input)
    }

    private func fieldProblems(_ input: Value) -> [String] {
        guard !inputFields.isEmpty else { return [] }
        guard let members = input.mapValue else {
            return ["the input of '\(name)' must be a map, not \(input.typeName)"]
        }
        return inputFields.compactMap { field in
            guard let value = members[field.name], !value.isNull else {
                guard field.isRequired else { return nil }
                let about = field.description.isEmpty ? "" : " (\(field.description))"
                return "the input member '\(field.name)'\(about) is missing"
            }
            guard !field.kind.accepts(value) else { return nil }
            return "the input member '\(field.name)' must be of type \(field.kind.rawValue), "
                + "not \(value.typeName)"
        }
    }
}

extension ActionField.Kind {
    /// Whether a value has this type.
    ///
    /// Instants and lengths of time may also come as text, since JSON has no other form for them.
    func accepts(_ value: Value) -> Bool {
        switch self {
        case .any: true
        case .string: value.stringValue != nil
        case .integer: value.intValue != nil
        case .number: value.doubleValue != nil
        case .boolean: value.boolValue != nil
        case .timestamp: value.timestampValue != nil || value.stringValue.flatMap(instant) != nil
        case .duration: value.durationValue != nil || value.stringValue.flatMap(length) != nil
        case .list: value.listValue != nil
        case .map: value.mapValue != nil
        }
    }

    private func instant(_ text: String) -> Timestamp? { TimeText.timestamp(text) }
    private func length(_ text: String) -> Duration? { TimeText.duration(text) }
}
