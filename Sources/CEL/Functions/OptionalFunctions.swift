import EventModel

extension FunctionLibrary {
    /// Optionals: values that may be missing.
    mutating func addOptionals() {
        add("optional.none", .global, 0, .variadic { (_, _) throws(Fault) in .none })
        global("optional.of") { (_, value) throws(Fault) in .some(value) }
        global("optional.ofNonZeroValue") { (_, value) throws(Fault) in
            OptionalFunctions.isZero(value) ? .none : .some(value)
        }
        receiver("hasValue") { (_, value) throws(Fault) in
            guard case .optional(let box) = value else { throw .overload }
            return .bool(box.content != nil)
        }
        receiver("value") { (_, value) throws(Fault) in
            guard case .optional(let box) = value else { throw .overload }
            guard let content = box.content else {
                throw Fault(
                    .noSuchKey,
                    "the optional has no value; ask hasValue() or use orValue()"
                )
            }
            return content
        }
        add(
            "or",
            .receiver,
            2,
            .lazy { (context, nodes) throws(Fault) in
                let first = try nodes[0].evaluate(&context)
                guard case .optional(let box) = first else { throw .overload("or", [first], -1) }
                if box.content != nil { return first }
                let second = try nodes[1].evaluate(&context)
                guard case .optional = second else { throw .overload("or", [first, second], -1) }
                return second
            }
        )
        add(
            "orValue",
            .receiver,
            2,
            .lazy { (context, nodes) throws(Fault) in
                let first = try nodes[0].evaluate(&context)
                guard case .optional(let box) = first else {
                    throw .overload("orValue", [first], -1)
                }
                if let content = box.content { return content }
                return try nodes[1].evaluate(&context)
            }
        )
        global("optional.unwrap") { (context, list) throws(Fault) in
            try OptionalFunctions.unwrap(&context, list)
        }
        receiver("unwrapOpt") { (context, list) throws(Fault) in
            try OptionalFunctions.unwrap(&context, list)
        }
    }
}

enum OptionalFunctions {
    /// Whether a value is the one that its type begins with: 0, false, empty, null.
    static func isZero(_ operand: Operand) -> Bool {
        switch operand {
        case .plain(let value):
            switch value {
            case .null: true
            case .bool(let bool): !bool
            case .int(let number): number == 0
            case .uint(let number): number == 0
            case .double(let number): number == 0
            case .string(let text): text.isEmpty
            case .bytes(let bytes): bytes.isEmpty
            case .timestamp: false
            case .duration(let duration): duration == .zero
            case .list(let elements): elements.isEmpty
            case .map(let map): map.isEmpty
            }
        case .type, .network: false
        case .optional(let box): box.content == nil
        case .list(let elements): elements.isEmpty
        case .map(let entries): entries.isEmpty
        }
    }

    /// The contents of those optionals of a list that have one.
    static func unwrap(_ context: inout Context, _ list: Operand) throws(Fault) -> Operand {
        let elements = try Cast.elements(list)
        try context.elements(elements.count)
        var builder = ListBuilder()
        for index in 0..<elements.count {
            guard case .optional(let box) = elements[index] else { throw .overload }
            if let content = box.content { builder.append(content) }
        }
        return builder.operand
    }
}
