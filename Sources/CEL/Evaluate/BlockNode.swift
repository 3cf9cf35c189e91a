/// The macro `cel.block`: each part is evaluated when it is first asked for, and once.
final class BlockNode: Node {
    struct Part: Sendable {
        let node: any Node
        let slot: Int
    }

    let parts: [Part]
    let body: any Node

    init(_ parts: [Part], _ body: any Node) {
        self.parts = parts
        self.body = body
    }

    func evaluate(_ context: inout Context) throws(Fault) -> Operand {
        try context.steps(1 + parts.count)
        for part in parts { context.locals[part.slot] = .optional(.unset) }
        return try body.evaluate(&context)
    }
}

/// `cel.index(0)`: a part of a block.
final class SharedPartNode: Node {
    let slot: Int
    let part: any Node

    init(slot: Int, part: any Node) {
        self.slot = slot
        self.part = part
    }

    func evaluate(_ context: inout Context) throws(Fault) -> Operand {
        try context.step()
        let known = context.locals[slot]
        guard case .optional(let box) = known, box === OptionalBox.unset else { return known }
        let value = try part.evaluate(&context)
        context.locals[slot] = value
        return value
    }
}

extension OptionalBox {
    /// Stands for a part of a block that nobody has asked for yet.
    static let unset = OptionalBox(nil)
}
