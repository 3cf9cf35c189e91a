/// Checks the source of one template and translates it to what Stencil handles well.
///
/// Stencil takes unclosed tags and blocks silently, splits quoted text at the wrong places, and
/// trims only around `{% %}`. So tags are found, matched and trimmed here; literals become
/// constants such as `$0`; expressions become chains of filters; every output goes through `$out`,
/// which escapes; and `$spend` tags account for the plain text, so that no loop makes it endless.
struct TemplateSource {
    /// A template that Stencil can be given.
    struct Checked: Sendable {
        var text: String
        /// Where the tags stand in the source, by what became of them.
        var places: [String: TemplatePlace]
        var references: [(name: String, place: TemplatePlace)]
    }

    /// A tag that waits for its end.
    private struct Open {
        var tag: String
        var place: TemplatePlace
        var isAfterElse = false
        /// The piece that will say how many bytes of text stand here; nil if the tag around counts.
        var spendIndex: Int?
        var textBytes = 0
    }

    /// Those of the templates so far and of this one.
    private(set) var constants: [TemplateConstant]
    private let name: String
    private let names: Set<String>
    private let limits: TemplateLimits
    private let source: [Unicode.Scalar]
    private var index = 0
    /// Where the text after the tag begins.
    private var tagEnd = 0
    private var place = TemplatePlace(line: 1, column: 1)
    private var isTrimming = false
    private var pieces: [String] = []
    private var open: [Open] = []
    private var blocks: Set<String> = []
    private var result = Checked(text: "", places: [:], references: [])

    init(
        _ text: String,
        _ name: String,
        _ names: Set<String>,
        _ limits: TemplateLimits,
        _ constants: [TemplateConstant]
    ) {
        // As in Jinja a newline is \n, whatever it is in the file.
        source = Array(text.replacing("\r\n", with: "\n").unicodeScalars)
        self.name = name
        self.names = names
        self.limits = limits
        self.constants = constants
    }

    mutating func checked() throws(TemplateError) -> Checked {
        do throws(TemplateFailure) {
            guard source.count <= limits.sourceBytesMax else {
                let message = "a template has at most \(limits.sourceBytesMax) characters"
                throw TemplateFailure(.limit, message)
            }
            try begin("")
            while index < source.count { try next() }
            if let last = open.last, open.count > 1 {
                place = last.place
                throw .syntax("the tag '\(last.tag)' is not closed; write {% end\(last.tag) %}")
            }
            try end("")
        } catch {
            throw place.error(error.code, error.message, in: name)
        }
        result.text = pieces.joined()
        return result
    }

    /// The text up to the next tag, and the tag.
    private mutating func next() throws(TemplateFailure) {
        let start = find(index) { two in two == "{{" || two == "{%" || two == "{#" }
        let mark = start.flatMap { source.indices.contains($0 + 2) ? source[$0 + 2] : nil }
        emit(text: source[index..<(start ?? source.count)], isTrimmedAtEnd: mark == "-")
        advance(to: start ?? source.count)
        guard let start else { return }
        let opening = String(String.UnicodeScalarView(source[start...].prefix(2)))
        let closing = opening == "{{" ? "}}" : opening == "{%" ? "%}" : "#}"
        let isMarked = mark == "-" || (mark == "+" && opening == "{%")
        let first = start + (isMarked ? 3 : 2)
        guard let end = find(first, isQuoting: opening != "{#", where: { $0 == closing }) else {
            throw .syntax("'\(opening)' is not closed; write '\(closing)' after it")
        }
        tagEnd = end + 2
        var inside = source[first..<end]
        if let last = inside.last, last == "-" || (last == "+" && opening == "{%") {
            inside.removeLast()
            isTrimming = last == "-"
        }
        switch opening {
        case "{{": try output(inside)
        case "{%": try tag(inside)
        default: break
        }
        advance(to: tagEnd)
    }

