import EventModel

extension Context {
    /// The order of two operands.
    ///
    /// - Throws: no such overload, for types that have no order or differ and are not numbers.
    mutating func order(_ left: Operand, _ right: Operand) throws(Fault) -> Number.Order {
        guard case .plain(let left) = left, case .plain(let right) = right else {
            throw .overload
        }
        switch (left, right) {
        case (.bool(let left), .bool(let right)):
            return left == right ? .equal : (right ? .less : .greater)
        case (.string(let left), .string(let right)):
            try bytes(min(left.utf8.count, right.utf8.count))
            // UTF-8 sorts as code points do.
            if left.utf8.lexicographicallyPrecedes(right.utf8) { return .less }
            return left.hasSameBytes(as: right) ? .equal : .greater
        case (.bytes(let left), .bytes(let right)):
            try bytes(min(left.count, right.count))
            if left.lexicographicallyPrecedes(right) { return .less }
            return left == right ? .equal : .greater
        case (.timestamp(let left), .timestamp(let right)): return .of(left, right)
        case (.duration(let left), .duration(let right)): return .of(left, right)
        case (.int, _), (.uint, _), (.double, _):
            guard let left = Number(left), let right = Number(right) else { throw .overload }
            return left.order(right)
        case (.null, _), (.bool, _), (.string, _), (.bytes, _), (.timestamp, _), (.duration, _),
            (.list, _), (.map, _):
            throw .overload
        }
    }
}

extension Context {
    /// The indexes of keys in ascending order; equal keys keep their places.
    ///
    /// - Throws: no such overload, if the keys cannot be compared with each other.
    mutating func sortedIndexes(_ keys: [Operand]) throws(Fault) -> [Int] {
        // A merge sort by hand: the library's sort takes no comparison that throws this error.
        var indexes = Array(keys.indices)
        if keys.count == 1 { _ = try order(keys[0], keys[0]) }
        var width = 1
        while width < indexes.count {
            var merged: [Int] = []
            merged.reserveCapacity(indexes.count)
            for start in stride(from: 0, to: indexes.count, by: 2 * width) {
                let middle = min(start + width, indexes.count)
                let end = min(start + 2 * width, indexes.count)
                var (left, right) = (start, middle)
                while left < middle, right < end {
                    try step()
                    if try order(keys[indexes[right]], keys[indexes[left]]) == .less {
                        merged.append(indexes[right])
                        right += 1
                    } else {
                        merged.append(indexes[left])
                        left += 1
                    }
                }
                merged += indexes[left..<middle]
                merged += indexes[right..<end]
            }
            indexes = merged
            width *= 2
        }
        return indexes
    }
}
