import EventModel

/// A member of a map by its name.
final class MemberNode: Node {
    let operand: any Node
    let name: String
    let isOptional: Bool
    let offset: Int

    init(_ operand: any Node, _ name: String, isOptional: Bool, offset: Int) {
        self.operand = operand
        self.name = name
        self.isOptional = isOptional
        self.offset = offset
    }

    func evaluate(_ context: inout Context) throws(Fault) -> Operand {
        try context.step()
        let container = try operand.evaluate(&context)
        if !isOptional, case .plain(.map(let map)) = container {
            if let value = map.member(name) { return .plain(value) }
            throw .noSuchKey(name, in: map, offset)
        }
        do throws(Fault) {
            return try Access.index(container, .string(name), isOptional: isOptional)
        } catch {
            guard error.code == .noSuchOverload else { throw error.at(offset) }
            throw Fault(
                .noSuchOverload,
                "a value of type \(container.typeName) has no member '\(name)'",
                offset: offset
            )
        }
    }
}

/// The macro `has`.
final class PresenceNode: Node {
    let operand: any Node
    let name: String
    let offset: Int

    init(_ operand: any Node, _ name: String, offset: Int) {
        self.operand = operand
        self.name = name
        self.offset = offset
    }

    func evaluate(_ context: inout Context) throws(Fault) -> Operand {
        try context.step()
        var container = try operand.evaluate(&context)
        while case .optional(let box) = container {
            guard let content = box.content else { return .bool(false) }
            container = content
        }
        guard let entries = Entries(container) else {
            throw Fault(
                .noSuchOverload,
                "a value of type \(container.typeName) has no member '\(name)'",
                offset: offset
            )
        }
        return .bool(entries[.string(name)] != nil)
    }
}

/// An element of a list or map.
final class IndexNode: Node {
    let operand: any Node
    let key: any Node
    let isOptional: Bool
    let offset: Int

    init(_ operand: any Node, _ key: any Node, isOptional: Bool, offset: Int) {
        self.operand = operand
        self.key = key
        self.isOptional = isOptional
        self.offset = offset
    }

    func evaluate(_ context: inout Context) throws(Fault) -> Operand {
        try context.step()
        let container = try operand.evaluate(&context)
        let key = try key.evaluate(&context)
        do throws(Fault) {
            return try Access.index(container, key, isOptional: isOptional)
        } catch {
            guard error.code == .noSuchOverload else { throw error.at(offset) }
            throw Fault(
                .noSuchOverload,
                "no such overload: \(container.typeName)[\(key.typeName)]",
                offset: offset
            )
        }
    }
}

enum Access {
    /// The element of a list or map, or with `isOptional` an optional of it.
    static func index(
        _ container: Operand,
        _ key: Operand,
        isOptional: Bool
    ) throws(Fault) -> Operand {
        if case .optional(let box) = container {
            // What is chained to an optional is an optional.
            guard let content = box.content else { return .none }
            return try index(content, key, isOptional: true)
        }
        if let entries = Entries(container) {
            let found = MapKey(looking: key).flatMap { entries[$0] }
            if isOptional { return found.map { .some($0) } ?? .none }
            if let found { return found }
            throw missing(key, entries)
        }
        guard let elements = Elements(container) else { throw .overload }
        switch MapKey(looking: key) {
        case .int(let number): return try element(elements, number, isOptional)
        case .uint(let number): return try element(elements, number, isOptional)
        case .string, .bool, nil:
            throw Fault(
                .invalidArgument,
                "the index of a list must be a whole number, not a \(key.typeName)"
            )
        }
    }

    private static func element(
        _ elements: Elements,
        _ number: some FixedWidthInteger,
        _ isOptional: Bool
    ) throws(Fault) -> Operand {
        if let index = Int(exactly: number), index >= 0, index < elements.count {
            return isOptional ? .some(elements[index]) : elements[index]
        }
        if isOptional { return .none }
        throw Fault(
            .indexOutOfBounds,
            "the index \(number) is outside the list, which has \(elements.count) elements"
        )
    }

    private static func missing(_ key: Operand, _ entries: Entries) -> Fault {
        if case .plain(.string(let name)) = key, case .plain(let map) = entries {
            return .noSuchKey(name, in: map, -1)
        }
        let described = MapKey(looking: key)?.described ?? "of type \(key.typeName)"
        return Fault(.noSuchKey, "no such key: \(described)")
    }
}

extension Fault {
    static func noSuchKey(_ name: String, in map: ValueMap, _ offset: Int) -> Fault {
        var fault = Fault(.noSuchKey, "no such key: '\(name)'", offset: offset)
        fault.missing = Missing(name: name, map: map)
        return fault
    }
}
