extension Lexer {
    /// Reads an integer, hexadecimal integer, unsigned integer or double.
    mutating func number() throws(Fault) -> Token.Kind {
        let start = position
        if peek() == "0", peek(1) == "x" || peek(1) == "X" {
            position += 2
            let digits = position
            while let scalar = peek(), scalar.hexadecimalValue != nil { position += 1 }
            guard position > digits else {
                throw Fault(.syntax, "a hexadecimal number needs digits after 0x", offset: start)
            }
            return try integer(text(digits..<position), radix: 16, start: start)
        }
        skipDigits()
        var isDouble = false
        if peek() == ".", peek(1)?.isDigit == true {
            isDouble = true
            position += 1
            skipDigits()
        }
        if peek() == "e" || peek() == "E" {
            let signs = peek(1) == "+" || peek(1) == "-" ? 2 : 1
            if peek(signs)?.isDigit == true {
                isDouble = true
                position += signs
                skipDigits()
            }
        }
        guard isDouble else { return try integer(text(start..<position), radix: 10, start: start) }
        try endOfNumber(start)
        guard let value = Double(text(start..<position)), value.isFinite else {
            throw Fault(.syntax, "the number is outside the range of a double", offset: start)
        }
        return .double(value)
    }

    private mutating func skipDigits() {
        while let scalar = peek(), scalar.isDigit { position += 1 }
    }

    private mutating func integer(
        _ digits: String,
        radix: Int,
        start: Int
    ) throws(Fault) -> Token.Kind {
        let isUnsigned = peek() == "u" || peek() == "U"
        if isUnsigned { position += 1 }
        try endOfNumber(start)
        guard let value = UInt64(digits, radix: radix) else {
            throw Fault(.syntax, "the number does not fit into 64 bits", offset: start)
        }
        return isUnsigned ? .uint(value) : .int(value)
    }

    /// A letter right after a number is a typing mistake, never the next word.
    private func endOfNumber(_ start: Int) throws(Fault) {
        guard let scalar = peek(), scalar.isIdentifierStart else { return }
        throw Fault(.syntax, "a number cannot go on with '\(scalar)'", offset: position)
    }
}
