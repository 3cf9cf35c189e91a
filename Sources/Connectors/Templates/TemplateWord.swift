import EventModel

/// A word of what stands in a tag.
enum TemplateWord: CustomStringConvertible {
    case name(String)
    case constant(Value)
    case symbol(String)

    static let reserved: Set = ["and", "or", "not", "in", "is", "if", "else"]

    private static let constants: [String: Value] = [
        "true": true, "True": true, "false": false, "False": false, "none": .null, "None": .null,
    ]
    private static let symbols = [
        "...", "==", "!=", "<=", ">=", "<", ">", "(", ")", "[", "]", "|", ":", ",", ".", "=", "~",
    ]

    /// Nil for a literal.
    var plain: String? {
        switch self {
        case .name(let text), .symbol(let text): text
        case .constant: nil
        }
    }

    /// What it is after a full stop.
    var member: String? {
        switch self {
        case .name(let name): name
        case .constant(.int(let number)): "\(number)"
        case .constant, .symbol: nil
        }
    }

    var description: String {
        switch self {
        case .name(let text), .symbol(let text): "'\(text)'"
        case .constant(let value): "'\(TemplateValue(value).text)'"
        }
    }

    static func words(_ text: ArraySlice<Unicode.Scalar>) throws(TemplateFailure) -> [TemplateWord]
    {
        var words: [TemplateWord] = []
        var rest = text
        func take(while isWanted: (Unicode.Scalar) -> Bool) -> String {
            let taken = rest.prefix(while: isWanted)
            rest = rest.dropFirst(taken.count)
            return String(String.UnicodeScalarView(taken))
        }
        while let first = rest.first {
            if first.properties.isWhitespace {
                rest.removeFirst()
            } else if first == "\"" || first == "'" {
                words.append(.constant(.string(try quoted(&rest))))
            } else if isDigit(first)
                || (first == "-" && rest.dropFirst().first.map(isDigit) == true)
            {
                rest.removeFirst()
                var number = String(first) + take(while: isDigit)
                let isMember = words.last?.plain == "."
                if !isMember, rest.first == ".", rest.dropFirst().first.map(isDigit) == true {
                    rest.removeFirst()
                    number += "." + take(while: isDigit)
                }
                let value =
                    Int64(number).map { Value.int($0) } ?? Double(number).map { .double($0) }
                words.append(.constant(value ?? .null))
            } else if isLetter(first) {
                let name = take { isLetter($0) || isDigit($0) }
                let isMember = words.last?.plain == "."
                words.append(
                    isMember ? .name(name) : constants[name].map { .constant($0) } ?? .name(name)
                )
            } else if let symbol = symbols.first(where: { rest.starts(with: $0.unicodeScalars) }) {
                rest = rest.dropFirst(symbol.utf8.count)
                words.append(.symbol(symbol))
            } else {
                throw .syntax("'\(first)' has no meaning here")
            }
        }
        return words
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "_" || scalar.properties.isAlphabetic
    }

    private static func quoted(
        _ rest: inout ArraySlice<Unicode.Scalar>
    ) throws(TemplateFailure) -> String {
        let quote = rest.removeFirst()
        var text = String.UnicodeScalarView()
        while let scalar = rest.popFirst() {
            if scalar == quote { return String(text) }
            guard scalar == "\\", let escaped = rest.popFirst() else {
                text.append(scalar)
                continue
            }
            switch escaped {
            case "n": text.append("\n")
            case "t": text.append("\t")
            case "\\", "'", "\"": text.append(escaped)
            default: text.append(contentsOf: [scalar, escaped])
            }
        }
        throw .syntax("a text in quotes is not closed")
    }
}
