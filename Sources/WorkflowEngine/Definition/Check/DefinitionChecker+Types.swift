import CEL
import Documents
import EventModel

/// The types of expressions: conditions, what actions are given, waits.
extension DefinitionChecker {
    /// What is known of types at one point of the workflow.
    struct ScopeTypes {
        /// Of the variables in `vars`.
        var variables: [String: ExpressionType] = [:]
        /// Of what `set` steps gave.
        var outputs: [String: ExpressionType] = [:]

        mutating func merge(_ other: ScopeTypes) {
            variables.merge(other.variables) { $0.joined(with: $1) }
            outputs.merge(other.outputs) { $0.joined(with: $1) }
        }
    }

    /// Reports what the types of an expression's parts show to be wrong.
    mutating func checkTypes(
        _ expression: Expression,
        _ place: Place,
        _ scope: Scope,
        wanted: ExpressionType
    ) {
        guard let check = typed(expression, scope, wanted: wanted) else { return }
        // Names are checked by what has run; here those that are not declared are of unknown type.
        for mistake in check.mistakes where mistake.code != .undeclaredReference {
            report(Problem(expression: mistake, at: place))
        }
    }

    private func typed(
        _ expression: Expression,
        _ scope: Scope,
        wanted: ExpressionType = .dyn
    ) -> ExpressionCheck? {
        guard let types else { return nil }
        return ExpressionCheck(
            expression.source,
            environment: types.environment(scope.types),
            wanted: wanted
        )
    }

    /// The type of what a template gives; `dyn` where nothing is known.
    func type(of template: ValueTemplate, _ scope: Scope) -> ExpressionType {
        switch template {
        case .literal(let value):
            return ExpressionType(of: value)
        case .text(let interpolation, _):
            guard interpolation.keepsType, let expression = interpolation.expressions.first else {
                return .string
            }
            return typed(expression, scope)?.type ?? .dyn
        case .list(let elements):
            var joined: ExpressionType?
            for element in elements {
                let next = type(of: element, scope)
                joined = joined.map { $0.joined(with: next) } ?? next
            }
            return .list(joined ?? .dyn)
        case .map(let members):
            var object = ObjectType(members: [:])
            for member in members { object.members[member.key] = type(of: member.template, scope) }
            return .object(object)
        }
    }

    /// Remembers the types of what a `set` sets.
    func noteSet(_ members: [ValueTemplate.Member], of step: String, in scope: inout Scope) {
        guard let types else { return }
        var output = ObjectType("the output of \(step)", members: [:])
        for member in members {
            let type = type(of: member.template, scope)
            output.members[member.key] = type
            // A variable that several steps set may have another type each time round a loop.
            scope.types.variables[member.key] = types.isSetOnce(member.key) ? type : .dyn
        }
        scope.types.outputs[step] = .object(output)
    }

    /// Checks that what a template gives can be used as a member of a kind.
    mutating func checkKind(
        _ template: ValueTemplate,
        _ kind: ActionField.Kind,
        _ what: String,
        _ scope: Scope
    ) {
        guard case .text(_, let place) = template else { return }
        let type = type(of: template, scope)
        guard !kind.accepts(type) else { return }
        report(
            Problem(
                at: place,
                "\(what) must be of type \(kind.rawValue), but the expression gives a \(type)",
                remedy: Self.conversion(to: kind)
            )
        )
    }

    /// How an author makes a value of a kind.
    private static func conversion(to kind: ActionField.Kind) -> String {
        switch kind {
        case .string: "write string(…), or put text around the {{ }}"
        case .integer: "write int(…)"
        case .number: "write double(…)"
        case .boolean: "compare it, as in … == 'yes'"
        case .timestamp: "write timestamp(…)"
        case .duration: "write duration('10m')"
        case .list: "write […]"
        case .map: "write {'name': …}"
        case .any: ""
        }
    }

    /// Checks what an action is given against its description and the databases.
    mutating func checkTypes(of call: StepDefinition.ActionCall, _ scope: Scope) {
        guard types != nil, let descriptor = actions?[call.name]?.descriptor,
            case .map(let members) = call.input
        else { return }
        for member in members {
            guard let field = descriptor.inputs.first(where: { $0.name == member.key }) else {
                continue
            }
            checkKind(
                member.template,
                field.kind,
                "'\(field.name)' of '\(descriptor.name)'",
                scope
            )
        }
        checkDatabase(members, of: descriptor, scope)
    }
}

extension DefinitionParser {
    /// The types that the checker goes by; nil where actions are unknown, as when a workflow is read
    /// that was deployed long ago.
    func declaredTypes(_ parts: DefinitionParts) -> DeclaredTypes? {
        actions.map {
            DeclaredTypes(parts, actions: $0, databases: databases, functions: functions)
        }
    }

    mutating func checkTriggers(_ root: Node) {
        guard actions != nil else { return }
        var check = TriggerCheck(databases: databases, functions: functions)
        check.check(root)
        problems += check.problems
    }
}
