import CEL

/// Turns a regular expression of ECMA-262 (with its flag `u`), as `pattern` holds it, into one of
/// RE2.
///
/// What takes more than linear time does not exist: looking around and references back are refused.
struct ECMAPattern {
    /// Why a pattern is refused.
    struct Failure: Error {
        var reason: String
    }

    private let scalars: [Unicode.Scalar]
    private var position = 0
    private var output = ""

    private init(_ source: String) { scalars = Array(source.unicodeScalars) }

    /// The same pattern in the syntax of RE2.
    static func translate(_ source: String) throws(Failure) -> String {
        var translator = ECMAPattern(source)
        while let scalar = translator.next() { try translator.part(scalar) }
        return translator.output
    }

    private func peek(_ distance: Int = 0) -> Unicode.Scalar? {
        position + distance < scalars.count ? scalars[position + distance] : nil
    }

    private mutating func next() -> Unicode.Scalar? {
        guard position < scalars.count else { return nil }
        defer { position += 1 }
        return scalars[position]
    }

    private mutating func write(_ scalar: Unicode.Scalar) { output.unicodeScalars.append(scalar) }

    private mutating func part(_ scalar: Unicode.Scalar) throws(Failure) {
        switch scalar {
        case ".": output += "[^\\n\\r\\x{2028}\\x{2029}]"
        case "[": try characterClass()
        case "\\": try escape()
        case "(" where peek() == "?":
            let isName = peek(1) == "<" && peek(2) != "=" && peek(2) != "!"
            guard isName || peek(1) == ":" else {
                let isFlag = peek(1) != "=" && peek(1) != "!" && peek(1) != "<"
                throw Failure(
                    reason: isFlag
                        ? "'(?' begins no group here; write (?:…) or (?<name>…)"
                        : "looking ahead or behind is not possible; use 'allOf', 'not' or a second "
                            + "pattern"
                )
            }
            write(scalar)
        default: write(scalar)
        }
    }

    private mutating func escape() throws(Failure) {
        guard let letter = next() else { throw Failure(reason: "nothing follows the last '\\'") }
        switch letter {
        case "s": output += "[\(Self.space)]"
        case "S": output += "[^\(Self.space)]"
        case "b", "B", "d", "D", "w", "W", "p", "P": try classLetter(letter, isInClass: false)
        case "k": throw Failure(reason: "references back to a group are not possible")
        default: try character(letter)
        }
    }

    private mutating func characterClass() throws(Failure) {
        let isNegated = peek() == "^"
        if isNegated { position += 1 }
        if peek() == "]" {
            // `[]` is nothing and `[^]` everything; in RE2 the bracket would be a member.
            position += 1
            output += isNegated ? "[\\x{0}-\\x{10FFFF}]" : "[^\\x{0}-\\x{10FFFF}]"
            return
        }
        output += isNegated ? "[^" : "["
        while let scalar = next() {
            switch scalar {
            case "]":
                write("]")
                return
            case "[": output += "\\["
            case "\\": try classEscape()
            default: write(scalar)
            }
        }
        throw Failure(reason: "a '[' without ']'")
    }

    private mutating func classEscape() throws(Failure) {
        guard let letter = next() else { throw Failure(reason: "nothing follows the last '\\'") }
        switch letter {
        case "s": output += Self.space
        case "S": output += Self.noSpace
        case "b": output += "\\x{8}"
        case "d", "D", "w", "W", "p", "P": try classLetter(letter, isInClass: true)
        default: try character(letter)
        }
    }

    private mutating func classLetter(
        _ letter: Unicode.Scalar,
        isInClass: Bool
    ) throws(Failure) {
        guard letter == "p" || letter == "P" else {
            write("\\")
            write(letter)
            return
        }
        guard next() == "{" else {
            throw Failure(reason: "a property is written \\p{L} or \\p{Letter}")
        }
        var name = ""
        while let scalar = next(), scalar != "}" { name.unicodeScalars.append(scalar) }
        if let category = UnicodePropertyNames.category(name) {
            output += "\\\(letter){\(category)}"
        } else if name == "ASCII" {
            let isMember = letter == "p"
            let ranges = isMember ? "\\x{0}-\\x{7F}" : "\\x{80}-\\x{10FFFF}"
            output += isInClass ? ranges : "[\(ranges)]"
        } else {
            throw Failure(
                reason:
                    "'\(name)' is no general category of Unicode; L, Letter, Lu, Nd and ASCII are"
            )
        }
    }

