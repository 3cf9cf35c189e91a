extension PatternParser {
    /// Reads what stands between `[` and `]`.
    mutating func characterClass() throws(Fault) -> ScalarSet {
        let start = position
        var set = ScalarSet()
        set.foldsCase = flags.foldsCase
        set.isNegated = take("^")
        var isFirst = true
        while true {
            guard let scalar = peek() else {
                position = start
                throw mistake("a '[' without ']'")
            }
            if scalar == "]", !isFirst {
                position += 1
                break
            }
            isFirst = false
            if scalar == "[", peek(1) == ":" {
                if try namedClass(&set) { continue }
            }
            if scalar == "\\" {
                position += 1
                if try classEscape(&set) { continue }
                position -= 1
            }
            try range(&set)
        }
        set.seal()
        return set
    }

    private mutating func range(_ set: inout ScalarSet) throws(Fault) {
        let low = try classScalar()
        guard peek() == "-", let after = peek(1), after != "]" else {
            set.insert(low.value...low.value)
            return
        }
        position += 1
        let high = try classScalar()
        guard low <= high else { throw mistake("the range '\(low)-\(high)' goes backwards") }
        set.insert(low.value...high.value)
    }

    private mutating func classScalar() throws(Fault) -> Unicode.Scalar {
        guard let scalar = peek() else { throw mistake("a '[' without ']'") }
        position += 1
        return scalar == "\\" ? try escapedScalar() : scalar
    }

    /// `[:alpha:]` and the like, negated as `[:^alpha:]`; false if it is none.
    private mutating func namedClass(_ set: inout ScalarSet) throws(Fault) -> Bool {
        var end = position + 2
        while end + 1 < scalars.count, scalars[end] != ":" { end += 1 }
        guard end + 1 < scalars.count, scalars[end + 1] == "]" else { return false }
        var name = String(String.UnicodeScalarView(scalars[position + 2..<end]))
        let isNegated = name.hasPrefix("^")
        if isNegated { name.removeFirst() }
        guard let ranges = Self.namedClasses[name] else {
            throw mistake("there is no class [:\(name):]")
        }
        set.insert(ScalarSet(ranges: ranges, isNegated: isNegated))
        position = end + 2
        return true
    }

    /// Adds `\d`, `\pL` and the like behind a backslash; false if it is none of them.
    mutating func classEscape(_ set: inout ScalarSet) throws(Fault) -> Bool {
        switch peek() {
        case "d": set.insert(ScalarSet(ranges: Self.digits))
        case "D": set.insert(ScalarSet(ranges: Self.digits, isNegated: true))
        case "w": set.insert(ScalarSet(ranges: Self.word))
        case "W": set.insert(ScalarSet(ranges: Self.word, isNegated: true))
        case "s": set.insert(ScalarSet(ranges: Self.space))
        case "S": set.insert(ScalarSet(ranges: Self.space, isNegated: true))
        case "p": return try category(&set, isNegated: false)
        case "P": return try category(&set, isNegated: true)
        default: return false
        }
        position += 1
        return true
    }

    private mutating func category(
        _ set: inout ScalarSet,
        isNegated: Bool
    ) throws(Fault) -> Bool {
        position += 1
        var isNegated = isNegated
        var name = ""
        if take("{") {
            if take("^") { isNegated.toggle() }
            while let scalar = peek(), scalar != "}" {
                name.unicodeScalars.append(scalar)
                position += 1
            }
            guard take("}") else { throw mistake("'\\p{' has no '}'") }
        } else if let scalar = peek() {
            name.unicodeScalars.append(scalar)
            position += 1
        }
        guard let category = ScalarCategory(name) else {
            throw mistake("'\(name)' is no general category of Unicode; L, Lu and Nd are")
        }
        set.insert(category, isNegated: isNegated)
        return true
    }

    /// The scalar that an escape names, from behind its backslash.
    mutating func escapedScalar() throws(Fault) -> Unicode.Scalar {
        guard let letter = peek() else { throw mistake("nothing follows the last '\\'") }
        position += 1
        switch letter {
        case "a": return "\u{07}"
        case "f": return "\u{0C}"
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "v": return "\u{0B}"
        case "x": return try hexadecimal()
        case "0"..."7":
            // \1 alone would be a back reference.
            if letter != "0", !("0"..."7").contains(peek() ?? "x") {
                throw mistake("references back to a group are not possible")
            }
            var value = letter.value - 48
            for _ in 0..<2 {
                guard let digit = peek(), ("0"..."7").contains(digit) else { break }
                value = value * 8 + digit.value - 48
                position += 1
            }
            guard let scalar = Unicode.Scalar(value) else { throw mistake("no such character") }
            return scalar
        case "8", "9": throw mistake("references back to a group are not possible")
        default:
            guard !letter.isIdentifierStart || letter == "_", letter.isASCII else {
                throw mistake("'\\\(letter)' has no meaning")
            }
            return letter
        }
    }

    private mutating func hexadecimal() throws(Fault) -> Unicode.Scalar {
        var value: UInt32 = 0
        var count = 0
        let isBraced = take("{")
        while count < (isBraced ? 8 : 2), let digit = peek()?.hexadecimalValue {
            value = value &* 16 &+ digit
            count += 1
            position += 1
        }
        let isComplete = isBraced ? count > 0 && take("}") : count == 2
        guard isComplete, let scalar = Unicode.Scalar(value) else {
            throw mistake("a character by number is written \\x41 or \\x{1F600}")
        }
        return scalar
    }

    private static let digits: [ClosedRange<UInt32>] = [48...57]
    private static let word: [ClosedRange<UInt32>] = [48...57, 65...90, 95...95, 97...122]
    private static let space: [ClosedRange<UInt32>] = [9...10, 12...13, 32...32]

    private static let namedClasses: [String: [ClosedRange<UInt32>]] = [
        "alnum": [48...57, 65...90, 97...122], "alpha": [65...90, 97...122], "ascii": [0...127],
        "blank": [9...9, 32...32], "cntrl": [0...31, 127...127], "digit": digits,
        "graph": [33...126], "lower": [97...122], "print": [32...126],
        "punct": [33...47, 58...64, 91...96, 123...126], "space": [9...13, 32...32],
        "upper": [65...90], "word": word, "xdigit": [48...57, 65...70, 97...102],
    ]
}
