import EventModel

extension FunctionLibrary {
    /// The extension `strings`; positions count Unicode scalars.
    mutating func addStrings() {
        addSearches()
        addEdits()
        addJoins()
        receiver("format") { (context, text, arguments) throws(Fault) in
            var writer = FormatWriter(arguments: try Cast.elements(arguments))
            return .string(try writer.write(try Cast.string(text), &context))
        }
        global("strings.quote") { (context, value) throws(Fault) in
            let text = try Cast.string(value)
            try context.text(text.utf8.count)
            return .string(StringFunctions.quote(text))
        }
    }

    private mutating func addSearches() {
        receiver("charAt") { (context, value, index) throws(Fault) in
            let scalars = try StringFunctions.scalars(value, &context)
            let index = try StringFunctions.index(try Cast.int(index), in: scalars)
            let last = min(index + 1, scalars.count)
            return .string(StringFunctions.text(scalars[index..<last]))
        }
        receiver("indexOf", 2...3) { (context, operands) throws(Fault) in
            try StringFunctions.indexOf(&context, operands)
        }
        receiver("lastIndexOf", 2...3) { (context, operands) throws(Fault) in
            try StringFunctions.lastIndexOf(&context, operands)
        }
    }

    private mutating func addEdits() {
        receiver("substring", 2...3) { (context, operands) throws(Fault) in
            try StringFunctions.substring(&context, operands)
        }
        receiver("lowerAscii") { (context, value) throws(Fault) in
            try StringFunctions.mapScalars(value, &context) { $0.asciiLowercased }
        }
        receiver("upperAscii") { (context, value) throws(Fault) in
            try StringFunctions.mapScalars(value, &context) { $0.asciiUppercased }
        }
        receiver("trim") { (context, value) throws(Fault) in
            let scalars = try StringFunctions.scalars(value, &context)
            guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
                let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
            else { return .string("") }
            return .string(StringFunctions.text(scalars[first...last]))
        }
        receiver("reverse") { (context, value) throws(Fault) in
            if let elements = Elements(value) {
                let indexes = stride(from: elements.count - 1, through: 0, by: -1).map { $0 }
                return try ListFunctions.list(&context, elements, indexes)
            }
            let scalars = try StringFunctions.scalars(value, &context)
            return .string(StringFunctions.text(scalars.reversed()[...]))
        }
        receiver("replace", 3...4) { (context, operands) throws(Fault) in
            try StringFunctions.replace(&context, operands)
        }
    }

    private mutating func addJoins() {
        receiver("join", 1...2) { (context, operands) throws(Fault) in
            let elements = try Cast.elements(operands[0])
            let separator = operands.count > 1 ? try Cast.string(operands[1]) : ""
            var result = ""
            for index in 0..<elements.count {
                try context.step()
                if index > 0 { result += separator }
                result += try Cast.string(elements[index])
                try context.checkText(result.utf8.count)
            }
            try context.text(result.utf8.count)
            return .string(result)
        }
        receiver("split", 2...3) { (context, operands) throws(Fault) in
            try StringFunctions.split(&context, operands)
        }
    }
}

extension Context {
    /// Checks the length of a text that grows; the steps for it are spent when it is complete.
    func checkText(_ count: Int) throws(Fault) {
        guard count <= sizeMax else {
            throw Fault(.costLimit, "the expression builds a text of more than \(sizeMax) bytes")
        }
    }
}

enum StringFunctions {
    static func scalars(
        _ operand: Operand,
        _ context: inout Context
    ) throws(Fault) -> [Unicode.Scalar] {
        let text = try Cast.string(operand)
        // Four bytes a scalar: as an array, a text is bigger.
        try context.bytes(4 * text.utf8.count)
        return Array(text.unicodeScalars)
    }

    static func text(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
        String(String.UnicodeScalarView(scalars))
    }

    /// A position in a text, the end included.
    static func index(_ number: Int64, in scalars: [Unicode.Scalar]) throws(Fault) -> Int {
        guard number >= 0, number <= scalars.count else {
            throw Fault(
                .indexOutOfBounds,
                "the index \(number) is outside the text, which has \(scalars.count) characters"
            )
        }
        return Int(number)
    }

    static func mapScalars(
        _ operand: Operand,
        _ context: inout Context,
        _ transform: (Unicode.Scalar) -> Unicode.Scalar
    ) throws(Fault) -> Operand {
        let text = try Cast.string(operand)
        try context.text(text.utf8.count)
        return .string(String(String.UnicodeScalarView(text.unicodeScalars.map(transform))))
    }

    static func indexOf(_ context: inout Context, _ operands: [Operand]) throws(Fault) -> Operand {
        let scalars = try scalars(operands[0], &context)
        let part = try self.scalars(operands[1], &context)
        var start = 0
        if operands.count > 2 { start = try index(try Cast.int(operands[2]), in: scalars) }
        guard let search = KnuthMorrisPratt(part) else { return .int(start) }
        return .int(search.first(in: scalars, from: start)?.lowerBound ?? -1)
    }

