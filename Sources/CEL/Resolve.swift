import EventModel

/// Turns a tree into nodes: finds functions, gives the variables of macros their slots.
struct Resolver {
    let environment: ExpressionEnvironment
    /// Names of macro variables in sight, innermost last.
    private var scope: [(name: String, slot: Int)] = []
    private(set) var slots = 0
    /// The parts of `cel.block`, by slot.
    private var sharedParts: [Int: any Node] = [:]
    /// Whether the result can be bigger than the variables it was made from.
    private(set) var buildsValues = false

    /// Variables that are looked for by more than the first part of a dotted name.
    private let qualifiedNames: Set<String>

    init(environment: ExpressionEnvironment) {
        self.environment = environment
        qualifiedNames = environment.dottedNames
    }

    mutating func node(_ syntax: Syntax) throws(Fault) -> any Node {
        let offset = syntax.offset
        switch syntax.kind {
        case .literal(let value):
            return ConstantNode(.plain(value))
        case .name, .member, .index:
            if let path = path(syntax) { return try self.path(path, syntax) }
            return try access(syntax)
        case .presence(let operand, let name):
            return PresenceNode(try node(operand), name, offset: offset)
        case .call(let receiver, let name, let arguments):
            return try call(receiver, name, arguments, offset)
        case .not(let operand):
            return NotNode(try node(operand), offset: offset)
        case .negate(let operand):
            return NegateNode(try node(operand), offset: offset)
        case .conditional(let condition, let yes, let no):
            return ConditionalNode(
                try node(condition),
                try node(yes),
                try node(no),
                offset: offset
            )
        case .logical(let op, let parts):
            return LogicalNode(op, try nodes(parts), offset: offset)
        case .binary(let op, let left, let right):
            return binary(op, try node(left), try node(right), offset)
        case .list, .map:
            return try literal(syntax)
        case .comprehension(let comprehension):
            return try self.comprehension(comprehension, offset)
        case .bind, .optionalMap, .sortBy, .block:
            return try binding(syntax)
        }
    }

    private mutating func nodes(_ syntaxes: [Syntax]) throws(Fault) -> [any Node] {
        var nodes: [any Node] = []
        for syntax in syntaxes { nodes.append(try node(syntax)) }
        return nodes
    }

    private mutating func binary(
        _ op: BinaryOperator,
        _ left: any Node,
        _ right: any Node,
        _ offset: Int
    ) -> any Node {
        switch op {
        case .equal: return EqualNode(left, right, isNegated: false)
        case .notEqual: return EqualNode(left, right, isNegated: true)
        case .less, .lessOrEqual, .greater, .greaterOrEqual:
            return OrderNode(op, left, right, offset: offset)
        case .isIn: return InNode(left, right, offset: offset)
        case .add, .subtract, .multiply, .divide, .remainder:
            if op == .add { buildsValues = true }
            return ArithmeticNode(op, left, right, offset: offset)
        }
    }

    private mutating func literal(_ syntax: Syntax) throws(Fault) -> any Node {
        buildsValues = true
        switch syntax.kind {
        case .list(let elements):
            var nodes: [(node: any Node, isOptional: Bool)] = []
            for element in elements {
                nodes.append((try node(element.value), element.isOptional))
            }
            return ListNode(nodes, offset: syntax.offset)
        case .map(let entries):
            var nodes: [MapNode.Entry] = []
            for entry in entries {
                let key = try node(entry.key)
                let value = try node(entry.value)
                nodes.append(MapNode.Entry(key: key, value: value, isOptional: entry.isOptional))
            }
            return MapNode(nodes, offset: syntax.offset)
        case .literal, .name, .member, .presence, .index, .call, .not, .negate, .conditional,
            .logical, .binary, .comprehension, .bind, .optionalMap, .sortBy, .block:
            return try node(syntax)
        }
    }
}

// MARK: Names

extension Resolver {
    /// A free name with the constant members behind it, and the syntax of each prefix.
    private struct Path {
        var names: [String]
        var isAbsolute: Bool
    }

