/// Reads the syntax of RE2 (its documentation, page "Syntax").
///
/// Left out, as RE2 leaves them out: back references and looking around. Left out besides: names of
/// scripts (`\p{Greek}`) and `\C`.
struct PatternParser {
    struct Flags {
        var foldsCase = false
        var isMultiline = false
        var dotMatchesNewline = false
        var isLazy = false
    }

    let scalars: [Unicode.Scalar]
    var position = 0
    var flags = Flags()
    private var depth = 0
    /// The groups that capture, so far.
    private(set) var groupCount = 0

    static func parse(_ source: String) throws(Fault) -> PatternTree {
        try parseCounting(source).tree
    }

    /// Reads a pattern and counts the groups that capture.
    static func parseCounting(
        _ source: String
    ) throws(Fault) -> (tree: PatternTree, groupCount: Int) {
        var parser = PatternParser(scalars: Array(source.unicodeScalars))
        let tree = try parser.alternatives()
        guard parser.position == parser.scalars.count else {
            throw parser.mistake("a ')' without '('")
        }
        return (tree, parser.groupCount)
    }

    private init(scalars: [Unicode.Scalar]) { self.scalars = scalars }

    func peek(_ distance: Int = 0) -> Unicode.Scalar? {
        position + distance < scalars.count ? scalars[position + distance] : nil
    }

    mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard peek() == scalar else { return false }
        position += 1
        return true
    }

    func mistake(_ text: String) -> Fault {
        Fault(
            .invalidArgument,
            "the regular expression has a mistake at character \(position + 1): \(text)"
        )
    }

    private mutating func alternatives() throws(Fault) -> PatternTree {
        depth += 1
        defer { depth -= 1 }
        guard depth <= LanguageLimits.regexDepthMax else {
            throw mistake("groups are nested deeper than \(LanguageLimits.regexDepthMax) levels")
        }
        var branches = [try sequence()]
        while take("|") { branches.append(try sequence()) }
        return branches.count == 1 ? branches[0] : .alternatives(branches)
    }

    private mutating func sequence() throws(Fault) -> PatternTree {
        var parts: [PatternTree] = []
        while let scalar = peek(), scalar != "|", scalar != ")" {
            if scalar == "\\", peek(1) == "Q" {
                position += 2
                parts += quoted()
                // A repetition after \E is one of the last character.
                if let last = parts.popLast() { parts.append(try repetitions(of: last)) }
                continue
            }
            let isEmptyQuote = scalar == "\\" && peek(1) == "E"
            guard !isEmptyQuote else {
                position += 2
                continue
            }
            parts.append(try repetitions(of: try atom()))
        }
        return parts.count == 1 ? parts[0] : .sequence(parts)
    }

    private mutating func quoted() -> [PatternTree] {
        var parts: [PatternTree] = []
        while let scalar = peek() {
            if scalar == "\\", peek(1) == "E" {
                position += 2
                break
            }
            parts.append(.scalar(ScalarSet(scalar, foldsCase: flags.foldsCase)))
            position += 1
        }
        return parts
    }

    private mutating func repetitions(of atom: PatternTree) throws(Fault) -> PatternTree {
        guard let (min, max) = try repetition() else { return atom }
        let isLazy = take("?") != flags.isLazy
        let start = position
        guard try repetition() == nil else {
            position = start
            throw mistake("a repetition of a repetition; put the inner one into (?:…)")
        }
        return .repetition(atom, min: min, max: max, isLazy: isLazy)
    }

    private mutating func repetition() throws(Fault) -> (min: Int, max: Int?)? {
        if take("*") { return (0, nil) }
        if take("+") { return (1, nil) }
        if take("?") { return (0, 1) }
        return try counts()
    }

    /// `{2}`, `{2,}` or `{2,5}`; any other brace stands for itself.
    private mutating func counts() throws(Fault) -> (min: Int, max: Int?)? {
        let start = position
        guard take("{") else { return nil }
        guard let min = number() else {
            position = start
            return nil
        }
        var max: Int? = min
        if take(",") { max = number() }
        guard take("}") else {
            position = start
            return nil
        }
        let limit = LanguageLimits.regexRepeatMax
        guard min <= limit, max ?? min <= limit, max ?? min >= min else {
            position = start
            throw mistake("the counts of a repetition must ascend and be at most \(limit)")
        }
        return (min, max)
    }

    private mutating func number() -> Int? {
        var value: Int?
        while let scalar = peek(), scalar.isDigit {
            value = Swift.min((value ?? 0) * 10 + Int(scalar.value) - 48, 1_000_000)
            position += 1
        }
        return value
    }

    private mutating func atom() throws(Fault) -> PatternTree {
        guard let scalar = peek() else { return .empty }
        switch scalar {
        case "*", "+", "?":
            throw mistake("nothing stands before '\(scalar)' that it could repeat")
        case "(":
            position += 1
            return try group()
        case "[":
            position += 1
            return .scalar(try characterClass())
        case ".":
            position += 1
            return .scalar(
                ScalarSet(ranges: flags.dotMatchesNewline ? [] : [10...10], isNegated: true)
            )
        case "^":
            position += 1
            return .assertion(flags.isMultiline ? .lineStart : .textStart)
        case "$":
            position += 1
            return .assertion(flags.isMultiline ? .lineEnd : .textEnd)
        case "\\":
            position += 1
            return try escape()
        default:
            position += 1
            return .scalar(ScalarSet(scalar, foldsCase: flags.foldsCase))
        }
    }

    private mutating func escape() throws(Fault) -> PatternTree {
        switch peek() {
        case "A":
            position += 1
            return .assertion(.textStart)
        case "z":
            position += 1
            return .assertion(.textEnd)
        case "b":
            position += 1
            return .assertion(.wordBoundary)
        case "B":
            position += 1
            return .assertion(.noWordBoundary)
        default:
            var set = ScalarSet()
            if try classEscape(&set) {
                set.foldsCase = flags.foldsCase
                set.seal()
                return .scalar(set)
            }
            return .scalar(ScalarSet(try escapedScalar(), foldsCase: flags.foldsCase))
        }
    }

    private mutating func group() throws(Fault) -> PatternTree {
        let outer = flags
        var number: Int?
        if take("?") {
            if peek() == "P" || (peek() == "<" && peek(1) != "=" && peek(1) != "!") {
                try groupName()
                number = newGroup()
            } else if try flagLetters() {
                // Flags alone hold until the end of the group around them.
                return .empty
            }
        } else {
            number = newGroup()
        }
        let tree = try alternatives()
        guard take(")") else { throw mistake("a '(' without ')'") }
        flags = outer
        return number.map { .group(tree, $0) } ?? tree
    }

    private mutating func newGroup() -> Int {
        groupCount += 1
        return groupCount
    }

    private mutating func groupName() throws(Fault) {
        _ = take("P")
        guard take("<") else { throw mistake("a group's name is written (?P<name>…)") }
        var length = 0
        while let scalar = peek(), scalar.isIdentifierStart || scalar.isDigit {
            position += 1
            length += 1
        }
        guard length > 0, take(">") else {
            throw mistake("a group's name is written (?P<name>…)")
        }
    }

    /// Reads `i`, `m`, `s`, `U` and `-` up to `:` or `)`; true if the group ends here.
    private mutating func flagLetters() throws(Fault) -> Bool {
        var isOn = true
        while let scalar = peek() {
            position += 1
            switch scalar {
            case "i": flags.foldsCase = isOn
            case "m": flags.isMultiline = isOn
            case "s": flags.dotMatchesNewline = isOn
            case "U": flags.isLazy = isOn
            case "-": isOn = false
            case ":": return false
            case ")": return true
            case "=", "!", "<":
                throw mistake("looking ahead or behind is not possible")
            default: throw mistake("'\(scalar)' is no flag; i, m, s and U are")
            }
        }
        throw mistake("a '(' without ')'")
    }
}
