import EventModel

final class NotNode: Node {
    let operand: any Node
    let offset: Int

    init(_ operand: any Node, offset: Int) {
        self.operand = operand
        self.offset = offset
    }

    func evaluate(_ context: inout Context) throws(Fault) -> Operand {
        try context.step()
        let value = try operand.evaluate(&context)
        guard let bool = value.isBool else { throw .overload("!", [value], offset) }
        return .bool(!bool)
    }
}

final class NegateNode: Node {
    let operand: any Node
    let offset: Int

    init(_ operand: any Node, offset: Int) {
        self.operand = operand
        self.offset = offset
    }

    func evaluate(_ context: inout Context) throws(Fault) -> Operand {
        try context.step()
        let value = try operand.evaluate(&context)
        switch value {
        case .plain(.int(let number)):
            guard number != .min else {
                throw Fault(.overflow, "-(\(number)) does not fit into an int", offset: offset)
            }
            return .int(-number)
        case .plain(.double(let number)):
            return .double(-number)
        case .plain, .type, .optional, .list, .map, .network:
            throw .overload("-", [value], offset)
        }
    }
}

/// `&&` and `||` over any number of parts.
///
/// Both are commutative: one part that decides absorbs the mistakes of all others.
final class LogicalNode: Node {
    let op: LogicalOperator
    let parts: [any Node]
    let offset: Int

    init(_ op: LogicalOperator, _ parts: [any Node], offset: Int) {
        self.op = op
        self.parts = parts
        self.offset = offset
    }

    func evaluate(_ context: inout Context) throws(Fault) -> Operand {
        try context.step()
        let deciding: Bool
        switch op {
        case .and: deciding = false
        case .or: deciding = true
        }
        var mistake: Fault?
        for part in parts {
            do throws(Fault) {
                let value = try part.evaluate(&context)
                guard let bool = value.isBool else {
                    mistake = mistake ?? .overload(op.rawValue, [value], offset)
                    continue
                }
                if bool == deciding { return .bool(deciding) }
            } catch {
                if error.code == .costLimit { throw error }
                mistake = mistake ?? error
            }
        }
        if let mistake { throw mistake }
        return .bool(!deciding)
    }
}

final class ConditionalNode: Node {
    let condition: any Node
    let yes: any Node
    let no: any Node
    let offset: Int

    init(_ condition: any Node, _ yes: any Node, _ no: any Node, offset: Int) {
        self.condition = condition
        self.yes = yes
        self.no = no
        self.offset = offset
    }

    func evaluate(_ context: inout Context) throws(Fault) -> Operand {
        try context.step()
        let value = try condition.evaluate(&context)
        guard let bool = value.isBool else { throw .overload("?:", [value], offset) }
        return try bool ? yes.evaluate(&context) : no.evaluate(&context)
    }
}

final class EqualNode: Node {
    let left: any Node
    let right: any Node
    let isNegated: Bool

    init(_ left: any Node, _ right: any Node, isNegated: Bool) {
        self.left = left
        self.right = right
        self.isNegated = isNegated
    }

    func evaluate(_ context: inout Context) throws(Fault) -> Operand {
        try context.step()
        let left = try left.evaluate(&context)
        let right = try right.evaluate(&context)
        return .bool(try context.areEqual(left, right) != isNegated)
    }
}

final class OrderNode: Node {
    let op: BinaryOperator
    let left: any Node
    let right: any Node
    let offset: Int

    init(_ op: BinaryOperator, _ left: any Node, _ right: any Node, offset: Int) {
        self.op = op
        self.left = left
        self.right = right
        self.offset = offset
    }

    func evaluate(_ context: inout Context) throws(Fault) -> Operand {
        try context.step()
        let left = try left.evaluate(&context)
        let right = try right.evaluate(&context)
        do throws(Fault) {
            let order = try context.order(left, right)
            switch op {
            case .less: return .bool(order == .less)
            case .lessOrEqual: return .bool(order == .less || order == .equal)
            case .greater: return .bool(order == .greater)
            case .greaterOrEqual: return .bool(order == .greater || order == .equal)
            case .equal, .notEqual, .isIn, .add, .subtract, .multiply, .divide, .remainder:
                throw .overload
            }
        } catch {
            throw error.operation(op, left, right, offset)
        }
    }
}

final class ArithmeticNode: Node {
    let op: BinaryOperator
    let left: any Node
    let right: any Node
    let offset: Int

    init(_ op: BinaryOperator, _ left: any Node, _ right: any Node, offset: Int) {
        self.op = op
        self.left = left
        self.right = right
        self.offset = offset
    }

    func evaluate(_ context: inout Context) throws(Fault) -> Operand {
        try context.step()
        let left = try left.evaluate(&context)
        let right = try right.evaluate(&context)
        do throws(Fault) {
            return try context.arithmetic(op, left, right)
        } catch {
            throw error.operation(op, left, right, offset)
        }
    }
}

final class InNode: Node {
    let left: any Node
    let right: any Node
    let offset: Int

    init(_ left: any Node, _ right: any Node, offset: Int) {
        self.left = left
        self.right = right
        self.offset = offset
    }

    func evaluate(_ context: inout Context) throws(Fault) -> Operand {
        try context.step()
        let element = try left.evaluate(&context)
        let container = try right.evaluate(&context)
        if let entries = Entries(container) {
            return .bool(MapKey(looking: element).flatMap { entries[$0] } != nil)
        }
        guard let elements = Elements(container) else {
            throw .overload("in", [element, container], offset)
        }
        for index in 0..<elements.count {
            try context.step()
            if try context.areEqual(element, elements[index]) { return .bool(true) }
        }
        return .bool(false)
    }
}

extension Fault {
    /// This fault of a binary operator, with types and a remedy if there was no overload.
    func operation(
        _ op: BinaryOperator,
        _ left: Operand,
        _ right: Operand,
        _ offset: Int
    ) -> Fault {
        guard code == .noSuchOverload else { return at(offset) }
        var text = "no such overload: \(left.typeName) \(op.rawValue) \(right.typeName)"
        if left.typeName != right.typeName, Number(left) != nil, Number(right) != nil {
            text += "; convert one side with double() or int()"
        }
        return Fault(.noSuchOverload, text, offset: offset)
    }
}
