import EventModel

/// A compiled part of an expression.
protocol Node: AnyObject, Sendable {
    func evaluate(_ context: inout Context) throws(Fault) -> Operand
}

final class ConstantNode: Node {
    let operand: Operand

    init(_ operand: Operand) { self.operand = operand }

    func evaluate(_ context: inout Context) throws(Fault) -> Operand { operand }
}

/// A variable that the evaluation is given.
final class VariableNode: Node {
    let name: String
    /// The type of that name, for whoever has no variable of that name.
    let type: String?
    let offset: Int

    init(name: String, type: String?, offset: Int) {
        self.name = name
        self.type = type
        self.offset = offset
    }

    func evaluate(_ context: inout Context) throws(Fault) -> Operand {
        if let value = context.variables.member(name) { return .plain(value) }
        if let type { return .type(type) }
        var fault = Fault(
            .undeclaredReference,
            "there is no variable '\(name)'",
            offset: offset
        )
        fault.missing = Fault.Missing(name: name, map: context.variables)
        throw fault
    }
}

/// A variable of a macro.
final class LocalNode: Node {
    let slot: Int

    init(slot: Int) { self.slot = slot }

    func evaluate(_ context: inout Context) throws(Fault) -> Operand { context.locals[slot] }
}

/// A part that is known to fail, but only if it is reached.
final class FailureNode: Node {
    let fault: Fault

    init(_ fault: Fault) { self.fault = fault }

    func evaluate(_ context: inout Context) throws(Fault) -> Operand { throw fault }
}

/// The macro `cel.bind`, and the first half of `optMap`.
final class BindNode: Node {
    let slot: Int
    let value: any Node
    let body: any Node

    init(slot: Int, value: any Node, body: any Node) {
        self.slot = slot
        self.value = value
        self.body = body
    }

    func evaluate(_ context: inout Context) throws(Fault) -> Operand {
        try context.step()
        context.locals[slot] = try value.evaluate(&context)
        return try body.evaluate(&context)
    }
}

/// The macros `optMap` and `optFlatMap`.
final class OptionalMapNode: Node {
    let target: any Node
    let slot: Int
    let body: any Node
    let isFlat: Bool
    let offset: Int

    init(target: any Node, slot: Int, body: any Node, isFlat: Bool, offset: Int) {
        self.target = target
        self.slot = slot
        self.body = body
        self.isFlat = isFlat
        self.offset = offset
    }

    func evaluate(_ context: inout Context) throws(Fault) -> Operand {
        try context.step()
        let operand = try target.evaluate(&context)
        guard case .optional(let box) = operand else {
            throw .overload(isFlat ? "optFlatMap" : "optMap", [operand], offset)
        }
        guard let content = box.content else { return .none }
        context.locals[slot] = content
        let result = try body.evaluate(&context)
        guard isFlat else { return .some(result) }
        guard case .optional = result else { throw .overload("optFlatMap", [result], offset) }
        return result
    }
}

extension Fault {
    static func overload(_ name: String, _ operands: [Operand], _ offset: Int) -> Fault {
        let types = operands.map(\.typeName).joined(separator: ", ")
        return Fault(.noSuchOverload, "no such overload: \(name)(\(types))", offset: offset)
    }
}
