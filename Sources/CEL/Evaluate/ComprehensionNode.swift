import EventModel

/// A macro that walks over a list or map.
final class ComprehensionNode: Node {
    struct Slots: Sendable {
        let first: Int
        let second: Int?
    }

    let kind: Comprehension.Kind
    let range: any Node
    let slots: Slots
    let filter: (any Node)?
    let body: any Node
    let offset: Int

    init(
        _ kind: Comprehension.Kind,
        range: any Node,
        slots: Slots,
        filter: (any Node)?,
        body: any Node,
        offset: Int
    ) {
        self.kind = kind
        self.range = range
        self.slots = slots
        self.filter = filter
        self.body = body
        self.offset = offset
    }

    func evaluate(_ context: inout Context) throws(Fault) -> Operand {
        try context.step()
        let range = try range.evaluate(&context)
        guard let items = Items(range) else {
            throw Fault(
                .noSuchOverload,
                "a value of type \(range.typeName) cannot be walked over; a list or map can",
                offset: offset
            )
        }
        switch kind {
        case .all: return try decide(items, &context, deciding: false)
        case .exists: return try decide(items, &context, deciding: true)
        case .existsOne: return try existsOne(items, &context)
        case .list: return try list(items, &context)
        case .transformMap: return try transformMap(items, &context)
        case .transformMapEntry: return try transformMapEntry(items, &context)
        }
    }

    /// What is walked over.
    private enum Items {
        case list(Elements)
        case map(Entries)

        init?(_ operand: Operand) {
            if let elements = Elements(operand) {
                self = .list(elements)
            } else if let entries = Entries(operand) {
                self = .map(entries)
            } else {
                return nil
            }
        }

        var count: Int {
            switch self {
            case .list(let elements): elements.count
            case .map(let entries): entries.count
            }
        }
    }

    private func enter(_ items: Items, _ index: Int, _ context: inout Context) throws(Fault) {
        try context.step()
        switch items {
        case .list(let elements):
            if let second = slots.second {
                context.locals[slots.first] = .int(index)
                context.locals[second] = elements[index]
            } else {
                context.locals[slots.first] = elements[index]
            }
        case .map(let entries):
            context.locals[slots.first] = entries.key(index).operand
            if let second = slots.second { context.locals[second] = entries.value(index) }
        }
    }

    private func bool(_ node: any Node, _ context: inout Context) throws(Fault) -> Bool {
        let value = try node.evaluate(&context)
        guard let bool = value.isBool else {
            throw Fault(
                .noSuchOverload,
                "the condition of a macro must be a bool, not a \(value.typeName)",
                offset: offset
            )
        }
        return bool
    }

    /// `all` and `exists`: one deciding element absorbs the mistakes of all others.
    private func decide(
        _ items: Items,
        _ context: inout Context,
        deciding: Bool
    ) throws(Fault) -> Operand {
        var mistake: Fault?
        for index in 0..<items.count {
            try enter(items, index, &context)
            do throws(Fault) {
                if try bool(body, &context) == deciding { return .bool(deciding) }
            } catch {
                if error.code == .costLimit { throw error }
                mistake = mistake ?? error
            }
        }
        if let mistake { throw mistake }
        return .bool(!deciding)
    }

    private func existsOne(_ items: Items, _ context: inout Context) throws(Fault) -> Operand {
        var count = 0
        for index in 0..<items.count {
            try enter(items, index, &context)
            if try bool(body, &context) { count += 1 }
        }
        return .bool(count == 1)
    }

    private func isKept(_ context: inout Context) throws(Fault) -> Bool {
        guard let filter else { return true }
        return try bool(filter, &context)
    }

    private func list(_ items: Items, _ context: inout Context) throws(Fault) -> Operand {
        var builder = ListBuilder()
        for index in 0..<items.count {
            try enter(items, index, &context)
            guard try isKept(&context) else { continue }
            builder.append(try body.evaluate(&context))
        }
        return builder.operand
    }

    private func transformMap(_ items: Items, _ context: inout Context) throws(Fault) -> Operand {
        var builder = MapBuilder()
        for index in 0..<items.count {
            try enter(items, index, &context)
            guard try isKept(&context) else { continue }
            let key = context.locals[slots.first]
            builder.append(try MapKey(making: key), try body.evaluate(&context))
        }
        return try builder.operand()
    }

    private func transformMapEntry(
        _ items: Items,
        _ context: inout Context
    ) throws(Fault) -> Operand {
        var builder = MapBuilder()
        for index in 0..<items.count {
            try enter(items, index, &context)
            guard try isKept(&context) else { continue }
            let result = try body.evaluate(&context)
            guard let entries = Entries(result) else {
                throw .overload("transformMapEntry", [result], offset)
            }
            try context.elements(builder.count + entries.count)
            for entry in 0..<entries.count {
                builder.append(entries.key(entry), entries.value(entry))
            }
        }
        do throws(Fault) {
            return try builder.operand()
        } catch {
            throw error.at(offset)
        }
    }
}
