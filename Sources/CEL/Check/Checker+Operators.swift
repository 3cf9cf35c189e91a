import EventModel

extension Checker {
    mutating func binary(
        _ op: BinaryOperator,
        _ left: Syntax,
        _ right: Syntax,
        _ offset: Int
    ) -> ExpressionType {
        let leftType = type(of: left)
        let rightType = type(of: right)
        let result: ExpressionType?
        switch op {
        case .equal, .notEqual:
            result = canBeEqual(leftType, rightType) ? .bool : nil
            if result == nil {
                report(
                    .noSuchOverload,
                    "no such overload: \(leftType) \(op.rawValue) \(rightType); values of these"
                        + " types are never equal",
                    offset
                )
                return .bool
            }
        case .less, .lessOrEqual, .greater, .greaterOrEqual:
            result = haveOrder(leftType, rightType) ? .bool : nil
        case .isIn:
            result = canContain(rightType, leftType) ? .bool : nil
        case .add, .subtract, .multiply, .divide, .remainder:
            result = arithmetic(op, leftType, rightType)
        }
        if let result { return result }
        var message = "no such overload: \(leftType) \(op.rawValue) \(rightType)"
        if leftType.unwrapped.isNumber, rightType.unwrapped.isNumber {
            message += "; convert one side with double() or int()"
        } else if op == .add, leftType.unwrapped == .string || rightType.unwrapped == .string {
            message += "; convert the other side with string()"
        }
        report(.noSuchOverload, message, offset)
        return op == .add || op.precedence > 1 ? .dyn : .bool
    }

    /// Numbers are compared with numbers, and anything can be asked whether it is null.
    private mutating func canBeEqual(_ left: ExpressionType, _ right: ExpressionType) -> Bool {
        if left == .null || right == .null { return true }
        if left.unwrapped.isNumber, right.unwrapped.isNumber { return true }
        switch (left.unwrapped, right.unwrapped) {
        case (.list(let left), .list(let right)): return canBeEqual(left, right)
        case (.map(let leftKey, let left), .map(let rightKey, let right)):
            return canBeEqual(leftKey, rightKey) && canBeEqual(left, right)
        case (.map, .object), (.object, .map), (.object, .object): return true
        case (.optional(let left), .optional(let right)): return canBeEqual(left, right)
        case (.list, _), (.map, _), (.object, _), (.optional, _), (.dyn, _), (.null, _),
            (.bool, _), (.int, _), (.uint, _), (.double, _), (.string, _), (.bytes, _),
            (.timestamp, _), (.duration, _), (.nullable, _), (.type, _), (.opaque, _),
            (.parameter, _):
            return unifier.isAssignable(left, to: right) || unifier.isAssignable(right, to: left)
        }
    }

    private mutating func haveOrder(_ left: ExpressionType, _ right: ExpressionType) -> Bool {
        let (left, right) = (left.unwrapped, right.unwrapped)
        if left.isNumber, right.isNumber { return true }
        guard Self.hasOrder(left), Self.hasOrder(right) else { return false }
        return unifier.isAssignable(left, to: right)
    }

    static func hasOrder(_ type: ExpressionType) -> Bool {
        switch type {
        case .bool, .int, .uint, .double, .string, .bytes, .timestamp, .duration, .dyn,
            .parameter:
            true
        case .null, .list, .map, .object, .nullable, .optional, .type, .opaque: false
        }
    }

    private mutating func canContain(
        _ container: ExpressionType,
        _ element: ExpressionType
    ) -> Bool {
        switch unifier.resolved(container.unwrapped) {
        case .list(let wanted): return canBeEqual(element, wanted)
        case .map(let key, _): return canBeEqual(element, key)
        case .object: return unifier.isAssignable(element, to: .string)
        case .dyn, .parameter: return true
        case .null, .bool, .int, .uint, .double, .string, .bytes, .timestamp, .duration,
            .nullable, .optional, .type, .opaque:
            return false
        }
    }

    private mutating func arithmetic(
        _ op: BinaryOperator,
        _ left: ExpressionType,
        _ right: ExpressionType
    ) -> ExpressionType? {
        let (left, right) = (
            unifier.resolved(left.unwrapped), unifier.resolved(right.unwrapped)
        )
        switch (left, op, right) {
        case (.dyn, _, _), (.parameter, _, _): return guessed(op, right)
        case (_, _, .dyn), (_, _, .parameter): return guessed(op, left)
        case (.int, _, .int), (.uint, _, .uint): return left
        case (.double, .add, .double), (.double, .subtract, .double),
            (.double, .multiply, .double), (.double, .divide, .double):
            return .double
        case (.string, .add, .string), (.bytes, .add, .bytes): return left
        case (.list(let first), .add, .list(let second)):
            return .list(unifier.joined(first, second))
        case (.timestamp, .add, .duration), (.duration, .add, .timestamp),
            (.timestamp, .subtract, .duration):
            return .timestamp
        case (.timestamp, .subtract, .timestamp), (.duration, .add, .duration),
            (.duration, .subtract, .duration):
            return .duration
        case (.null, _, _), (.bool, _, _), (.int, _, _), (.uint, _, _), (.double, _, _),
            (.string, _, _), (.bytes, _, _), (.timestamp, _, _), (.duration, _, _),
            (.list, _, _), (.map, _, _), (.object, _, _), (.nullable, _, _),
            (.optional, _, _), (.type, _, _), (.opaque, _, _):
            return nil
        }
    }

    /// What an operation gives if one side is unknown; nil if the other side has no such operation.
    private func guessed(_ op: BinaryOperator, _ known: ExpressionType) -> ExpressionType? {
        switch known {
        case .int, .uint: return known
        case .double: return op == .remainder ? nil : known
        case .string, .bytes, .list: return op == .add ? known : nil
        case .timestamp, .duration: return op == .add || op == .subtract ? .dyn : nil
        case .dyn, .parameter: return .dyn
        case .null, .bool, .map, .object, .nullable, .optional, .type, .opaque: return nil
        }
    }
}
