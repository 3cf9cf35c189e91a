import EventModel

extension FunctionLibrary {
    /// The extension `regex`.
    mutating func addRegularExpressions() {
        add(
            "regex.extract",
            .global,
            2,
            .captures { (context, operands, pattern) throws(Fault) in
                try RegexFunctions.extract(&context, operands[0], pattern)
            }
        )
        add(
            "regex.extractAll",
            .global,
            2,
            .captures { (context, operands, pattern) throws(Fault) in
                try RegexFunctions.extractAll(&context, operands[0], pattern)
            }
        )
        for count in 3...4 {
            add(
                "regex.replace",
                .global,
                count,
                .captures { (context, operands, pattern) throws(Fault) in
                    try RegexFunctions.replace(&context, operands, pattern)
                }
            )
        }
    }
}

enum RegexFunctions {
    /// The place of the one group, or of the whole match if there is none.
    private static func wanted(_ pattern: CapturePattern) throws(Fault) -> Int {
        guard pattern.groupCount <= 1 else {
            throw Fault(
                .invalidArgument,
                "the regular expression has \(pattern.groupCount) groups, and one at most can be"
                    + " extracted; write those that only group as (?:…)"
            )
        }
        return 2 * pattern.groupCount
    }

    static func extract(
        _ context: inout Context,
        _ text: Operand,
        _ pattern: CapturePattern
    ) throws(Fault) -> Operand {
        let index = try wanted(pattern)
        let scalars = try StringFunctions.scalars(text, &context)
        guard let marks = try pattern.first(in: scalars, from: 0, &context) else { return .none }
        let found = part(scalars, marks, index)
        return index > 0 && found.isEmpty ? .none : .some(.string(StringFunctions.text(found)))
    }

    static func extractAll(
        _ context: inout Context,
        _ text: Operand,
        _ pattern: CapturePattern
    ) throws(Fault) -> Operand {
        let index = try wanted(pattern)
        let scalars = try StringFunctions.scalars(text, &context)
        var values: [Value] = []
        for marks in try pattern.all(in: scalars, max: .max, &context) {
            let found = part(scalars, marks, index)
            guard index == 0 || !found.isEmpty else { continue }
            values.append(.string(StringFunctions.text(found)))
        }
        return .plain(.list(values))
    }

    private static func part(
        _ scalars: [Unicode.Scalar],
        _ marks: CapturePattern.Marks,
        _ index: Int
    ) -> ArraySlice<Unicode.Scalar> {
        guard marks[index] >= 0, marks[index + 1] >= marks[index] else { return [] }
        return scalars[marks[index]..<marks[index + 1]]
    }

    /// `regex.replace(text, pattern, replacement)`, and with a count; a negative one means all.
    static func replace(
        _ context: inout Context,
        _ operands: [Operand],
        _ pattern: CapturePattern
    ) throws(Fault) -> Operand {
        let scalars = try StringFunctions.scalars(operands[0], &context)
        let pieces = try pieces(of: operands[2], pattern, &context)
        let count = operands.count > 3 ? try Cast.int(operands[3]) : -1
        let max = count < 0 ? Int.max : Int(clamping: count)
        var result = String.UnicodeScalarView()
        var size = 0
        var position = 0
        for marks in try pattern.all(in: scalars, max: max, &context) {
            var added = Array(scalars[position..<marks[0]])
            for piece in pieces {
                switch piece {
                case .text(let text): added += text
                case .group(let number): added += part(scalars, marks, 2 * number)
                }
            }
            // At least as many bytes as scalars, so that a text that is too long is found in time.
            size += added.count
            try context.checkText(size)
            try context.bytes(added.count)
            result.append(contentsOf: added)
            position = marks[1]
        }
        result.append(contentsOf: scalars[position...])
        let text = String(result)
        try context.text(text.utf8.count)
        return .string(text)
    }

    private enum Piece {
        case text([Unicode.Scalar])
        case group(Int)
    }

    /// A replacement, in which `\1` is the first group, `\0` the whole match and `\\` a backslash.
    private static func pieces(
        of replacement: Operand,
        _ pattern: CapturePattern,
        _ context: inout Context
    ) throws(Fault) -> [Piece] {
        var pieces: [Piece] = []
        var text: [Unicode.Scalar] = []
        var scalars = try StringFunctions.scalars(replacement, &context).makeIterator()
        while let scalar = scalars.next() {
            guard scalar == "\\" else {
                text.append(scalar)
                continue
            }
            guard let next = scalars.next(), next == "\\" || next.isDigit else {
                throw Fault(
                    .invalidArgument,
                    "in a replacement a digit or another backslash must stand behind '\\'"
                )
            }
            guard next.isDigit else {
                text.append(next)
                continue
            }
            let number = Int(next.value) - 48
            guard number <= pattern.groupCount else {
                throw Fault(
                    .invalidArgument,
                    "the replacement speaks of group \(number), but the regular expression has"
                        + " \(pattern.groupCount)"
                )
            }
            pieces.append(.text(text))
            text = []
            pieces.append(.group(number))
        }
        return pieces + [.text(text)]
    }
}
