import EventModel

extension Parser {
    /// A call, or what the macro of that name makes of it.
    func call(
        _ receiver: Syntax?,
        _ name: String,
        _ arguments: [Syntax],
        at offset: Int
    ) throws(Fault) -> Syntax {
        if expandsMacros {
            let expanded =
                if let receiver {
                    try expand(receiver, name, arguments, at: offset)
                } else {
                    try expandPresence(name, arguments, at: offset)
                }
            if let expanded { return expanded }
        }
        return try tree(
            .call(receiver: receiver, name: name, arguments: arguments),
            at: offset,
            over: (receiver.map { [$0] } ?? []) + arguments
        )
    }

    private func expandPresence(
        _ name: String,
        _ arguments: [Syntax],
        at offset: Int
    ) throws(Fault) -> Syntax? {
        guard name == "has", arguments.count == 1 else { return nil }
        guard case .member(let operand, let field, isOptional: false) = arguments[0].kind else {
            throw Fault(
                .syntax,
                "has() asks for a member, as in has(input.email)",
                offset: arguments[0].offset
            )
        }
        return try tree(.presence(operand, field), at: arguments[0].offset, over: operand)
    }

    private func expand(
        _ receiver: Syntax,
        _ name: String,
        _ arguments: [Syntax],
        at offset: Int
    ) throws(Fault) -> Syntax? {
        if case .name("cel", isAbsolute: false) = receiver.kind,
            let expanded = try expandBlock(name, arguments, at: offset)
        {
            return expanded
        }
        switch (name, arguments.count) {
        case ("bind", 3):
            guard case .name("cel", isAbsolute: false) = receiver.kind else { return nil }
            let variable = try variable(arguments[0], of: "cel.bind")
            return try tree(
                .bind(name: variable, value: arguments[1], body: arguments[2]),
                at: offset,
                over: arguments[1],
                arguments[2]
            )
        case ("optMap", 2), ("optFlatMap", 2):
            let variable = try variable(arguments[0], of: name)
            return try tree(
                .optionalMap(
                    receiver,
                    name: variable,
                    body: arguments[1],
                    isFlat: name == "optFlatMap"
                ),
                at: offset,
                over: receiver,
                arguments[1]
            )
        case ("sortBy", 2):
            let variable = try variable(arguments[0], of: name)
            return try tree(
                .sortBy(receiver, name: variable, key: arguments[1]),
                at: offset,
                over: receiver,
                arguments[1]
            )
        default:
            return try expandComprehension(receiver, name, arguments, at: offset)
        }
    }

    private func expandComprehension(
        _ range: Syntax,
        _ name: String,
        _ arguments: [Syntax],
        at offset: Int
    ) throws(Fault) -> Syntax? {
        guard let shape = Self.shape(name, arguments.count) else { return nil }
        let first = try variable(arguments[0], of: name)
        var second: String?
        if shape.variables == 2 {
            second = try variable(arguments[1], of: name)
            guard second != first else {
                throw Fault(
                    .syntax,
                    "the two names of \(name)() must differ",
                    offset: arguments[1].offset
                )
            }
        }
        var rest = Array(arguments[shape.variables...])
        var filter: Syntax?
        if name == "filter" {
            filter = rest[0]
            rest[0] = arguments[0]
        } else if rest.count == 2 {
            filter = rest.removeFirst()
        }
        let comprehension = Comprehension(
            kind: shape.kind,
            range: range,
            name: first,
            secondName: second,
            filter: filter,
            body: rest[0]
        )
        return try tree(
            .comprehension(comprehension),
            at: offset,
            over: [range, rest[0]] + (filter.map { [$0] } ?? [])
        )
    }

    /// What a macro name with so many arguments means.
    private static func shape(
        _ name: String,
        _ count: Int
    ) -> (kind: Comprehension.Kind, variables: Int)? {
        switch (name, count) {
        case ("all", 2): (.all, 1)
        case ("all", 3): (.all, 2)
        case ("exists", 2): (.exists, 1)
        case ("exists", 3): (.exists, 2)
        case ("exists_one", 2), ("existsOne", 2): (.existsOne, 1)
        case ("exists_one", 3), ("existsOne", 3): (.existsOne, 2)
        case ("map", 2), ("map", 3), ("filter", 2): (.list, 1)
        case ("transformList", 3), ("transformList", 4): (.list, 2)
        case ("transformMap", 3), ("transformMap", 4): (.transformMap, 2)
        case ("transformMapEntry", 3), ("transformMapEntry", 4): (.transformMapEntry, 2)
        default: nil
        }
    }

    /// What tools write that share the common parts of an expression: `cel.block`, `cel.index`,
    /// `cel.iterVar` and `cel.accuVar`.
    private func expandBlock(
        _ name: String,
        _ arguments: [Syntax],
        at offset: Int
    ) throws(Fault) -> Syntax? {
        switch (name, arguments.count) {
        case ("block", 2):
            guard case .list(let elements) = arguments[0].kind,
                !elements.contains(where: \.isOptional)
            else { return nil }
            let parts = elements.map(\.value)
            return try tree(
                .block(parts, body: arguments[1]),
                at: offset,
                over: parts + [arguments[1]]
            )
        case ("index", 1):
            guard case .literal(.int(let number)) = arguments[0].kind,
                let index = Int(exactly: number), index >= 0
            else { return nil }
            return try tree(.name(BlockNames.index(index), isAbsolute: false), at: offset)
        case ("iterVar", 2), ("accuVar", 2):
            guard case .literal(.int(let depth)) = arguments[0].kind,
                case .literal(.int(let number)) = arguments[1].kind
            else { return nil }
            let letters = name == "iterVar" ? "it" : "ac"
            let variable = BlockNames.variable(letters, depth, number)
            return try tree(.name(variable, isAbsolute: false), at: offset)
        default:
            return nil
        }
    }

    private func variable(_ syntax: Syntax, of macro: String) throws(Fault) -> String {
        guard case .name(let name, isAbsolute: false) = syntax.kind else {
            throw Fault(
                .syntax,
                "\(macro)() needs a simple name here, as in items.\(macro)(item, …)",
                offset: syntax.offset
            )
        }
        return name
    }
}
