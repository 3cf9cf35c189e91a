public import CEL
public import Documents
public import EventModel

/// A value with expressions in it: `{to: "{{ vars.client.email }}", channels: [email, sms]}`.
///
/// A text that is exactly one `{{ }}` becomes the expression's value with its type; keys of maps
/// are always taken as they stand.
public indirect enum ValueTemplate: Sendable {
    case literal(Value)
    case text(Interpolation, at: Place)
    case list([ValueTemplate])
    case map([Member])

    /// One key of a map with what stands behind it.
    public struct Member: Sendable {
        public var key: String
        public var place: Place
        public var template: ValueTemplate
    }

    /// Puts the values of all expressions in.
    ///
    /// - Throws: the first expression's error, in the order of the document.
    public func evaluate(_ variables: ValueMap) throws(CELError) -> Value {
        switch self {
        case .literal(let value):
            return value
        case .text(let interpolation, _):
            return try interpolation.evaluate(variables)
        case .list(let templates):
            var values: [Value] = []
            for template in templates { values.append(try template.evaluate(variables)) }
            return .list(values)
        case .map(let members):
            var map = ValueMap()
            for member in members { map[member.key] = try member.template.evaluate(variables) }
            return .map(map)
        }
    }

    /// Reads a part of a document; mistakes in expressions are added to `problems`.
    static func parse(
        _ node: Node,
        _ functions: FunctionLibrary,
        _ problems: inout [Problem]
    ) -> ValueTemplate {
        switch node.content {
        case .scalar(let value):
            guard let text = value.stringValue, text.contains("{{") else { return .literal(value) }
            do throws(CELError) {
                let interpolation = try Interpolation.compile(text, functions: functions)
                return interpolation.isLiteral
                    ? .literal(value) : .text(interpolation, at: node.place)
            } catch {
                problems.append(Problem(expression: error, at: node.place))
                return .literal(.null)
            }
        case .sequence(let nodes):
            let templates = nodes.map { parse($0, functions, &problems) }
            let literals = templates.compactMap(\.literal)
            return literals.count == templates.count ? .literal(.list(literals)) : .list(templates)
        case .mapping(let members):
            let parts = members.map {
                Member(
                    key: $0.key,
                    place: $0.keyPlace,
                    template: parse($0.node, functions, &problems)
                )
            }
            return .map(parts)
        }
    }

    /// The value, if there is no expression in it.
    var literal: Value? {
        switch self {
        case .literal(let value):
            return value
        case .text:
            return nil
        case .list(let templates):
            let literals = templates.compactMap(\.literal)
            return literals.count == templates.count ? .list(literals) : nil
        case .map(let members):
            var map = ValueMap()
            for member in members {
                guard let value = member.template.literal else { return nil }
                map[member.key] = value
            }
            return .map(map)
        }
    }

    /// Every expression with the place of its text.
    var expressions: [(expression: Expression, place: Place)] {
        switch self {
        case .literal: []
        case .text(let interpolation, let place): interpolation.expressions.map { ($0, place) }
        case .list(let templates): templates.flatMap(\.expressions)
        case .map(let members): members.flatMap(\.template.expressions)
        }
    }
}

extension Problem {
    /// A mistake in an expression, shown with the expression and a caret under the mistake.
    init(expression error: CELError, at place: Place) {
        self.init(at: place, "the expression is wrong: \(error.rendered)")
    }
}