    /// The path that a chain of members spells, unless it begins with a macro's variable.
    private func path(_ syntax: Syntax) -> Path? {
        var names: [String] = []
        var current = syntax
        while true {
            switch current.kind {
            case .member(let operand, let name, isOptional: false):
                names.append(name)
                current = operand
            case .name(let name, let isAbsolute):
                guard isAbsolute || slot(name) == nil else { return nil }
                names.append(name)
                return Path(names: names.reversed(), isAbsolute: isAbsolute)
            case .literal, .member, .presence, .index, .call, .not, .negate, .conditional,
                .logical, .binary, .list, .map, .comprehension, .bind, .optionalMap, .sortBy,
                .block:
                return nil
            }
        }
    }

    private func slot(_ name: String) -> Int? {
        scope.last { $0.name == name }?.slot
    }

    /// A variable, possibly one whose name has dots, or a type, with the members that follow.
    private func path(_ path: Path, _ syntax: Syntax) throws(Fault) -> any Node {
        let containers = path.isAbsolute ? [""] : environment.containerPrefixes
        if !qualifiedNames.isEmpty {
            for prefix in containers {
                for length in stride(from: path.names.count, through: 1, by: -1) {
                    let name = prefix + path.names[..<length].joined(separator: ".")
                    guard qualifiedNames.contains(name) else { continue }
                    let variable = VariableNode(name: name, type: nil, offset: syntax.offset)
                    return members(variable, Array(path.names[length...]), syntax)
                }
            }
        }
        if path.names.count > 1 {
            let dotted = path.names.joined(separator: ".")
            if Self.isTypeName(dotted) { return ConstantNode(.type(dotted)) }
        }
        let root = path.names[0]
        let type = Self.isTypeName(root) ? root : nil
        let variable = VariableNode(name: root, type: type, offset: rootOffset(syntax))
        return members(variable, Array(path.names[1...]), syntax)
    }

    private func rootOffset(_ syntax: Syntax) -> Int {
        var current = syntax
        while case .member(let operand, _, _) = current.kind { current = operand }
        return current.offset
    }

    private func members(_ root: any Node, _ names: [String], _ syntax: Syntax) -> any Node {
        // The offsets of the members, from the last to the first.
        var offsets: [Int] = []
        var current = syntax
        while offsets.count < names.count, case .member(let operand, _, _) = current.kind {
            offsets.append(current.offset)
            current = operand
        }
        var node = root
        for (name, offset) in zip(names, offsets.reversed()) {
            node = MemberNode(node, name, isOptional: false, offset: offset)
        }
        return node
    }

    static func isTypeName(_ name: String) -> Bool { typeNames.contains(name) }

    private static let typeNames: Set<String> = [
        "bool", "int", "uint", "double", "string", "bytes", "list", "map", "null_type", "type",
        "google.protobuf.Timestamp", "google.protobuf.Duration", "optional_type", "net.IP",
        "net.CIDR",
    ]

    private mutating func access(_ syntax: Syntax) throws(Fault) -> any Node {
        switch syntax.kind {
        case .name(let name, _):
            guard let slot = slot(name) else {
                return VariableNode(name: name, type: nil, offset: syntax.offset)
            }
            if let part = sharedParts[slot] { return SharedPartNode(slot: slot, part: part) }
            return LocalNode(slot: slot)
        case .member(let operand, let name, let isOptional):
            return MemberNode(
                try node(operand),
                name,
                isOptional: isOptional,
                offset: syntax.offset
            )
        case .index(let operand, let key, let isOptional):
            let operandNode = try node(operand)
            let keyNode = try node(key)
            return IndexNode(operandNode, keyNode, isOptional: isOptional, offset: syntax.offset)
        case .literal, .presence, .call, .not, .negate, .conditional, .logical, .binary, .list,
            .map, .comprehension, .bind, .optionalMap, .sortBy, .block:
            return try node(syntax)
        }
    }
}

// MARK: Calls

extension Resolver {
    private mutating func call(
        _ receiver: Syntax?,
        _ name: String,
        _ arguments: [Syntax],
        _ offset: Int
    ) throws(Fault) -> any Node {
        buildsValues = true
        guard let receiver else {
            return try function(name, .global, arguments, offset)
        }
        if let path = path(receiver) {
            let dotted = (path.names + [name]).joined(separator: ".")
            if environment.functions.names.contains(dotted) {
                return try function(dotted, .global, arguments, offset)
            }
        }
        return try function(name, .receiver, [receiver] + arguments, offset)
    }