    static func lastIndexOf(
        _ context: inout Context,
        _ operands: [Operand]
    ) throws(Fault) -> Operand {
        let scalars = try scalars(operands[0], &context)
        let part = try self.scalars(operands[1], &context)
        var start = scalars.count
        if operands.count > 2 { start = try index(try Cast.int(operands[2]), in: scalars) }
        guard let search = KnuthMorrisPratt(part) else { return .int(start) }
        return .int(search.last(in: scalars, from: start)?.lowerBound ?? -1)
    }

    static func substring(
        _ context: inout Context,
        _ operands: [Operand]
    ) throws(Fault) -> Operand {
        let scalars = try scalars(operands[0], &context)
        let start = try index(try Cast.int(operands[1]), in: scalars)
        var end = scalars.count
        if operands.count > 2 { end = try index(try Cast.int(operands[2]), in: scalars) }
        guard start <= end else {
            throw Fault(.indexOutOfBounds, "the substring from \(start) to \(end) goes backwards")
        }
        return .string(text(scalars[start..<end]))
    }

    /// `replace(old, new)` and `replace(old, new, count)`; a negative count means all.
    static func replace(_ context: inout Context, _ operands: [Operand]) throws(Fault) -> Operand {
        let whole = Array(try Cast.string(operands[0]).utf8)
        let old = Array(try Cast.string(operands[1]).utf8)
        let new = Array(try Cast.string(operands[2]).utf8)
        var left = operands.count > 3 ? try Cast.int(operands[3]) : -1
        try context.bytes(whole.count)
        guard left != 0 else { return operands[0] }
        var result: [UInt8] = []
        guard let search = KnuthMorrisPratt(old) else {
            return try insertBetween(&context, try Cast.string(operands[0]), new, count: left)
        }
        var position = 0
        while left != 0, let range = search.first(in: whole, from: position) {
            try context.step()
            result += whole[position..<range.lowerBound]
            result += new
            try context.checkText(result.count)
            position = range.upperBound
            left -= 1
        }
        result += whole[position...]
        try context.text(result.count)
        return .string(String(decoding: result, as: UTF8.self))
    }

    /// An empty text stands before each character and at the end.
    private static func insertBetween(
        _ context: inout Context,
        _ whole: String,
        _ new: [UInt8],
        count: Int64
    ) throws(Fault) -> Operand {
        var left = count
        var result: [UInt8] = []
        for scalar in whole.unicodeScalars {
            try context.step()
            if left != 0 {
                result += new
                left -= 1
            }
            result += Array(String(scalar).utf8)
            try context.checkText(result.count)
        }
        if left != 0 { result += new }
        try context.text(result.count)
        return .string(String(decoding: result, as: UTF8.self))
    }

    /// `split(separator)` and `split(separator, count)`; a negative count means all.
    static func split(_ context: inout Context, _ operands: [Operand]) throws(Fault) -> Operand {
        let text = try Cast.string(operands[0])
        let separator = Array(try Cast.string(operands[1]).utf8)
        let limit = operands.count > 2 ? try Cast.int(operands[2]) : -1
        try context.bytes(text.utf8.count)
        guard limit != 0 else { return .plain(.list([])) }
        let whole = Array(text.utf8)
        var parts: [Value] = []
        if separator.isEmpty {
            var scalars = text.unicodeScalars[...]
            while let scalar = scalars.first {
                try context.elements(1)
                if limit > 0, parts.count + 1 == limit {
                    parts.append(.string(String(scalars)))
                    break
                }
                parts.append(.string(String(scalar)))
                scalars.removeFirst()
            }
            return .plain(.list(parts))
        }
        var position = 0
        while limit < 0 || parts.count + 1 < limit,
            let range = whole.firstRange(of: separator, from: position)
        {
            try context.elements(1)
            let part = whole[position..<range.lowerBound]
            parts.append(.string(String(decoding: part, as: UTF8.self)))
            position = range.upperBound
        }
        parts.append(.string(String(decoding: whole[position...], as: UTF8.self)))
        return .plain(.list(parts))
    }

    /// The text in double quotes, with escapes as the language reads them.
    static func quote(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\u{07}": result += "\\a"
            case "\u{08}": result += "\\b"
            case "\u{0C}": result += "\\f"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\u{0B}": result += "\\v"
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

extension Unicode.Scalar {
    var asciiLowercased: Unicode.Scalar {
        ("A"..."Z").contains(self) ? Unicode.Scalar(UInt8(value + 32)) : self
    }

    var asciiUppercased: Unicode.Scalar {
        ("a"..."z").contains(self) ? Unicode.Scalar(UInt8(value - 32)) : self
    }
}
