import EventModel

extension Context {
    mutating func arithmetic(
        _ op: BinaryOperator,
        _ left: Operand,
        _ right: Operand
    ) throws(Fault) -> Operand {
        switch (left, right) {
        case (.plain(.int(let left)), .plain(.int(let right))):
            return .int(try Self.whole(op, left, right))
        case (.plain(.uint(let left)), .plain(.uint(let right))):
            return .uint(try Self.whole(op, left, right))
        case (.plain(.double(let left)), .plain(.double(let right))):
            return .double(try Self.double(op, left, right))
        case (.plain(let left), .plain(let right)):
            if let time = try TimeArithmetic.result(op, left, right) { return .plain(time) }
            guard op == .add else { throw .overload }
            return .plain(try concatenation(left, right))
        case (.plain, _), (.type, _), (.optional, _), (.list, _), (.map, _), (.network, _):
            guard op == .add, let left = Elements(left), let right = Elements(right) else {
                throw .overload
            }
            try elements(left.count + right.count)
            var builder = ListBuilder()
            for index in 0..<left.count { builder.append(left[index]) }
            for index in 0..<right.count { builder.append(right[index]) }
            return builder.operand
        }
    }

    private mutating func concatenation(_ left: Value, _ right: Value) throws(Fault) -> Value {
        switch (left, right) {
        case (.string(let left), .string(let right)):
            try text(left.utf8.count + right.utf8.count)
            return .string(left + right)
        case (.bytes(let left), .bytes(let right)):
            try text(left.count + right.count)
            return .bytes(left + right)
        case (.list(let left), .list(let right)):
            try elements(left.count + right.count)
            return .list(left + right)
        case (.null, _), (.bool, _), (.int, _), (.uint, _), (.double, _), (.string, _),
            (.bytes, _), (.timestamp, _), (.duration, _), (.list, _), (.map, _):
            throw .overload
        }
    }

    private static func whole<Whole: FixedWidthInteger>(
        _ op: BinaryOperator,
        _ left: Whole,
        _ right: Whole
    ) throws(Fault) -> Whole {
        let result: (partialValue: Whole, overflow: Bool)
        switch op {
        case .add: result = left.addingReportingOverflow(right)
        case .subtract: result = left.subtractingReportingOverflow(right)
        case .multiply: result = left.multipliedReportingOverflow(by: right)
        case .divide:
            guard right != 0 else { throw Fault(.divisionByZero, "division by zero") }
            result = left.dividedReportingOverflow(by: right)
        case .remainder:
            guard right != 0 else {
                throw Fault(.divisionByZero, "remainder of a division by zero")
            }
            result = left.remainderReportingOverflow(dividingBy: right)
        case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .isIn:
            throw .overload
        }
        guard !result.overflow else {
            let type = Whole.isSigned ? "an int" : "a uint"
            throw Fault(.overflow, "\(left) \(op.rawValue) \(right) does not fit into \(type)")
        }
        return result.partialValue
    }

    private static func double(
        _ op: BinaryOperator,
        _ left: Double,
        _ right: Double
    ) throws(Fault) -> Double {
        switch op {
        case .add: left + right
        case .subtract: left - right
        case .multiply: left * right
        case .divide: left / right
        case .remainder, .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .isIn:
            throw .overload
        }
    }
}
