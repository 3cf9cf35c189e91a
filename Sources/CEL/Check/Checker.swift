import EventModel

/// Finds the types of an expression's parts and the mistakes that no evaluation is needed for.
///
/// Where nothing is known, the type is `dyn` and nothing is reported. After a mistake the checker goes on
/// with `dyn`, so that one mistake is reported once and all are.
struct Checker {
    let environment: ExpressionEnvironment
    var unifier = TypeUnifier()
    /// The variables of macros in sight, innermost last.
    private var scope: [(name: String, type: ExpressionType)] = []
    private(set) var faults: [Fault] = []

    init(environment: ExpressionEnvironment) {
        self.environment = environment
    }

    mutating func report(_ code: CELError.Code, _ message: String, _ offset: Int) {
        guard faults.count < LanguageLimits.mistakesMax else { return }
        faults.append(Fault(code, message, offset: offset))
    }

    /// The type of a tree, with what is known of its open types.
    mutating func type(of syntax: Syntax) -> ExpressionType {
        unifier.resolved(check(syntax))
    }

    private mutating func check(_ syntax: Syntax) -> ExpressionType {
        switch syntax.kind {
        case .literal(let value):
            return value == .null ? .null : ExpressionType(of: value)
        case .name, .member, .index, .presence:
            return access(syntax)
        case .call(let receiver, let name, let arguments):
            return call(receiver, name, arguments, syntax.offset)
        case .not(let operand):
            condition(operand, "!", syntax.offset)
            return .bool
        case .negate(let operand):
            return negation(operand, syntax.offset)
        case .conditional(let test, let yes, let no):
            condition(test, "?:", test.offset)
            let yesType = type(of: yes)
            return unifier.joined(yesType, type(of: no))
        case .logical(let op, let parts):
            for part in parts { condition(part, op.rawValue, part.offset) }
            return .bool
        case .binary(let op, let left, let right):
            return binary(op, left, right, syntax.offset)
        case .list(let elements):
            return list(elements)
        case .map(let entries):
            return map(entries)
        case .comprehension(let comprehension):
            return self.comprehension(comprehension, syntax.offset)
        case .bind, .optionalMap, .sortBy, .block:
            return binding(syntax)
        }
    }

    /// Checks a part that must be a bool.
    private mutating func condition(_ syntax: Syntax, _ name: String, _ offset: Int) {
        let type = type(of: syntax)
        guard !unifier.isAssignable(type, to: .bool) else { return }
        report(.noSuchOverload, "no such overload: \(name)(\(type)); it takes a bool", offset)
    }

    private mutating func negation(_ operand: Syntax, _ offset: Int) -> ExpressionType {
        let type = type(of: operand)
        switch type.unwrapped {
        case .int, .double, .dyn, .parameter: return type.unwrapped
        case .null, .bool, .uint, .string, .bytes, .timestamp, .duration, .list, .map, .object,
            .nullable, .optional, .type, .opaque:
            report(.noSuchOverload, "no such overload: -(\(type))", offset)
            return .dyn
        }
    }

    private mutating func list(_ elements: [Syntax.Element]) -> ExpressionType {
        var joined: ExpressionType?
        for element in elements {
            var type = type(of: element.value)
            if element.isOptional { type = content(of: type, "[?]", element.value.offset) }
            joined = joined.map { unifier.joined($0, type) } ?? type
        }
        return .list(joined ?? unifier.fresh())
    }

    private mutating func map(_ entries: [Syntax.Entry]) -> ExpressionType {
        var keys: ExpressionType?
        var values: ExpressionType?
        for entry in entries {
            let key = type(of: entry.key)
            if !Self.isKey(key) {
                report(
                    .invalidArgument,
                    "a \(key) cannot be the key of a map; text, int, uint and bool can",
                    entry.key.offset
                )
            }
            var value = type(of: entry.value)
            if entry.isOptional { value = content(of: value, "{?:}", entry.value.offset) }
            keys = keys.map { unifier.joined($0, key) } ?? key
            values = values.map { unifier.joined($0, value) } ?? value
        }
        return .map(keys ?? unifier.fresh(), values ?? unifier.fresh())
    }

    static func isKey(_ type: ExpressionType) -> Bool {
        switch type.unwrapped {
        case .bool, .int, .uint, .string, .dyn, .parameter: true
        case .null, .double, .bytes, .timestamp, .duration, .list, .map, .object, .nullable,
            .optional, .type, .opaque:
            false
        }
    }

    /// The type inside an optional.
    mutating func content(
        of type: ExpressionType,
        _ name: String,
        _ offset: Int
    ) -> ExpressionType {
        switch type {
        case .optional(let content): return content
        case .dyn, .parameter: return .dyn
        case .null, .bool, .int, .uint, .double, .string, .bytes, .timestamp, .duration, .list,
            .map, .object, .nullable, .type, .opaque:
            report(
                .noSuchOverload,
                "no such overload: \(name)(\(type)); it takes an optional",
                offset
            )
            return .dyn
        }
    }
}

// MARK: Scope

extension Checker {
    func local(_ name: String) -> ExpressionType? {
        scope.last { $0.name == name }?.type
    }

    /// The type of a part in which more names are known.
    mutating func type(
        of syntax: Syntax,
        where names: [(name: String, type: ExpressionType)]
    ) -> ExpressionType {
        scope.append(contentsOf: names)
        defer { scope.removeLast(names.count) }
        return type(of: syntax)
    }

    mutating func condition(
        _ syntax: Syntax,
        where names: [(name: String, type: ExpressionType)]
    ) {
        let type = type(of: syntax, where: names)
        guard !unifier.isAssignable(type, to: .bool) else { return }
        report(
            .noSuchOverload,
            "the condition of a macro must be a bool, not a \(type)",
            syntax.offset
        )
    }
}
