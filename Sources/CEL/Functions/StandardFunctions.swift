import EventModel

extension FunctionLibrary {
    /// The functions of the language definition, but for those of time.
    mutating func addStandard() {
        let size: Builtin.Unary = { (context, value) throws(Fault) in
            try StandardFunctions.size(&context, value)
        }
        global("size", size)
        receiver("size", size)
        global("type") { (_, value) throws(Fault) in
            if case .type = value { .type("type") } else { .type(value.typeName) }
        }
        global("dyn") { (_, value) throws(Fault) in value }
        receiver("contains") { (context, text, part) throws(Fault) in
            let (text, part) = (try Cast.string(text), try Cast.string(part))
            try context.bytes(text.utf8.count)
            return .bool(text.isEmpty ? part.isEmpty : text.utf8Contains(part))
        }
        receiver("startsWith") { (context, text, part) throws(Fault) in
            let (text, part) = (try Cast.string(text), try Cast.string(part))
            try context.bytes(part.utf8.count)
            return .bool(text.utf8.starts(with: part.utf8))
        }
        receiver("endsWith") { (context, text, part) throws(Fault) in
            let (text, part) = (try Cast.string(text), try Cast.string(part))
            try context.bytes(part.utf8.count)
            return .bool(
                text.utf8.count >= part.utf8.count
                    && text.utf8.suffix(part.utf8.count).elementsEqual(part.utf8)
            )
        }
        let matches: Builtin.Matching = { (context, text, pattern) throws(Fault) in
            .bool(try pattern.matches(try Cast.string(text), &context))
        }
        add("matches", .receiver, 2, .pattern(matches))
        add("matches", .global, 2, .pattern(matches))
        addConversions()
    }
}

enum StandardFunctions {
    static func size(_ context: inout Context, _ value: Operand) throws(Fault) -> Operand {
        switch value {
        case .plain(.string(let text)):
            try context.bytes(text.utf8.count)
            return .int(text.unicodeScalars.count)
        case .plain(.bytes(let bytes)): return .int(bytes.count)
        case .plain(.list), .list: return .int(Elements(value)?.count ?? 0)
        case .plain(.map), .map: return .int(Entries(value)?.count ?? 0)
        case .plain, .type, .optional, .network: throw .overload
        }
    }
}

/// Takes arguments apart by type; what does not fit is a missing overload.
enum Cast {
    static func string(_ operand: Operand) throws(Fault) -> String {
        guard case .plain(.string(let text)) = operand else { throw .overload }
        return text
    }

    static func bytes(_ operand: Operand) throws(Fault) -> [UInt8] {
        guard case .plain(.bytes(let bytes)) = operand else { throw .overload }
        return bytes
    }

    static func int(_ operand: Operand) throws(Fault) -> Int64 {
        guard case .plain(.int(let number)) = operand else { throw .overload }
        return number
    }

    static func bool(_ operand: Operand) throws(Fault) -> Bool {
        guard case .plain(.bool(let bool)) = operand else { throw .overload }
        return bool
    }

    static func elements(_ operand: Operand) throws(Fault) -> Elements {
        guard let elements = Elements(operand) else { throw .overload }
        return elements
    }

    static func entries(_ operand: Operand) throws(Fault) -> Entries {
        guard let entries = Entries(operand) else { throw .overload }
        return entries
    }

    static func timestamp(_ operand: Operand) throws(Fault) -> Timestamp {
        guard case .plain(.timestamp(let timestamp)) = operand else { throw .overload }
        return timestamp
    }
}

extension String {
    /// Whether the other text's bytes stand in this one's, by a scan that looks at the rest of the
    /// part only where its first byte stands.
    func utf8Contains(_ part: String) -> Bool {
        Array(utf8).firstRange(of: Array(part.utf8), from: 0) != nil
    }
}

extension [UInt8] {
    /// Where the part stands first at or after a position.
    ///
    /// Knuth, Morris and Pratt: time is linear whatever the texts, which a naive search is not.
    func firstRange(of part: [UInt8], from start: Int) -> Range<Int>? {
        guard let border = KnuthMorrisPratt(part) else {
            return start <= count ? start..<start : nil
        }
        return border.first(in: self, from: start)
    }
}
