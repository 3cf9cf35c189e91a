import EventModel

extension Context {
    /// Whether two operands are equal; numbers are compared as numbers, other types must match.
    mutating func areEqual(_ left: Operand, _ right: Operand) throws(Fault) -> Bool {
        switch (left, right) {
        case (.plain(let left), .plain(let right)):
            return try areEqual(left, right)
        case (.type(let left), .type(let right)):
            return left == right
        case (.optional(let left), .optional(let right)):
            guard let leftContent = left.content, let rightContent = right.content else {
                return left.content == nil && right.content == nil
            }
            return try areEqual(leftContent, rightContent)
        case (.network(let left), .network(let right)):
            return left.isSame(as: right)
        case (.list, .list), (.map, .map):
            return try areEqualMixed(left, right)
        case (.plain, _), (.type, _), (.optional, _), (.list, _), (.map, _), (.network, _):
            // A list with optionals in it never equals a plain one.
            return false
        }
    }

    private mutating func areEqualMixed(_ left: Operand, _ right: Operand) throws(Fault) -> Bool {
        if let left = Elements(left), let right = Elements(right) {
            guard left.count == right.count else { return false }
            for index in 0..<left.count {
                try step()
                guard try areEqual(left[index], right[index]) else { return false }
            }
            return true
        }
        guard let left = Entries(left), let right = Entries(right), left.count == right.count
        else { return false }
        for index in 0..<left.count {
            try step()
            guard let other = right[left.key(index)],
                try areEqual(left.value(index), other)
            else { return false }
        }
        return true
    }

    mutating func areEqual(_ left: Value, _ right: Value) throws(Fault) -> Bool {
        switch (left, right) {
        case (.null, .null): return true
        case (.bool(let left), .bool(let right)): return left == right
        case (.string(let left), .string(let right)):
            try bytes(left.utf8.count)
            return left.hasSameBytes(as: right)
        case (.bytes(let left), .bytes(let right)):
            try bytes(left.count)
            return left == right
        case (.timestamp(let left), .timestamp(let right)): return left == right
        case (.duration(let left), .duration(let right)): return left == right
        case (.list(let left), .list(let right)):
            guard left.count == right.count else { return false }
            for (left, right) in zip(left, right) {
                try step()
                guard try areEqual(left, right) else { return false }
            }
            return true
        case (.map(let left), .map(let right)):
            guard left.count == right.count else { return false }
            let entries = Entries.plain(right)
            for entry in left.entries {
                try step()
                guard let other = entries[entry.key],
                    try areEqual(.plain(entry.value), other)
                else { return false }
            }
            return true
        case (.int, _), (.uint, _), (.double, _):
            return Number(left)?.isEqual(to: Number(right)) ?? false
        case (.null, _), (.bool, _), (.string, _), (.bytes, _), (.timestamp, _), (.duration, _),
            (.list, _), (.map, _):
            return false
        }
    }
}

extension String {
    /// Whether both texts have the same UTF-8; `==` would also accept canonical equivalents.
    func hasSameBytes(as other: String) -> Bool {
        // Most unequal texts are told apart by their length or by one fast comparison.
        guard utf8.count == other.utf8.count, self == other else { return false }
        let isSame = utf8.withContiguousStorageIfAvailable { left in
            other.utf8.withContiguousStorageIfAvailable { right in
                for index in left.indices where left[index] != right[index] { return false }
                return true
            }
        }
        return (isSame ?? nil) ?? utf8.elementsEqual(other.utf8)
    }
}

extension ValueMap {
    /// The value of a text key, found faster than by search where the map is small.
    func member(_ name: String) -> Value? {
        guard count <= 12 else { return self[name] }
        for entry in entries {
            if case .string(let key) = entry.key, key.hasSameBytes(as: name) { return entry.value }
        }
        return nil
    }
}
