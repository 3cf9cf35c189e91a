import Documents
import EventModel

extension DefinitionParser {
    /// Checks a call against what the action says of itself.
    mutating func check(
        name: String,
        at node: Node,
        input: Node?,
        template: ValueTemplate,
        actions: ActionCatalogue
    ) {
        guard let descriptor = actions[name]?.descriptor else {
            problems.append(
                Problem(
                    at: node.place,
                    "there is no action '\(name)'",
                    remedy: Suggestion.remedy(for: name, among: actions.names)
                )
            )
            return
        }
        let place = input?.place ?? node.place
        guard case .map(let members) = template else {
            // A whole input made by one expression is checked when the action is called.
            if let literal = template.literal { checkLiteral(literal, descriptor, at: place) }
            return
        }
        let known = descriptor.inputs.map(\.name)
        for member in members {
            guard let field = descriptor.inputs.first(where: { $0.name == member.key }) else {
                problems.append(
                    Problem(
                        at: member.place,
                        "'\(descriptor.name)' takes no '\(member.key)'",
                        remedy: Suggestion.remedy(for: member.key, among: known)
                    )
                )
                continue
            }
            check(member, against: field, of: descriptor)
        }
        reportMissing(descriptor, given: members.map(\.key), at: place)
    }

    private mutating func checkLiteral(
        _ literal: Value,
        _ descriptor: ActionDescriptor,
        at place: Place
    ) {
        guard let map = literal.mapValue else {
            problems.append(
                Problem(at: place, "'with' must be a mapping, not \(literal.typeName)")
            )
            return
        }
        reportMissing(descriptor, given: map.stringKeys, at: place)
    }

    private mutating func reportMissing(
        _ descriptor: ActionDescriptor,
        given: [String],
        at place: Place
    ) {
        for field in descriptor.inputs where field.isRequired && !given.contains(field.name) {
            problems.append(
                Problem(
                    at: place,
                    "'\(descriptor.name)' needs '\(field.name)'",
                    remedy: "add it under 'with': \(field.summary)"
                )
            )
        }
    }

    private mutating func check(
        _ member: ValueTemplate.Member,
        against field: ActionField,
        of descriptor: ActionDescriptor
    ) {
        let kind: ActionField.Kind?
        switch member.template {
        case .literal(let value):
            guard !value.isNull else { return }
            checkChoice(value, field, at: member.place)
            if field.kind.accepts(value) { return }
            problems.append(
                Problem(
                    at: member.place,
                    "'\(field.name)' of '\(descriptor.name)' must be of type "
                        + "\(field.kind.rawValue), not \(value.typeName)"
                )
            )
            return
        case .text: kind = nil
        case .list: kind = .list
        case .map: kind = .map
        }
        guard let kind, field.kind != .any, field.kind != kind else { return }
        problems.append(
            Problem(
                at: member.place,
                "'\(field.name)' of '\(descriptor.name)' must be of type \(field.kind.rawValue), "
                    + "not \(kind.rawValue)"
            )
        )
    }

    private mutating func checkChoice(_ value: Value, _ field: ActionField, at place: Place) {
        guard !field.choices.isEmpty else { return }
        for text in (value.listValue ?? [value]).compactMap(\.stringValue)
        where !field.choices.contains(text) {
            problems.append(
                Problem(
                    at: place,
                    "'\(text)' is no \(field.name)",
                    remedy: Suggestion.remedy(for: text, among: field.choices)
                )
            )
        }
    }
}
