import EventModel

/// A list literal.
final class ListNode: Node {
    let elements: [(node: any Node, isOptional: Bool)]
    let offset: Int

    init(_ elements: [(node: any Node, isOptional: Bool)], offset: Int) {
        self.elements = elements
        self.offset = offset
    }

    func evaluate(_ context: inout Context) throws(Fault) -> Operand {
        try context.steps(1 + elements.count)
        var builder = ListBuilder()
        builder.reserve(elements.count)
        for element in elements {
            let operand = try element.node.evaluate(&context)
            guard element.isOptional else {
                builder.append(operand)
                continue
            }
            guard case .optional(let box) = operand else {
                throw .overload("[?]", [operand], offset)
            }
            if let content = box.content { builder.append(content) }
        }
        return builder.operand
    }
}

/// A map literal.
final class MapNode: Node {
    struct Entry: Sendable {
        let key: any Node
        let value: any Node
        let isOptional: Bool
    }

    let entries: [Entry]
    let offset: Int

    init(_ entries: [Entry], offset: Int) {
        self.entries = entries
        self.offset = offset
    }

    func evaluate(_ context: inout Context) throws(Fault) -> Operand {
        try context.steps(1 + entries.count)
        var builder = MapBuilder()
        for entry in entries {
            let keyOperand = try entry.key.evaluate(&context)
            let value = try entry.value.evaluate(&context)
            do throws(Fault) {
                let key = try MapKey(making: keyOperand)
                guard entry.isOptional else {
                    builder.append(key, value)
                    continue
                }
                guard case .optional(let box) = value else {
                    throw Fault.overload("{?:}", [value], offset)
                }
                if let content = box.content { builder.append(key, content) }
            } catch {
                throw error.at(offset)
            }
        }
        do throws(Fault) {
            return try builder.operand()
        } catch {
            throw error.at(offset)
        }
    }
}