    private func find(
        _ start: Int,
        isQuoting: Bool = false,
        where isWanted: (String) -> Bool
    ) -> Int? {
        var quote: Unicode.Scalar?
        var index = start
        while index + 1 < source.count {
            let scalar = source[index]
            if let open = quote {
                if scalar == "\\" { index += 1 }
                if scalar == open { quote = nil }
            } else if isQuoting, scalar == "'" || scalar == "\"" {
                quote = scalar
            } else if isWanted("\(scalar)\(source[index + 1])") {
                return index
            }
            index += 1
        }
        return nil
    }

    private mutating func advance(to end: Int) {
        for scalar in source[index..<end] {
            place.column += 1
            if scalar == "\n" { place = TemplatePlace(line: place.line + 1, column: 1) }
        }
        index = end
    }

    private mutating func emit(
        text: ArraySlice<Unicode.Scalar>,
        isTrimmedAtEnd: Bool,
        isRaw: Bool = false
    ) {
        var text = text
        if isTrimming { text = text.drop { $0.properties.isWhitespace } }
        isTrimming = false
        if isTrimmedAtEnd {
            while text.last?.properties.isWhitespace == true { text.removeLast() }
        }
        let plain = String(String.UnicodeScalarView(text))
        open[open.count - 1].textBytes += plain.utf8.count
        // Beside a tag this brace would open another one.
        guard isRaw || plain.hasSuffix("{") else { return pieces.append(plain) }
        constants.append(.text(plain))
        pieces.append("{{ $\(constants.count - 1) }}")
    }

    private mutating func emit(tag: String, at place: TemplatePlace? = nil) {
        result.places[tag] = result.places[tag] ?? place ?? self.place
        pieces.append("{% \(tag) %}")
    }

    private mutating func output(_ inside: ArraySlice<Unicode.Scalar>) throws(TemplateFailure) {
        var expression = try TemplateExpression(inside, constants, limits)
        var text = try expression.any() + "|$out"
        if expression.take("if") {
            text += " if \(try expression.any())|$true"
            if expression.take("else") { text += " else \(try expression.any())|$out" }
        }
        try finish(expression)
        result.places[text] = result.places[text] ?? place
        pieces.append("{{ \(text) }}")
    }

    private mutating func finish(_ expression: TemplateExpression) throws(TemplateFailure) {
        try expression.expectEnd()
        constants = expression.constants
    }

    private mutating func begin(_ tag: String, isCounting: Bool = true) throws(TemplateFailure) {
        guard open.count <= limits.nestingMax else {
            throw TemplateFailure(.limit, "more than \(limits.nestingMax) tags within each other")
        }
        open.append(Open(tag: tag, place: place, spendIndex: isCounting ? pieces.count : nil))
        if isCounting { pieces.append("") }
    }

    @discardableResult
    private mutating func end(_ tag: String) throws(TemplateFailure) -> TemplatePlace {
        guard let last = open.last, last.tag == tag else {
            let wanted = open.last.map { $0.tag.isEmpty ? "nothing" : "'end\($0.tag)'" }
            throw .syntax("'end\(tag)' closes nothing; \(wanted ?? "nothing") is wanted here")
        }
        open.removeLast()
        if let spendIndex = last.spendIndex {
            pieces[spendIndex] = "{% $spend \(last.textBytes) %}"
        }
        // What a loop shows for an empty list counts around it.
        if last.spendIndex == nil || last.isAfterElse {
            open[open.count - 1].textBytes += last.textBytes
        }
        return last.place
    }

    private static let tags = [
        "if", "ifnot", "elif", "else", "endif", "for", "empty", "endfor", "block", "endblock",
        "include", "extends", "raw",
    ]

