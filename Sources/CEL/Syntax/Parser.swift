import EventModel

/// Reads tokens into a tree, expanding macros on the way.
///
/// Grammar: cel-spec, language definition, section "Syntax", with the optional syntax of cel-spec
/// proposal 246. Recursion follows only what the author nested; chains of operators are loops.
struct Parser {
    var tokens: [Token]
    var index = 0
    var depth = 0
    let expandsMacros: Bool

    /// Words that other languages use and that may not be names here.
    static let reservedWords: Set<String> = [
        "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let",
        "loop", "package", "namespace", "return", "var", "void", "while",
    ]

    static func parse(_ source: String, expandsMacros: Bool = true) throws(Fault) -> Syntax {
        let tokens = try Lexer.tokens(of: source)
        var parser = Parser(tokens: tokens, expandsMacros: expandsMacros)
        guard parser.token.kind != .end else {
            throw Fault(.syntax, "the expression is empty", offset: 0)
        }
        let syntax = try parser.expression()
        guard parser.token.kind == .end else {
            throw parser.unexpected("an operator or the end of the expression")
        }
        return syntax
    }

    // MARK: Tokens

    var token: Token { tokens[index] }

    mutating func advance() {
        if index + 1 < tokens.count { index += 1 }
    }

    mutating func take(_ symbol: Token.Symbol) -> Bool {
        guard token.kind == .symbol(symbol) else { return false }
        advance()
        return true
    }

    mutating func expect(_ symbol: Token.Symbol) throws(Fault) {
        guard take(symbol) else { throw unexpected("'\(symbol.rawValue)'") }
    }

    func unexpected(_ wanted: String) -> Fault {
        Fault(.syntax, "expected \(wanted), found \(token.text)", offset: token.offset)
    }

    // MARK: Trees

    func tree(
        _ kind: Syntax.Kind,
        at offset: Int,
        over parts: Syntax...
    ) throws(Fault) -> Syntax {
        try tree(kind, at: offset, over: parts)
    }

    func tree(_ kind: Syntax.Kind, at offset: Int, over parts: [Syntax]) throws(Fault) -> Syntax {
        var height = 1
        for part in parts { height = max(height, part.height + 1) }
        guard height <= LanguageLimits.depthMax else { throw Self.tooDeep(offset) }
        return Syntax(kind: kind, offset: offset, height: height)
    }

    static func tooDeep(_ offset: Int) -> Fault {
        Fault(
            .syntax,
            "the expression is nested deeper than \(LanguageLimits.depthMax) levels",
            offset: offset
        )
    }

    // MARK: Operators

    mutating func expression() throws(Fault) -> Syntax {
        depth += 1
        defer { depth -= 1 }
        guard depth <= LanguageLimits.depthMax else { throw Self.tooDeep(token.offset) }
        let condition = try logical(.or)
        let offset = token.offset
        guard take(.question) else { return condition }
        let yes = try logical(.or)
        try expect(.colon)
        let no = try expression()
        return try tree(.conditional(condition, yes, no), at: offset, over: condition, yes, no)
    }

    private mutating func logical(_ op: LogicalOperator) throws(Fault) -> Syntax {
        let first: Syntax
        let symbol: Token.Symbol
        switch op {
        case .or:
            first = try logical(.and)
            symbol = .or
        case .and:
            first = try binary(1)
            symbol = .and
        }
        let offset = token.offset
        guard token.kind == .symbol(symbol) else { return first }
        var parts = [first]
        while take(symbol) {
            switch op {
            case .or: parts.append(try logical(.and))
            case .and: parts.append(try binary(1))
            }
        }
        return try tree(.logical(op, parts), at: offset, over: parts)
    }

    private mutating func binary(_ precedenceMin: Int) throws(Fault) -> Syntax {
        var left = try unary()
        while let op = binaryOperator(), op.precedence >= precedenceMin {
            let offset = token.offset
            advance()
            let right = try binary(op.precedence + 1)
            left = try tree(.binary(op, left, right), at: offset, over: left, right)
        }
        return left
    }

    private func binaryOperator() -> BinaryOperator? {
        switch token.kind {
        case .symbol(let symbol): BinaryOperator(rawValue: symbol.rawValue)
        case .identifier("in"): .isIn
        case .end, .identifier, .quotedIdentifier, .int, .uint, .double, .string, .bytes: nil
        }
    }

    private mutating func unary() throws(Fault) -> Syntax {
        let offset = token.offset
        if token.kind == .symbol(.not) {
            let isOdd = takeAll(.not)
            let operand = try postfix()
            return isOdd ? try tree(.not(operand), at: offset, over: operand) : operand
        }
        guard token.kind == .symbol(.minus) else { return try postfix() }
        // A minus right before a number belongs to the number, or the smallest integer could not
        // be written.
        let isOdd = takeAll(.minus, leavingOneForNumber: true)
        let operand = try postfix()
        return isOdd ? try tree(.negate(operand), at: offset, over: operand) : operand
    }

    /// Takes a row of the same sign and says whether their number was odd.
    private mutating func takeAll(
        _ symbol: Token.Symbol,
        leavingOneForNumber: Bool = false
    ) -> Bool {
        var isOdd = false
        while token.kind == .symbol(symbol) {
            if leavingOneForNumber {
                switch tokens[min(index + 1, tokens.count - 1)].kind {
                case .int, .double: return isOdd
                case .end, .identifier, .quotedIdentifier, .uint, .string, .bytes, .symbol: break
                }
            }
            advance()
            isOdd.toggle()
        }
        return isOdd
    }
}
