import EventModel

extension FunctionLibrary {
    /// The extension `math`.
    mutating func addMath() {
        for count in 1...32 {
            add(
                "math.greatest",
                .global,
                count,
                .variadic { (context, operands) throws(Fault) in
                    try MathFunctions.extreme(&context, operands, .greater)
                }
            )
            add(
                "math.least",
                .global,
                count,
                .variadic { (context, operands) throws(Fault) in
                    try MathFunctions.extreme(&context, operands, .less)
                }
            )
        }
        rounding("math.ceil", .up)
        rounding("math.floor", .down)
        rounding("math.round", .toNearestOrAwayFromZero)
        rounding("math.trunc", .towardZero)
        global("math.abs") { (_, value) throws(Fault) in try MathFunctions.abs(value) }
        global("math.sign") { (_, value) throws(Fault) in try MathFunctions.sign(value) }
        global("math.sqrt") { (_, value) throws(Fault) in
            guard let number = Number(value) else { throw .overload }
            return .double(number.double.squareRoot())
        }
        global("math.isNaN") { (_, value) throws(Fault) in
            .bool(try MathFunctions.double(value).isNaN)
        }
        global("math.isInf") { (_, value) throws(Fault) in
            .bool(try MathFunctions.double(value).isInfinite)
        }
        global("math.isFinite") { (_, value) throws(Fault) in
            .bool(try MathFunctions.double(value).isFinite)
        }
        addBits()
    }

    private mutating func rounding(_ name: String, _ rule: FloatingPointRoundingRule) {
        global(name) { (_, value) throws(Fault) in
            .double(try MathFunctions.double(value).rounded(rule))
        }
    }

    private mutating func addBits() {
        bits("math.bitAnd", { $0 & $1 })
        bits("math.bitOr", { $0 | $1 })
        bits("math.bitXor", { $0 ^ $1 })
        global("math.bitNot") { (_, value) throws(Fault) in
            switch value {
            case .plain(.int(let number)): .int(~number)
            case .plain(.uint(let number)): .uint(~number)
            case .plain, .type, .optional, .list, .map, .network: throw .overload
            }
        }
        shift("math.bitShiftLeft", { $0 << $1 })
        // Right shifts of an int bring in zeros, as the extension has it.
        shift("math.bitShiftRight", { $0 >> $1 })
    }

    private mutating func bits(
        _ name: String,
        _ operation: @escaping @Sendable (UInt64, UInt64) -> UInt64
    ) {
        global(name) { (_, left, right) throws(Fault) in
            switch (left, right) {
            case (.plain(.int(let left)), .plain(.int(let right))):
                let bits = operation(UInt64(bitPattern: left), UInt64(bitPattern: right))
                return .int(Int64(bitPattern: bits))
            case (.plain(.uint(let left)), .plain(.uint(let right))):
                return .uint(operation(left, right))
            case (.plain, _), (.type, _), (.optional, _), (.list, _), (.map, _), (.network, _):
                throw .overload
            }
        }
    }

    private mutating func shift(
        _ name: String,
        _ operation: @escaping @Sendable (UInt64, Int64) -> UInt64
    ) {
        global(name) { (_, value, distance) throws(Fault) in
            let distance = try Cast.int(distance)
            guard distance >= 0 else {
                throw Fault(.invalidArgument, "the distance of a shift cannot be negative")
            }
            switch value {
            case .plain(.int(let number)):
                let bits = distance > 63 ? 0 : operation(UInt64(bitPattern: number), distance)
                return .int(Int64(bitPattern: bits))
            case .plain(.uint(let number)):
                return .uint(distance > 63 ? 0 : operation(number, distance))
            case .plain, .type, .optional, .list, .map, .network: throw .overload
            }
        }
    }
}

enum MathFunctions {
    static func double(_ operand: Operand) throws(Fault) -> Double {
        guard case .plain(.double(let number)) = operand else { throw .overload }
        return number
    }

    /// The first of the numbers that no other one exceeds in the wanted direction.
    static func extreme(
        _ context: inout Context,
        _ operands: [Operand],
        _ wanted: Number.Order
    ) throws(Fault) -> Operand {
        var operands = operands
        if operands.count == 1, let elements = Elements(operands[0]) {
            try context.steps(elements.count)
            guard elements.count > 0 else {
                throw Fault(.invalidArgument, "the list has no numbers")
            }
            operands = (0..<elements.count).map { elements[$0] }
        }
        var best: (operand: Operand, number: Number)?
        for operand in operands {
            guard let number = Number(operand) else { throw .overload }
            guard let current = best else {
                best = (operand, number)
                continue
            }
            if number.order(current.number) == wanted { best = (operand, number) }
        }
        guard let best else { throw .overload }
        return best.operand
    }

    static func abs(_ operand: Operand) throws(Fault) -> Operand {
        switch Number(operand) {
        case .int(let number):
            guard number != .min else {
                throw Fault(.overflow, "the absolute value of \(number) does not fit into an int")
            }
            return .int(Swift.abs(number))
        case .uint(let number): return .uint(number)
        case .double(let number): return .double(Swift.abs(number))
        case nil: throw .overload
        }
    }

    static func sign(_ operand: Operand) throws(Fault) -> Operand {
        switch Number(operand) {
        case .int(let number): return .int(number.signum())
        case .uint(let number): return .uint(number == 0 ? 0 : 1)
        case .double(let number):
            return .double(number.isNaN ? .nan : (number > 0 ? 1 : (number < 0 ? -1 : 0)))
        case nil: throw .overload
        }
    }
}

extension Number {
    var double: Double {
        switch self {
        case .int(let number): Double(number)
        case .uint(let number): Double(number)
        case .double(let number): number
        }
    }
}