    private mutating func function(
        _ name: String,
        _ style: ExpressionFunction.Style,
        _ arguments: [Syntax],
        _ offset: Int
    ) throws(Fault) -> any Node {
        let nodes = try nodes(arguments)
        guard let body = environment.functions.body(name, style, nodes.count) else {
            let fault = environment.unknown(name, style, nodes.count, offset)
            guard environment.defersUnknownFunctions else { throw fault }
            return FailureNode(fault)
        }
        switch body {
        case .unary(let unary):
            return UnaryCallNode(name, unary, nodes[0], offset: offset)
        case .binary(let binary):
            return BinaryCallNode(name, binary, nodes[0], nodes[1], offset: offset)
        case .pattern(let pattern):
            return try PatternCallNode(
                name,
                pattern,
                nodes[0],
                nodes[1],
                patternOffset: arguments[1].offset,
                offset: offset
            )
        case .variadic(let variadic):
            return CallNode(name, variadic, nodes, offset: offset)
        case .lazy(let lazy):
            return LazyCallNode(name, lazy, nodes, offset: offset)
        case .captures(let captures):
            return try CaptureCallNode(
                name,
                captures,
                nodes,
                patternOffset: arguments[1].offset,
                offset: offset
            )
        }
    }
}

// MARK: Macros

extension Resolver {
    /// Compiles a part in which one more name is known.
    private mutating func inScope(
        _ names: [(name: String, slot: Int)],
        _ syntax: Syntax
    ) throws(Fault) -> any Node {
        scope.append(contentsOf: names)
        defer { scope.removeLast(names.count) }
        return try node(syntax)
    }

    private mutating func newSlot() -> Int {
        slots += 1
        return slots - 1
    }

    private mutating func comprehension(
        _ comprehension: Comprehension,
        _ offset: Int
    ) throws(Fault) -> any Node {
        buildsValues = true
        let range = try node(comprehension.range)
        var names = [(name: comprehension.name, slot: newSlot())]
        var second: Int?
        if let secondName = comprehension.secondName {
            let slot = newSlot()
            second = slot
            names.append((secondName, slot))
        }
        var filter: (any Node)?
        if let filterSyntax = comprehension.filter {
            filter = try inScope(names, filterSyntax)
        }
        return ComprehensionNode(
            comprehension.kind,
            range: range,
            slots: ComprehensionNode.Slots(first: names[0].slot, second: second),
            filter: filter,
            body: try inScope(names, comprehension.body),
            offset: offset
        )
    }

    private mutating func binding(_ syntax: Syntax) throws(Fault) -> any Node {
        buildsValues = true
        switch syntax.kind {
        case .bind(let name, let value, let body):
            let valueNode = try node(value)
            let slot = newSlot()
            let bodyNode = try inScope([(name, slot)], body)
            return BindNode(slot: slot, value: valueNode, body: bodyNode)
        case .optionalMap(let target, let name, let body, let isFlat):
            let targetNode = try node(target)
            let slot = newSlot()
            let bodyNode = try inScope([(name, slot)], body)
            return OptionalMapNode(
                target: targetNode,
                slot: slot,
                body: bodyNode,
                isFlat: isFlat,
                offset: syntax.offset
            )
        case .sortBy(let target, let name, let key):
            let targetNode = try node(target)
            let slot = newSlot()
            let keyNode = try inScope([(name, slot)], key)
            return SortByNode(target: targetNode, slot: slot, key: keyNode, offset: syntax.offset)
        case .block(let parts, let body):
            return try block(parts, body)
        case .literal, .name, .member, .presence, .index, .call, .not, .negate, .conditional,
            .logical, .binary, .list, .map, .comprehension:
            return try node(syntax)
        }
    }

    private mutating func block(_ parts: [Syntax], _ body: Syntax) throws(Fault) -> any Node {
        var names: [(name: String, slot: Int)] = []
        var nodes: [BlockNode.Part] = []
        for (index, part) in parts.enumerated() {
            let node = try inScope(names, part)
            let slot = newSlot()
            nodes.append(BlockNode.Part(node: node, slot: slot))
            names.append((BlockNames.index(index), slot))
            sharedParts[slot] = node
        }
        return BlockNode(nodes, try inScope(names, body))
    }
}
