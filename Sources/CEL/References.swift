import EventModel

/// Collects the free names of an expression with the constant members behind them.
struct ReferenceCollector {
    let environment: ExpressionEnvironment
    private(set) var references: [[String]] = []
    private var seen: Set<[String]> = []
    /// Names of macro variables in sight.
    private var bound: [String] = []

    init(environment: ExpressionEnvironment) {
        self.environment = environment
    }

    mutating func collect(_ syntax: Syntax) {
        if let path = path(syntax) {
            add(path)
            return
        }
        switch syntax.kind {
        case .literal, .name: break
        case .member(let operand, _, _), .presence(let operand, _), .not(let operand),
            .negate(let operand):
            collect(operand)
        case .index(let operand, let key, _):
            collect(operand)
            collect(key)
        case .call(let receiver, let name, let arguments):
            if let receiver, !isNamespace(receiver, name) { collect(receiver) }
            for argument in arguments { collect(argument) }
        case .conditional(let condition, let yes, let no):
            for part in [condition, yes, no] { collect(part) }
        case .logical(_, let parts):
            for part in parts { collect(part) }
        case .binary(_, let left, let right):
            collect(left)
            collect(right)
        case .list(let elements):
            for element in elements { collect(element.value) }
        case .map(let entries):
            for entry in entries {
                collect(entry.key)
                collect(entry.value)
            }
        case .comprehension, .bind, .optionalMap, .sortBy, .block:
            collectMacro(syntax)
        }
    }

    private mutating func collectMacro(_ syntax: Syntax) {
        switch syntax.kind {
        case .comprehension(let comprehension):
            collect(comprehension.range)
            let names = [comprehension.name] + (comprehension.secondName.map { [$0] } ?? [])
            if let filter = comprehension.filter { collect(filter, binding: names) }
            collect(comprehension.body, binding: names)
        case .bind(let name, let value, let body):
            collect(value)
            collect(body, binding: [name])
        case .optionalMap(let target, let name, let body, _):
            collect(target)
            collect(body, binding: [name])
        case .sortBy(let target, let name, let key):
            collect(target)
            collect(key, binding: [name])
        case .block(let parts, let body):
            for (index, part) in parts.enumerated() {
                collect(part, binding: (0..<index).map(BlockNames.index))
            }
            collect(body, binding: parts.indices.map(BlockNames.index))
        case .literal, .name, .member, .presence, .index, .call, .not, .negate, .conditional,
            .logical, .binary, .list, .map:
            break
        }
    }

    private mutating func collect(_ syntax: Syntax, binding names: [String]) {
        bound.append(contentsOf: names)
        collect(syntax)
        bound.removeLast(names.count)
    }

    /// `math` in `math.abs(x)` is no variable.
    private func isNamespace(_ receiver: Syntax, _ name: String) -> Bool {
        guard let path = path(receiver) else { return false }
        let dotted = (path + [name]).joined(separator: ".")
        return environment.functions.names.contains(dotted)
    }

    /// The path that a chain of members and constant text indexes spells, from a free name on.
    private func path(_ syntax: Syntax) -> [String]? {
        switch syntax.kind {
        case .name(let name, let isAbsolute):
            return (isAbsolute || !bound.contains(name)) ? [name] : nil
        case .member(let operand, let name, isOptional: false):
            return path(operand).map { $0 + [name] }
        case .index(let operand, let key, isOptional: false):
            guard case .literal(.string(let name)) = key.kind else { return nil }
            return path(operand).map { $0 + [name] }
        case .literal, .member, .presence, .index, .call, .not, .negate, .conditional, .logical,
            .binary, .list, .map, .comprehension, .bind, .optionalMap, .sortBy, .block:
            return nil
        }
    }

    private mutating func add(_ path: [String]) {
        let isType =
            Resolver.isTypeName(path[0]) || Resolver.isTypeName(path.joined(separator: "."))
        guard !isType, seen.insert(path).inserted else { return }
        references.append(path)
    }
}
