import EventModel

/// A call of a function with one argument.
final class UnaryCallNode: Node {
    let name: String
    let body: Builtin.Unary
    let argument: any Node
    let offset: Int

    init(_ name: String, _ body: @escaping Builtin.Unary, _ argument: any Node, offset: Int) {
        self.name = name
        self.body = body
        self.argument = argument
        self.offset = offset
    }

    func evaluate(_ context: inout Context) throws(Fault) -> Operand {
        try context.step()
        let argument = try argument.evaluate(&context)
        do throws(Fault) {
            return try body(&context, argument)
        } catch {
            throw error.call(name, [argument], offset)
        }
    }
}

/// A call of a function with two arguments.
final class BinaryCallNode: Node {
    let name: String
    let body: Builtin.Binary
    let first: any Node
    let second: any Node
    let offset: Int

    init(
        _ name: String,
        _ body: @escaping Builtin.Binary,
        _ first: any Node,
        _ second: any Node,
        offset: Int
    ) {
        self.name = name
        self.body = body
        self.first = first
        self.second = second
        self.offset = offset
    }

    func evaluate(_ context: inout Context) throws(Fault) -> Operand {
        try context.step()
        let first = try first.evaluate(&context)
        let second = try second.evaluate(&context)
        do throws(Fault) {
            return try body(&context, first, second)
        } catch {
            throw error.call(name, [first, second], offset)
        }
    }
}

/// A call of a function with any number of arguments.
final class CallNode: Node {
    let name: String
    let body: Builtin.Variadic
    let arguments: [any Node]
    let offset: Int

    init(
        _ name: String,
        _ body: @escaping Builtin.Variadic,
        _ arguments: [any Node],
        offset: Int
    ) {
        self.name = name
        self.body = body
        self.arguments = arguments
        self.offset = offset
    }

    func evaluate(_ context: inout Context) throws(Fault) -> Operand {
        try context.step()
        var operands: [Operand] = []
        operands.reserveCapacity(arguments.count)
        for argument in arguments { operands.append(try argument.evaluate(&context)) }
        do throws(Fault) {
            return try body(&context, operands)
        } catch {
            throw error.call(name, operands, offset)
        }
    }
}

/// A call whose arguments are evaluated only as far as they are needed: `or` and `orValue` of
/// optionals, and `coalesce`.
final class LazyCallNode: Node {
    let name: String
    let body: Builtin.Lazy
    let arguments: [any Node]
    let offset: Int

    init(_ name: String, _ body: @escaping Builtin.Lazy, _ arguments: [any Node], offset: Int) {
        self.name = name
        self.body = body
        self.arguments = arguments
        self.offset = offset
    }

    func evaluate(_ context: inout Context) throws(Fault) -> Operand {
        try context.step()
        do throws(Fault) {
            return try body(&context, arguments)
        } catch {
            throw error.call(name, [], offset)
        }
    }
}

/// `sortBy`: the list's elements in the order of a key that is computed from each.
final class SortByNode: Node {
    let target: any Node
    let slot: Int
    let key: any Node
    let offset: Int

    init(target: any Node, slot: Int, key: any Node, offset: Int) {
        self.target = target
        self.slot = slot
        self.key = key
        self.offset = offset
    }

    func evaluate(_ context: inout Context) throws(Fault) -> Operand {
        try context.step()
        let operand = try target.evaluate(&context)
        guard let elements = Elements(operand) else { throw .overload("sortBy", [operand], offset) }
        var keys: [Operand] = []
        for index in 0..<elements.count {
            try context.step()
            context.locals[slot] = elements[index]
            keys.append(try key.evaluate(&context))
        }
        do throws(Fault) {
            var builder = ListBuilder()
            for index in try context.sortedIndexes(keys) { builder.append(elements[index]) }
            return builder.operand
        } catch {
            throw error.call("sortBy", keys.prefix(2).map { $0 }, offset)
        }
    }
}

extension Fault {
    /// This fault of a function, with its name and types if there was no overload.
    func call(_ name: String, _ operands: [Operand], _ offset: Int) -> Fault {
        guard code == .noSuchOverload, message.isEmpty else { return at(offset) }
        return .overload(name, operands, offset)
    }
}

/// A call whose second argument is a regular expression, compiled beforehand if it is constant.
final class PatternCallNode: Node {
    let name: String
    let body: Builtin.Matching
    let text: any Node
    let patternNode: any Node
    let constant: Pattern?
    let offset: Int

    /// - Throws: a constant pattern's mistake.
    init(
        _ name: String,
        _ body: @escaping Builtin.Matching,
        _ text: any Node,
        _ pattern: any Node,
        patternOffset: Int,
        offset: Int
    ) throws(Fault) {
        self.name = name
        self.body = body
        self.text = text
        self.offset = offset
        patternNode = pattern
        guard let literal = pattern as? ConstantNode,
            case .plain(.string(let source)) = literal.operand
        else {
            constant = nil
            return
        }
        do throws(Fault) {
            constant = try Pattern(source)
        } catch {
            throw error.at(patternOffset)
        }
    }

    func evaluate(_ context: inout Context) throws(Fault) -> Operand {
        try context.step()
        let text = try text.evaluate(&context)
        let source = try patternNode.evaluate(&context)
        do throws(Fault) {
            if let constant { return try body(&context, text, constant) }
            let patternText = try Cast.string(source)
            try context.bytes(LanguageLimits.bytesPerStep * patternText.utf8.count)
            let pattern = try Pattern(patternText)
            try context.steps(pattern.count)
            return try body(&context, text, pattern)
        } catch {
            throw error.call(name, [text, source], offset)
        }
    }
}

/// A call whose second argument is a regular expression with groups, compiled beforehand if it is
/// constant.
final class CaptureCallNode: Node {
    let name: String
    let body: Builtin.Capturing
    let arguments: [any Node]
    let constant: CapturePattern?
    let offset: Int

    /// - Throws: a constant pattern's mistake.
    init(
        _ name: String,
        _ body: @escaping Builtin.Capturing,
        _ arguments: [any Node],
        patternOffset: Int,
        offset: Int
    ) throws(Fault) {
        self.name = name
        self.body = body
        self.arguments = arguments
        self.offset = offset
        guard let literal = arguments[1] as? ConstantNode,
            case .plain(.string(let source)) = literal.operand
        else {
            constant = nil
            return
        }
        do throws(Fault) {
            constant = try CapturePattern(source)
        } catch {
            throw error.at(patternOffset)
        }
    }

    func evaluate(_ context: inout Context) throws(Fault) -> Operand {
        try context.step()
        var operands: [Operand] = []
        for argument in arguments { operands.append(try argument.evaluate(&context)) }
        do throws(Fault) {
            if let constant { return try body(&context, operands, constant) }
            let text = try Cast.string(operands[1])
            try context.bytes(LanguageLimits.bytesPerStep * text.utf8.count)
            let pattern = try CapturePattern(text)
            try context.steps(pattern.count)
            return try body(&context, operands, pattern)
        } catch {
            throw error.call(name, operands, offset)
        }
    }
}
