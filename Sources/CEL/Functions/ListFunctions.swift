import EventModel

extension FunctionLibrary {
    /// The extensions `lists`, `sets` and `encoders`.
    mutating func addLists() {
        receiver("distinct") { (context, list) throws(Fault) in
            try ListFunctions.distinct(&context, try Cast.elements(list))
        }
        receiver("flatten") { (context, list) throws(Fault) in
            try ListFunctions.flatten(&context, try Cast.elements(list), depth: 1)
        }
        receiver("flatten") { (context, list, depth) throws(Fault) in
            let depth = try Cast.int(depth)
            guard depth >= 0 else {
                throw Fault(.invalidArgument, "the depth of flatten() cannot be negative")
            }
            return try ListFunctions.flatten(&context, try Cast.elements(list), depth: depth)
        }
        receiver("slice", 3...3) { (context, operands) throws(Fault) in
            let elements = try Cast.elements(operands[0])
            let range = try ListFunctions.range(
                try Cast.int(operands[1]),
                try Cast.int(operands[2]),
                count: elements.count
            )
            return try ListFunctions.list(&context, elements, range)
        }
        receiver("sort") { (context, list) throws(Fault) in
            let elements = try Cast.elements(list)
            let operands = (0..<elements.count).map { elements[$0] }
            return try ListFunctions.list(&context, elements, context.sortedIndexes(operands))
        }
        receiver("first") { (_, list) throws(Fault) in
            let elements = try Cast.elements(list)
            return elements.count == 0 ? .none : .some(elements[0])
        }
        receiver("last") { (_, list) throws(Fault) in
            let elements = try Cast.elements(list)
            return elements.count == 0 ? .none : .some(elements[elements.count - 1])
        }
        global("lists.range") { (context, count) throws(Fault) in
            let count = Int(clamping: max(0, try Cast.int(count)))
            try context.elements(count)
            return .plain(.list((0..<count).map { .int(Int64($0)) }))
        }
        addSets()
        addEncoders()
    }

    private mutating func addSets() {
        global("sets.contains") { (context, list, part) throws(Fault) in
            let (list, part) = (try Cast.elements(list), try Cast.elements(part))
            return .bool(try ListFunctions.contains(&context, list, part))
        }
        global("sets.equivalent") { (context, left, right) throws(Fault) in
            let (left, right) = (try Cast.elements(left), try Cast.elements(right))
            guard try ListFunctions.contains(&context, left, right) else { return .bool(false) }
            return .bool(try ListFunctions.contains(&context, right, left))
        }
        global("sets.intersects") { (context, left, right) throws(Fault) in
            let (left, right) = (try Cast.elements(left), try Cast.elements(right))
            for index in 0..<left.count
            where try ListFunctions.contains(&context, right, left[index]) {
                return .bool(true)
            }
            return .bool(false)
        }
    }

    private mutating func addEncoders() {
        global("base64.encode") { (context, value) throws(Fault) in
            let bytes = try Cast.bytes(value)
            try context.text(bytes.count / 3 * 4 + 4)
            return .string(Base64.encode(bytes))
        }
        global("base64.decode") { (context, value) throws(Fault) in
            let text = try Cast.string(value)
            try context.text(text.utf8.count)
            guard let bytes = Base64.decode(text) else {
                throw Conversion.malformed(text, "Base64")
            }
            return .bytes(bytes)
        }
    }
}

enum ListFunctions {
    /// The elements at the indexes, as a new list.
    static func list(
        _ context: inout Context,
        _ elements: Elements,
        _ indexes: some Collection<Int>
    ) throws(Fault) -> Operand {
        try context.elements(indexes.count)
        var builder = ListBuilder()
        for index in indexes { builder.append(elements[index]) }
        return builder.operand
    }

    /// - Throws: `indexOutOfBounds` unless 0 <= start <= end <= count.
    static func range(_ start: Int64, _ end: Int64, count: Int) throws(Fault) -> Range<Int> {
        guard start >= 0, start <= end, end <= count else {
            throw Fault(
                .indexOutOfBounds,
                "the range \(start) to \(end) is not inside 0 to \(count)"
            )
        }
        return Int(start)..<Int(end)
    }

    static func contains(
        _ context: inout Context,
        _ elements: Elements,
        _ wanted: Operand
    ) throws(Fault) -> Bool {
        for index in 0..<elements.count {
            try context.step()
            if try context.areEqual(elements[index], wanted) { return true }
        }
        return false
    }

    static func contains(
        _ context: inout Context,
        _ elements: Elements,
        _ wanted: Elements
    ) throws(Fault) -> Bool {
        for index in 0..<wanted.count {
            guard try contains(&context, elements, wanted[index]) else { return false }
        }
        return true
    }

    /// The elements without those that equal an earlier one.
    static func distinct(_ context: inout Context, _ elements: Elements) throws(Fault) -> Operand {
        var kept: [Operand] = []
        // Texts are what lists are full of; for them a set spares the comparison of all with all.
        var texts: Set<MapKey> = []
        for index in 0..<elements.count {
            try context.step()
            let element = elements[index]
            if case .plain(.string(let text)) = element {
                try context.bytes(text.utf8.count)
                if texts.insert(.string(text)).inserted { kept.append(element) }
                continue
            }
            var isKnown = false
            for other in kept where !isKnown {
                try context.step()
                isKnown = try context.areEqual(other, element)
            }
            if !isKnown { kept.append(element) }
        }
        var builder = ListBuilder()
        for element in kept { builder.append(element) }
        return builder.operand
    }

    /// The elements, with lists in them replaced by their elements down to a depth.
    static func flatten(
        _ context: inout Context,
        _ elements: Elements,
        depth: Int64
    ) throws(Fault) -> Operand {
        var builder = ListBuilder()
        try flatten(&context, elements, depth: depth, into: &builder)
        return builder.operand
    }

    private static func flatten(
        _ context: inout Context,
        _ elements: Elements,
        depth: Int64,
        into builder: inout ListBuilder
    ) throws(Fault) {
        for index in 0..<elements.count {
            try context.step()
            if depth > 0, let inner = Elements(elements[index]) {
                try flatten(&context, inner, depth: depth - 1, into: &builder)
            } else {
                try context.elements(builder.count + 1 > context.sizeMax ? builder.count + 1 : 1)
                builder.append(elements[index])
            }
        }
    }
}
