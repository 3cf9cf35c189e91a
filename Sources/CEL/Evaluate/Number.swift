import EventModel

/// A number of any of the three types, compared on one number line.
enum Number {
    case int(Int64)
    case uint(UInt64)
    case double(Double)

    enum Order {
        case less
        case equal
        case greater
        /// One of them is not a number.
        case unordered
    }

    init?(_ value: Value) {
        switch value {
        case .int(let number): self = .int(number)
        case .uint(let number): self = .uint(number)
        case .double(let number): self = .double(number)
        case .null, .bool, .string, .bytes, .timestamp, .duration, .list, .map: return nil
        }
    }

    init?(_ operand: Operand) {
        guard case .plain(let value) = operand else { return nil }
        self.init(value)
    }

    func isEqual(to other: Number?) -> Bool {
        guard let other else { return false }
        return order(other) == .equal
    }

    func order(_ other: Number) -> Order {
        switch (self, other) {
        case (.int(let left), .int(let right)): .of(left, right)
        case (.uint(let left), .uint(let right)): .of(left, right)
        case (.double(let left), .double(let right)):
            left.isNaN || right.isNaN ? .unordered : .of(left, right)
        case (.int(let left), .uint(let right)):
            left < 0 ? .less : .of(UInt64(left), right)
        case (.uint(let left), .int(let right)):
            right < 0 ? .greater : .of(left, UInt64(right))
        case (.int(let left), .double(let right)): Self.order(left, right)
        case (.double(let left), .int(let right)): Self.order(right, left).reversed
        case (.uint(let left), .double(let right)): Self.order(left, right)
        case (.double(let left), .uint(let right)): Self.order(right, left).reversed
        }
    }

    /// Compares an integer with a double as doubles, as the specification's tests have it: beyond
    /// 2^53 neighbours can be equal.
    private static func order<Whole: FixedWidthInteger>(_ left: Whole, _ right: Double) -> Order {
        right.isNaN ? .unordered : .of(Double(left), right)
    }
}

extension Number.Order {
    static func of<Item: Comparable>(_ left: Item, _ right: Item) -> Number.Order {
        left < right ? .less : (left == right ? .equal : .greater)
    }

    var reversed: Number.Order {
        switch self {
        case .less: .greater
        case .greater: .less
        case .equal: .equal
        case .unordered: .unordered
        }
    }
}
