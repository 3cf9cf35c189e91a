import EventModel
import WorkflowEngine

/// Compares an action's input with what the action says it takes.
enum InputCheck {
    /// What is wrong, one sentence each; empty if the action can be called.
    static func problems(_ input: Value, _ descriptor: ActionDescriptor) -> [String] {
        guard let members = input.mapValue ?? (input.isNull ? ValueMap() : nil) else {
            return ["the input of \(descriptor.name) must be a map, not \(input.typeName)"]
        }
        var problems = descriptor.inputs.compactMap { field in problem(field, members) }
        let known = Set(descriptor.inputs.map(\.name))
        for name in members.stringKeys where !known.contains(name) {
            let remedy = known.isEmpty ? "nothing" : known.sorted().joined(separator: ", ")
            problems.append("\(descriptor.name) takes no '\(name)'; it takes \(remedy)")
        }
        return problems
    }

    private static func problem(_ field: ActionField, _ members: ValueMap) -> String? {
        guard let value = members[field.name], !value.isNull else {
            return field.isRequired ? "the input '\(field.name)' is missing" : nil
        }
        guard isOfKind(value, field.kind) else {
            return "the input '\(field.name)' must be of type \(field.kind.rawValue), "
                + "not \(value.typeName)"
        }
        guard !field.choices.isEmpty, let text = value.stringValue else { return nil }
        guard !field.choices.contains(text) else { return nil }
        return "the input '\(field.name)' must be one of "
            + "\(field.choices.joined(separator: ", ")), not '\(text)'"
    }

    private static func isOfKind(_ value: Value, _ kind: ActionField.Kind) -> Bool {
        switch kind {
        case .any: true
        case .string: value.stringValue != nil
        case .integer: value.intValue != nil
        case .number: value.doubleValue != nil
        case .boolean: value.boolValue != nil
        // JSON has no form of its own for these, so their text form is as good.
        case .timestamp: value.timestampValue != nil || value.stringValue.map(isInstant) == true
        case .duration: value.durationValue != nil || value.stringValue.map(isLength) == true
        case .list: value.listValue != nil
        case .map: value.mapValue != nil
        }
    }

    private static func isInstant(_ text: String) -> Bool {
        (try? Timestamp(rfc3339: text)) != nil
    }

    private static func isLength(_ text: String) -> Bool {
        (try? DurationText.parse(text)) != nil
    }
}
