/// Cuts an expression's source into tokens.
///
/// Lexis: cel-spec, language definition, section "Syntax".
struct Lexer {
    let scalars: [Unicode.Scalar]
    var position: Int

    init(_ source: String) {
        self.init(scalars: Array(source.unicodeScalars), position: 0)
    }

    init(scalars: [Unicode.Scalar], position: Int) {
        self.scalars = scalars
        self.position = position
    }

    /// All tokens, the last of which is `.end`.
    static func tokens(of source: String) throws(Fault) -> [Token] {
        var lexer = Lexer(source)
        guard lexer.scalars.count <= LanguageLimits.sourceScalarsMax else {
            throw Fault(
                .syntax,
                "the expression is longer than \(LanguageLimits.sourceScalarsMax) characters",
                offset: 0
            )
        }
        var tokens: [Token] = []
        while true {
            let token = try lexer.next()
            tokens.append(token)
            if token.kind == .end { return tokens }
        }
    }

    func peek(_ distance: Int = 0) -> Unicode.Scalar? {
        position + distance < scalars.count ? scalars[position + distance] : nil
    }

    mutating func next() throws(Fault) -> Token {
        skipSpace()
        let start = position
        guard let first = peek() else { return Token(kind: .end, offset: start) }
        let kind: Token.Kind
        if let opening = stringOpening() {
            kind = try string(opening)
        } else if first.isIdentifierStart {
            kind = .identifier(identifier())
        } else if first.isDigit || (first == "." && peek(1)?.isDigit == true) {
            kind = try number()
        } else if first == "`" {
            kind = try quotedIdentifier()
        } else {
            kind = .symbol(try symbol(first))
        }
        return Token(kind: kind, offset: start)
    }

    private mutating func skipSpace() {
        while let scalar = peek() {
            switch scalar {
            case " ", "\t", "\n", "\r", "\u{0C}":
                position += 1
            case "/" where peek(1) == "/":
                while let scalar = peek(), scalar != "\n" { _ = scalar; position += 1 }
            default:
                return
            }
        }
    }

    private mutating func identifier() -> String {
        let start = position
        while let scalar = peek(), scalar.isIdentifierStart || scalar.isDigit { position += 1 }
        return text(start..<position)
    }

    private mutating func quotedIdentifier() throws(Fault) -> Token.Kind {
        let start = position
        position += 1
        while let scalar = peek(), scalar != "`" {
            let isAllowed =
                scalar.isIdentifierStart || scalar.isDigit || scalar == "." || scalar == "-"
                || scalar == "/" || scalar == " "
            guard isAllowed else {
                throw Fault(
                    .syntax,
                    "'\(scalar)' cannot stand in a quoted name; write [\"…\"] instead",
                    offset: position
                )
            }
            position += 1
        }
        guard peek() != nil, position > start + 1 else {
            throw Fault(.syntax, "the quoted name has no end", offset: start)
        }
        position += 1
        return .quotedIdentifier(text(start + 1..<position - 1))
    }

    private mutating func symbol(_ first: Unicode.Scalar) throws(Fault) -> Token.Symbol {
        if let second = peek(1) {
            var pair = String(first)
            pair.unicodeScalars.append(second)
            if let symbol = Token.Symbol(rawValue: pair) {
                position += 2
                return symbol
            }
        }
        guard let symbol = Token.Symbol(rawValue: String(first)) else {
            throw Fault(.syntax, Self.advice(first), offset: position)
        }
        position += 1
        return symbol
    }

    private static func advice(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "=": "'=' is no operator; write '==' to compare"
        case "&": "'&' is no operator; write '&&' for and"
        case "|": "'|' is no operator; write '||' for or"
        case "$", "#", "@", "~", "^", "\\", ";":
            "'\(scalar)' has no meaning in an expression"
        default:
            "the character '\(scalar)' (U+\(String(scalar.value, radix: 16, uppercase: true)))"
                + " has no meaning in an expression outside a text"
        }
    }

    func text(_ range: Range<Int>) -> String {
        String(String.UnicodeScalarView(scalars[range]))
    }
}

extension Unicode.Scalar {
    var isDigit: Bool { ("0"..."9").contains(self) }

    var isIdentifierStart: Bool {
        ("a"..."z").contains(self) || ("A"..."Z").contains(self) || self == "_"
    }

    /// The value of a hexadecimal digit.
    var hexadecimalValue: UInt32? {
        switch self {
        case "0"..."9": value - 48
        case "a"..."f": value - 87
        case "A"..."F": value - 55
        default: nil
        }
    }
}
