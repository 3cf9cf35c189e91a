import CEL
import Documents
import EventModel

/// The databases and fields that actions are given.
///
/// An action with an input `database` names fields in its inputs `record`, `changes`, `match` and
/// `where` (maps from field to value) and `match_fields` (a list of fields).
extension DefinitionChecker {
    mutating func checkDatabase(
        _ members: [ValueTemplate.Member],
        of descriptor: ActionDescriptor,
        _ scope: Scope
    ) {
        guard let databases = types?.databases,
            descriptor.inputs.contains(where: { $0.name == "database" }),
            let named = members.first(where: { $0.key == "database" }),
            let name = named.template.literal?.stringValue
        else { return }
        guard let shape = databases[name] else {
            report(
                Problem(
                    at: named.place,
                    "there is no database '\(name)'",
                    remedy: Suggestion.remedy(for: name, among: databases.keys)
                )
            )
            return
        }
        for member in members {
            switch member.key {
            case "record", "changes":
                checkFields(member.template, of: shape, isWritten: true, scope)
            case "match", "where":
                checkFields(member.template, of: shape, isWritten: false, scope)
            case "match_fields":
                for key in (member.template.literal?.listValue ?? []).compactMap(\.stringValue)
                where shape.field(key) == nil {
                    report(unknownField(key, of: shape, at: member.place))
                }
            default: break
            }
        }
    }

    private func unknownField(
        _ key: String,
        of shape: DatabaseShapes.Shape,
        at place: Place
    ) -> Problem {
        Problem(
            at: place,
            "the database '\(shape.key)' has no field '\(key)'",
            remedy: Suggestion.remedy(for: key, among: shape.fields.map(\.key))
        )
    }

    private mutating func checkFields(
        _ template: ValueTemplate,
        of shape: DatabaseShapes.Shape,
        isWritten: Bool,
        _ scope: Scope
    ) {
        guard case .map(let members) = template else { return }
        for member in members {
            // A record that is looked for can also be named by its id.
            if member.key == "id", !isWritten { continue }
            guard let field = shape.field(member.key) else {
                report(unknownField(member.key, of: shape, at: member.place))
                continue
            }
            if isWritten, field.content == .nothing {
                report(
                    Problem(
                        at: member.place,
                        "nobody can write '\(field.key)' of '\(shape.key)', its source makes it",
                        remedy: "leave it out"
                    )
                )
                continue
            }
            checkContent(member, field, of: shape, isWritten: isWritten, scope)
        }
    }

    private mutating func checkContent(
        _ member: ValueTemplate.Member,
        _ field: DatabaseShapes.Field,
        of shape: DatabaseShapes.Shape,
        isWritten: Bool,
        _ scope: Scope
    ) {
        let literal = member.template.literal
        if literal?.isNull == true { return }
        if field.content == .option || field.content == .options, !field.options.isEmpty {
            let texts = literal.map { $0.listValue ?? [$0] }?.compactMap(\.stringValue) ?? []
            for text in texts where !Self.isOption(text, of: field) {
                report(
                    Problem(
                        at: member.place,
                        "'\(text)' is no option of '\(field.key)' in '\(shape.key)'",
                        remedy: Suggestion.remedy(for: text, among: field.options)
                    )
                )
            }
        }
        let type = type(of: member.template, scope)
        // What is looked for may be a list of which any will do.
        if !isWritten, type.fits(.list(.dyn)) { return }
        guard !field.content.accepts(type) else { return }
        report(
            Problem(
                at: member.place,
                "'\(field.key)' of '\(shape.key)' takes \(field.content.description), not a \(type)"
            )
        )
    }

    private static func isOption(_ text: String, of field: DatabaseShapes.Field) -> Bool {
        field.options.contains { $0.lowercased() == text.lowercased() }
    }
}

extension DatabaseShapes.Field.Content {
    /// For messages.
    var description: String {
        switch self {
        case .text: "a text"
        case .number: "a number"
        case .boolean: "true or false"
        case .date: "an instant, or a map with 'start' and 'end'"
        case .list, .options: "a list of texts or one text"
        case .option: "a text"
        case .any: "anything"
        case .nothing: "nothing"
        }
    }

    func accepts(_ type: ExpressionType) -> Bool {
        switch self {
        case .any, .nothing: true
        case .text, .option: type.fits(.string)
        case .number: type.fits(.int) || type.fits(.double) || type.fits(.uint)
        case .boolean: type.fits(.bool)
        case .date: type.fits(.timestamp) || type.fits(.string) || type.fits(.map(.string, .dyn))
        case .list, .options: type.fits(.string) || type.fits(.list(.dyn))
        }
    }
}