    /// A character behind a backslash that stands for itself or for one that is hard to write.
    private mutating func character(_ letter: Unicode.Scalar) throws(Failure) {
        switch letter {
        case "f", "n", "r", "t", "v":
            write("\\")
            write(letter)
        case "0":
            guard !isDigit(peek()) else {
                throw Failure(reason: "octal escapes are not possible; write \\x41 or \\u0041")
            }
            output += "\\x{0}"
        case "1"..."9": throw Failure(reason: "references back to a group are not possible")
        case "c":
            guard let control = next(), control.isASCII, control.properties.isAlphabetic else {
                throw Failure(reason: "a letter must follow \\c")
            }
            hexadecimal(control.value % 32)
        case "x": hexadecimal(try number(digits: 2))
        case "u": try unicodeEscape()
        default:
            let isWord = letter.properties.isAlphabetic || isDigit(letter)
            guard !isWord else { throw Failure(reason: "'\\\(letter)' has no meaning") }
            hexadecimal(letter.value)
        }
    }

    private func isDigit(_ scalar: Unicode.Scalar?) -> Bool {
        scalar.map { ("0"..."9").contains($0) } ?? false
    }

    private mutating func unicodeEscape() throws(Failure) {
        if peek() == "{" {
            position += 1
            var value: UInt32 = 0
            while let digit = next(), digit != "}" {
                guard let number = Self.digit(digit), value < 0x11_0000 else {
                    throw Failure(reason: "a character by number is written \\u0041 or \\u{1F600}")
                }
                value = value * 16 + number
            }
            hexadecimal(value)
            return
        }
        let first = try number(digits: 4)
        guard (0xD800..<0xDC00).contains(first), peek() == "\\", peek(1) == "u" else {
            hexadecimal(first)
            return
        }
        position += 2
        let second = try number(digits: 4)
        guard (0xDC00..<0xE000).contains(second) else {
            throw Failure(reason: "half a surrogate pair")
        }
        hexadecimal(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    }

    private mutating func number(digits: Int) throws(Failure) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<digits {
            guard let digit = next().flatMap(Self.digit) else {
                throw Failure(reason: "\(digits) hexadecimal digits must follow")
            }
            value = value * 16 + digit
        }
        return value
    }

    private static func digit(_ scalar: Unicode.Scalar) -> UInt32? {
        guard scalar.isASCII, let value = Character(scalar).hexDigitValue else { return nil }
        return UInt32(value)
    }

    private mutating func hexadecimal(_ value: UInt32) {
        output += "\\x{\(String(value, radix: 16))}"
    }

    /// What `\s` means: white space and ends of lines (ECMA-262, WhiteSpace and LineTerminator).
    private static let space =
        "\\t-\\r \\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}"
        + "\\x{feff}"
    private static let noSpace =
        "\\x{0}-\\x{8}\\x{e}-\\x{1f}!-\\x{9f}\\x{a1}-\\x{167f}\\x{1681}-\\x{1fff}"
        + "\\x{200b}-\\x{2027}\\x{202a}-\\x{202e}\\x{2030}-\\x{205e}\\x{2060}-\\x{2fff}"
        + "\\x{3001}-\\x{fefe}\\x{ff00}-\\x{10ffff}"
}

/// The names of Unicode's general categories, short and long.
enum UnicodePropertyNames {
    /// The short name of a category that is written `L`, `Letter`, `gc=Letter`,
    /// `General_Category=Letter`; nil if it is none.
    static func category(_ name: String) -> String? {
        var name = name[...]
        for prefix in ["General_Category=", "gc="] where name.hasPrefix(prefix) {
            name = name.dropFirst(prefix.count)
        }
        if name == "Any" { return "Any" }
        let known = String(name)
        return long[known] ?? (long.values.contains(known) ? known : nil)
    }

    private static let long = [
        "Letter": "L", "Uppercase_Letter": "Lu", "Lowercase_Letter": "Ll",
        "Titlecase_Letter": "Lt", "Modifier_Letter": "Lm", "Other_Letter": "Lo", "Mark": "M",
        "Combining_Mark": "M", "Nonspacing_Mark": "Mn", "Spacing_Mark": "Mc",
        "Enclosing_Mark": "Me", "Number": "N", "Decimal_Number": "Nd", "digit": "Nd",
        "Letter_Number": "Nl", "Other_Number": "No", "Punctuation": "P", "punct": "P",
        "Connector_Punctuation": "Pc", "Dash_Punctuation": "Pd", "Open_Punctuation": "Ps",
        "Close_Punctuation": "Pe", "Initial_Punctuation": "Pi", "Final_Punctuation": "Pf",
        "Other_Punctuation": "Po", "Symbol": "S", "Math_Symbol": "Sm", "Currency_Symbol": "Sc",
        "Modifier_Symbol": "Sk", "Other_Symbol": "So", "Separator": "Z",
        "Space_Separator": "Zs", "Line_Separator": "Zl", "Paragraph_Separator": "Zp",
        "Other": "C", "Control": "Cc", "cntrl": "Cc", "Format": "Cf", "Surrogate": "Cs",
        "Private_Use": "Co",
    ]
}
