extension Lexer {
    /// How a text begins: its prefixes and its quotes.
    struct StringOpening {
        var isRaw = false
        var isBytes = false
        var quote: Unicode.Scalar
        /// Scalars of prefix and quotes.
        var length: Int
        var isTriple: Bool
    }

    /// What stands at the position if it opens a text or bytes.
    func stringOpening() -> StringOpening? {
        var distance = 0
        var isRaw = false
        var isBytes = false
        if peek() == "b" || peek() == "B" {
            isBytes = true
            distance = 1
        }
        if peek(distance) == "r" || peek(distance) == "R" {
            isRaw = true
            distance += 1
        }
        guard let quote = peek(distance), quote == "\"" || quote == "'" else { return nil }
        let isTriple = peek(distance + 1) == quote && peek(distance + 2) == quote
        return StringOpening(
            isRaw: isRaw,
            isBytes: isBytes,
            quote: quote,
            length: distance + (isTriple ? 3 : 1),
            isTriple: isTriple
        )
    }

    /// Reads the text or the bytes that the opening begins.
    mutating func string(_ opening: StringOpening) throws(Fault) -> Token.Kind {
        let start = position
        position += opening.length
        var text = String.UnicodeScalarView()
        var bytes: [UInt8] = []
        while true {
            guard let scalar = peek(), opening.isTriple || (scalar != "\n" && scalar != "\r") else {
                throw Fault(.syntax, "the text has no closing quote", offset: start)
            }
            if isClosing(opening) {
                position += opening.isTriple ? 3 : 1
                return opening.isBytes ? .bytes(bytes) : .string(String(text))
            }
            if scalar == "\\", !opening.isRaw {
                switch try escape(isBytes: opening.isBytes) {
                case .scalar(let scalar): text.append(scalar)
                case .byte(let byte): bytes.append(byte)
                }
                continue
            }
            position += 1
            if opening.isBytes {
                bytes.append(contentsOf: scalar.utf8)
            } else {
                text.append(scalar)
            }
        }
    }

    private func isClosing(_ opening: StringOpening) -> Bool {
        guard peek() == opening.quote else { return false }
        return !opening.isTriple || (peek(1) == opening.quote && peek(2) == opening.quote)
    }

    private enum Escaped {
        case scalar(Unicode.Scalar)
        case byte(UInt8)
    }

    private mutating func escape(isBytes: Bool) throws(Fault) -> Escaped {
        let start = position
        guard let letter = peek(1) else {
            throw Fault(.syntax, "the text has no closing quote", offset: start)
        }
        position += 2
        if let scalar = Self.simpleEscapes[letter] {
            return isBytes ? .byte(UInt8(truncatingIfNeeded: scalar.value)) : .scalar(scalar)
        }
        let code: UInt32
        switch letter {
        case "x", "X":
            code = try digits(2, radix: 16, start: start)
        case "u" where !isBytes:
            code = try digits(4, radix: 16, start: start)
        case "U" where !isBytes:
            code = try digits(8, radix: 16, start: start)
        case "0"..."3":
            position -= 1
            code = try digits(3, radix: 8, start: start)
        default:
            throw Fault(
                .syntax,
                "'\\\(letter)' is no escape sequence\(isBytes ? " of bytes" : "")",
                offset: start
            )
        }
        if isBytes { return .byte(UInt8(truncatingIfNeeded: code)) }
        guard let scalar = Unicode.Scalar(code) else {
            throw Fault(.syntax, "the escape sequence names no Unicode character", offset: start)
        }
        return .scalar(scalar)
    }

    private mutating func digits(_ count: Int, radix: UInt32, start: Int) throws(Fault) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<count {
            guard let digit = peek()?.hexadecimalValue, digit < radix else {
                throw Fault(
                    .syntax,
                    "the escape sequence needs \(count) digits of base \(radix)",
                    offset: start
                )
            }
            value = value &* radix &+ digit
            position += 1
        }
        return value
    }

    private static let simpleEscapes: [Unicode.Scalar: Unicode.Scalar] = [
        "a": "\u{07}", "b": "\u{08}", "f": "\u{0C}", "n": "\n", "r": "\r", "t": "\t",
        "v": "\u{0B}", "\\": "\\", "?": "?", "\"": "\"", "'": "'", "`": "`",
    ]
}

extension Unicode.Scalar {
    fileprivate var utf8: [UInt8] { Array(String(self).utf8) }
}