    private mutating func tag(_ inside: ArraySlice<Unicode.Scalar>) throws(TemplateFailure) {
        var expression = try TemplateExpression(inside, constants, limits)
        let tag = try expression.name("the name of a tag", isTag: true)
        switch tag {
        case "if", "ifnot":
            try begin("if", isCounting: false)
            emit(tag: "if \(try expression.any())|\(tag == "if" ? "" : "$not|")$true")
        case "elif":
            try turn(in: ["if"], isElse: false)
            emit(tag: "elif \(try expression.any())|$true")
        case "else":
            emit(tag: try turn(in: ["if", "for"], isElse: true) == "if" ? "else" : "empty")
        case "empty": emit(tag: try turn(in: ["for"], isElse: true) == "for" ? "empty" : "else")
        case "endif":
            try end("if")
            emit(tag: "endif")
        case "for": try loop(&expression)
        case "endfor":
            let start = try end("for")
            // Stencil reports a loop by its end.
            emit(tag: "endfor \(start.line).\(start.column)", at: start)
        case "block": try block(&expression)
        case "endblock":
            _ = try? expression.name("")
            try end("block")
            emit(tag: "endblock")
        case "include", "extends": try reference(tag, &expression)
        case "raw":
            try finish(expression)
            return try raw()
        default: throw .unknown("tag", tag, among: Self.tags)
        }
        try finish(expression)
    }

    @discardableResult
    private mutating func turn(
        in tags: [String],
        isElse: Bool
    ) throws(TemplateFailure) -> String {
        guard let last = open.last, tags.contains(last.tag), !last.isAfterElse else {
            throw .syntax("this can stand only in '\(tags[0])' and before its 'else'")
        }
        open[open.count - 1].isAfterElse = isElse
        return last.tag
    }

    private mutating func loop(_ expression: inout TemplateExpression) throws(TemplateFailure) {
        var variables = [try expression.name("a loop's variable")]
        while expression.take(",") { variables.append(try expression.name("a loop's variable")) }
        guard expression.take("in") else { throw .syntax("write 'for name in list'") }
        var text = "for \(variables.joined(separator: ",")) in \(try expression.any())|$each:"
        text += variables.joined(separator: ",")
        if expression.take("if") || expression.take("where") {
            text += " where \(try expression.any())|$true"
        }
        emit(tag: text)
        try begin("for")
    }

    private mutating func block(_ expression: inout TemplateExpression) throws(TemplateFailure) {
        let block = try expression.name("the name of a block")
        guard blocks.insert(block).inserted else {
            throw .syntax("the block '\(block)' is here twice; rename one")
        }
        // Stencil fills a block once and shows its default content after that.
        guard !open.contains(where: { $0.tag == "for" }) else {
            throw .syntax("a block cannot stand in a loop; put the loop into the block")
        }
        emit(tag: "block \(block)")
        try begin("block")
    }

    private mutating func reference(
        _ tag: String,
        _ expression: inout TemplateExpression
    ) throws(TemplateFailure) {
        let target = try expression.text("the name of a template in quotes")
        var isOptional = false
        if tag == "include" {
            isOptional = expression.take("ignore", "missing")
            _ = expression.take("with", "context")
        } else if open.count > 1 {
            throw .syntax("'extends' cannot stand within another tag")
        }
        guard !isOptional || names.contains(target) else { return }
        result.references.append((target, place))
        emit(tag: "\(tag) \(expression.hoist(.text(target)))")
    }

    private mutating func raw() throws(TemplateFailure) {
        var close = tagEnd
        while let start = find(close, where: { $0 == "{%" }) {
            let end = find(start, where: { $0 == "%}" }) ?? source.count
            let words = String(String.UnicodeScalarView(source[(start + 2)..<end]))
            if words.split(whereSeparator: { $0.isWhitespace || "-+".contains($0) }) == ["endraw"] {
                emit(
                    text: source[tagEnd..<start],
                    isTrimmedAtEnd: words.hasPrefix("-"),
                    isRaw: true
                )
                isTrimming = words.hasSuffix("-")
                tagEnd = end + 2
                return
            }
            close = start + 2
        }
        throw .syntax("'raw' is not closed; write {% endraw %}")
    }
}
