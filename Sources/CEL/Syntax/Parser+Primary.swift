import EventModel

extension Parser {
    /// A primary with the members, indexes and calls behind it.
    mutating func postfix() throws(Fault) -> Syntax {
        var operand = try primary()
        while true {
            let offset = token.offset
            if take(.dot) {
                operand = try member(of: operand, dot: offset)
            } else if take(.leftBracket) {
                let isOptional = take(.question)
                let key = try expression()
                try expect(.rightBracket)
                operand = try tree(
                    .index(operand, key, isOptional: isOptional),
                    at: offset,
                    over: operand,
                    key
                )
            } else {
                return operand
            }
        }
    }

    private mutating func member(of operand: Syntax, dot: Int) throws(Fault) -> Syntax {
        let isOptional = take(.question)
        let nameOffset = token.offset
        let name: String
        switch token.kind {
        case .quotedIdentifier(let quoted):
            advance()
            return try tree(
                .member(operand, quoted, isOptional: isOptional),
                at: nameOffset,
                over: operand
            )
        case .identifier(let identifier) where !Self.literalWords.contains(identifier):
            name = identifier
        case .end, .identifier, .int, .uint, .double, .string, .bytes, .symbol:
            throw unexpected("the name of a member or method after '.'")
        }
        advance()
        if !isOptional, take(.leftParenthesis) {
            let arguments = try list(until: .rightParenthesis)
            return try call(operand, name, arguments, at: nameOffset)
        }
        return try tree(
            .member(operand, name, isOptional: isOptional),
            at: nameOffset,
            over: operand
        )
    }

    private static let literalWords: Set<String> = ["true", "false", "null", "in"]

    private mutating func primary() throws(Fault) -> Syntax {
        let offset = token.offset
        switch token.kind {
        case .symbol(.leftParenthesis):
            advance()
            let inner = try expression()
            try expect(.rightParenthesis)
            return inner
        case .symbol(.leftBracket):
            advance()
            return try listLiteral(offset)
        case .symbol(.leftBrace):
            advance()
            return try mapLiteral(offset)
        case .symbol(.dot):
            advance()
            guard case .identifier = token.kind else { throw unexpected("a name after '.'") }
            return try name(offset, isAbsolute: true)
        case .identifier:
            return try name(offset, isAbsolute: false)
        case .int, .uint, .double, .string, .bytes, .symbol(.minus):
            return try literal(offset)
        case .end, .quotedIdentifier, .symbol:
            throw unexpected("a value")
        }
    }

    private mutating func literal(_ offset: Int) throws(Fault) -> Syntax {
        let isNegative = take(.minus)
        let value: Value
        switch token.kind {
        case .int(let magnitude):
            let signed =
                isNegative
                ? (magnitude <= 1 << 63 ? Int64(truncatingIfNeeded: 0 &- magnitude) : nil)
                : Int64(exactly: magnitude)
            guard let signed else {
                throw Fault(
                    .syntax,
                    "the number does not fit into an int; a uint ends with 'u'",
                    offset: offset
                )
            }
            value = .int(signed)
        case .double(let double): value = .double(isNegative ? -double : double)
        case .uint(let unsigned): value = .uint(unsigned)
        case .string(let text): value = .string(text)
        case .bytes(let bytes): value = .bytes(bytes)
        case .end, .identifier, .quotedIdentifier, .symbol: throw unexpected("a value")
        }
        advance()
        return try tree(.literal(value), at: offset)
    }

    private mutating func name(_ offset: Int, isAbsolute: Bool) throws(Fault) -> Syntax {
        guard case .identifier(let name) = token.kind else { throw unexpected("a name") }
        if !isAbsolute {
            switch name {
            case "true", "false":
                advance()
                return try tree(.literal(.bool(name == "true")), at: offset)
            case "null":
                advance()
                return try tree(.literal(.null), at: offset)
            default: break
            }
        }
        guard name != "in", !Self.reservedWords.contains(name) else {
            throw Fault(
                .syntax,
                "'\(name)' is a reserved word and cannot be a name",
                offset: token.offset
            )
        }
        advance()
        if take(.leftParenthesis) {
            let arguments = try list(until: .rightParenthesis)
            return try call(nil, name, arguments, at: offset)
        }
        return try tree(.name(name, isAbsolute: isAbsolute), at: offset)
    }

    private mutating func list(until end: Token.Symbol) throws(Fault) -> [Syntax] {
        var elements: [Syntax] = []
        guard !take(end) else { return elements }
        repeat {
            elements.append(try expression())
        } while take(.comma)
        guard take(end) else { throw unexpected("',' or '\(end.rawValue)'") }
        return elements
    }

    private mutating func listLiteral(_ offset: Int) throws(Fault) -> Syntax {
        var elements: [Syntax.Element] = []
        while !take(.rightBracket) {
            let isOptional = take(.question)
            let value = try expression()
            elements.append(Syntax.Element(value: value, isOptional: isOptional))
            // A comma may stand after the last element.
            if take(.comma) { continue }
            guard token.kind == .symbol(.rightBracket) else { throw unexpected("',' or ']'") }
        }
        return try tree(.list(elements), at: offset, over: elements.map(\.value))
    }

    private mutating func mapLiteral(_ offset: Int) throws(Fault) -> Syntax {
        var entries: [Syntax.Entry] = []
        while !take(.rightBrace) {
            let isOptional = take(.question)
            let key = try expression()
            try expect(.colon)
            let value = try expression()
            entries.append(Syntax.Entry(key: key, value: value, isOptional: isOptional))
            if take(.comma) { continue }
            guard token.kind == .symbol(.rightBrace) else { throw unexpected("',' or '}'") }
        }
        return try tree(.map(entries), at: offset, over: entries.flatMap { [$0.key, $0.value] })
    }
}
