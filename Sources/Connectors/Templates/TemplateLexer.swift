/// Where something stands in a template.
struct TemplatePlace: Sendable, Hashable {
    var template: String
    var line: Int
    var column: Int

    func error(_ code: TemplateError.Code, _ message: String) -> TemplateError {
        TemplateError(code, message, template: template, line: line, column: column)
    }
}

/// A word of an expression.
struct TemplateToken: Sendable {
    enum Kind: Sendable, Hashable {
        case name(String)
        case string(String)
        case integer(Int64)
        case float(Double)
        case symbol(String)
    }

    var kind: Kind
    var place: TemplatePlace
}

/// A stretch of a template's source.
enum TemplatePiece: Sendable {
    case text(String)
    /// `{{ … }}`
    case output([TemplateToken], TemplatePlace)
    /// `{% … %}`
    case tag([TemplateToken], TemplatePlace)
}

/// Cuts a source into text, outputs and tags (Jinja 3's lexical rules, default delimiters).
///
/// Comments vanish here, and so does the space that a `-` at a delimiter takes away.
struct TemplateLexer {
    private let source: [Unicode.Scalar]
    private let template: String
    private var index = 0
    private var pieces: [TemplatePiece] = []
    private var trimsNextText = false
    /// Places are asked for in ascending order, so lines are counted only once.
    private var countedIndex = 0
    private var line = 1
    private var lineStart = 0

    init(_ text: String, template: String) {
        // As Jinja does: CR LF and a lone CR are line ends like LF.
        var source: [Unicode.Scalar] = []
        var previous: Unicode.Scalar = " "
        for scalar in text.unicodeScalars {
            if scalar == "\r" {
                source.append("\n")
            } else if !(scalar == "\n" && previous == "\r") {
                source.append(scalar)
            }
            previous = scalar
        }
        self.source = source
        self.template = template
    }

    mutating func cut() throws(TemplateError) -> [TemplatePiece] {
        while index < source.count {
            let start = nextDelimiter()
            let isTrimmed = start + 2 < source.count && source[start + 2] == "-"
            addText(upTo: start, trimsEnd: isTrimmed)
            guard start < source.count else { break }
            let here = place(start)
            let opening = source[start + 1]
            index = start + 2
            if index < source.count, source[index] == "-" || source[index] == "+" { index += 1 }
            switch opening {
            case "#": try skipComment(from: here)
            case "{": pieces.append(.output(try tokens(until: "}}", from: here), here))
            default: try readTag(from: here)
            }
        }
        return pieces
    }

    // MARK: Text

    private func nextDelimiter() -> Int {
        var position = index
        while position + 1 < source.count {
            if source[position] == "{", "{%#".unicodeScalars.contains(source[position + 1]) {
                return position
            }
            position += 1
        }
        return source.count
    }

    private mutating func addText(upTo end: Int, trimsEnd: Bool) {
        var part = source[index..<end]
        if trimsNextText { part = part.drop { $0.properties.isWhitespace } }
        while trimsEnd, let last = part.last, last.properties.isWhitespace { part.removeLast() }
        trimsNextText = false
        index = end
        guard !part.isEmpty else { return }
        pieces.append(.text(String(String.UnicodeScalarView(part))))
    }

    private mutating func skipComment(from here: TemplatePlace) throws(TemplateError) {
        while index + 1 < source.count {
            if source[index] == "#", source[index + 1] == "}" {
                trimsNextText = source[index - 1] == "-"
                index += 2
                return
            }
            index += 1
        }
        throw here.error(.syntax, "the comment is not closed; end it with #}")
    }

    private mutating func readTag(from here: TemplatePlace) throws(TemplateError) {
        let tokens = try tokens(until: "%}", from: here)
        guard tokens.count == 1, tokens[0].kind == .name("raw") else {
            pieces.append(.tag(tokens, here))
            return
        }
        var position = index
        while position + 1 < source.count {
            if source[position] == "{", source[position + 1] == "%", let tag = endRaw(position) {
                addText(upTo: position, trimsEnd: tag.trimsBefore)
                index = tag.end
                trimsNextText = tag.trimsAfter
                return
            }
            position += 1
        }
        throw here.error(.syntax, "the tag 'raw' is not closed; end it with {% endraw %}")
    }

    /// Whether `{% endraw %}` stands there, and where it ends.
    private func endRaw(_ start: Int) -> (end: Int, trimsBefore: Bool, trimsAfter: Bool)? {
        var position = start + 2
        func skipSpace() {
            while position < source.count, source[position].properties.isWhitespace {
                position += 1
            }
        }
        let trimsBefore = position < source.count && source[position] == "-"
        if position < source.count, "-+".unicodeScalars.contains(source[position]) { position += 1 }
        skipSpace()
        guard source[position...].starts(with: "endraw".unicodeScalars) else { return nil }
        position += 6
        skipSpace()
        let trimsAfter = position < source.count && source[position] == "-"
        if position < source.count, "-+".unicodeScalars.contains(source[position]) { position += 1 }
        guard source[position...].starts(with: "%}".unicodeScalars) else { return nil }
        return (position + 2, trimsBefore, trimsAfter)
    }

    // MARK: Expressions

    private mutating func tokens(
        until end: String,
        from here: TemplatePlace
    ) throws(TemplateError) -> [TemplateToken] {
        var tokens: [TemplateToken] = []
        var brackets: [Unicode.Scalar] = []
        while index < source.count {
            let scalar = source[index]
            if brackets.isEmpty, isEnd(end) { return tokens }
            if scalar.properties.isWhitespace {
                index += 1
                continue
            }
            let place = place(index)
            if scalar == "\"" || scalar == "'" {
                tokens.append(TemplateToken(kind: .string(try string(at: place)), place: place))
            } else if scalar.isTemplateDigit {
                let isMember = tokens.last?.kind == .symbol(".")
                tokens.append(TemplateToken(kind: try number(isMember, place), place: place))
            } else if scalar == "_" || scalar.properties.isXIDStart {
                tokens.append(TemplateToken(kind: .name(name()), place: place))
            } else {
                let symbol = try symbol(at: place, brackets: &brackets)
                tokens.append(TemplateToken(kind: .symbol(symbol), place: place))
            }
        }
        let what = end == "}}" ? "{{" : "{%"
        throw here.error(.syntax, "the \(what) is not closed; end it with \(end)")
    }

    private mutating func isEnd(_ end: String) -> Bool {
        let isTrimming = source[index] == "-" || (source[index] == "+" && end == "%}")
        let start = isTrimming ? index + 1 : index
        guard source[start...].starts(with: end.unicodeScalars) else { return false }
        trimsNextText = source[index] == "-"
        index = start + 2
        return true
    }

    private mutating func string(at place: TemplatePlace) throws(TemplateError) -> String {
        let quote = source[index]
        index += 1
        var text = String.UnicodeScalarView()
        while index < source.count, source[index] != quote {
            if source[index] == "\\", index + 1 < source.count {
                index += 1
                switch source[index] {
                case "n": text.append("\n")
                case "t": text.append("\t")
                case "r": text.append("\r")
                case "\\", "'", "\"": text.append(source[index])
                default:
                    text.append("\\")
                    text.append(source[index])
                }
            } else {
                text.append(source[index])
            }
            index += 1
        }
        guard index < source.count else {
            throw place.error(.syntax, "the text is not closed; end it with \(quote)")
        }
        index += 1
        return String(text)
    }

    private mutating func number(
        _ isMember: Bool,
        _ place: TemplatePlace
    ) throws(TemplateError) -> TemplateToken.Kind {
        var text = digits()
        var isFloat = false
        // `rows.0.name` counts members; only elsewhere is a dot a decimal point.
        if !isMember, index + 1 < source.count, source[index] == ".",
            source[index + 1].isTemplateDigit
        {
            index += 1
            text += "." + digits()
            isFloat = true
        }
        if !isMember, index < source.count, source[index] == "e" || source[index] == "E" {
            var next = index + 1
            if next < source.count, source[next] == "-" || source[next] == "+" { next += 1 }
            if next < source.count, source[next].isTemplateDigit {
                text += String(String.UnicodeScalarView(source[index..<next]))
                index = next
                text += digits()
                isFloat = true
            }
        }
        text.removeAll { $0 == "_" }
        if isFloat, let number = Double(text) { return .float(number) }
        guard let number = Int64(text) else {
            throw place.error(.syntax, "the number \(text) is too large")
        }
        return .integer(number)
    }

    private mutating func digits() -> String {
        let start = index
        while index < source.count, source[index].isTemplateDigit || source[index] == "_" {
            index += 1
        }
        return String(String.UnicodeScalarView(source[start..<index]))
    }

    private mutating func name() -> String {
        let start = index
        while index < source.count, source[index].properties.isXIDContinue { index += 1 }
        return String(String.UnicodeScalarView(source[start..<index]))
    }

    private mutating func symbol(
        at place: TemplatePlace,
        brackets: inout [Unicode.Scalar]
    ) throws(TemplateError) -> String {
        let doubles = ["==", "!=", "<=", ">=", "//", "**"]
        for double in doubles where source[index...].starts(with: double.unicodeScalars) {
            index += 2
            return double
        }
        let scalar = source[index]
        guard "+-*/%~<>=()[]{}.,:|".unicodeScalars.contains(scalar) else {
            throw place.error(
                .syntax,
                "'\(scalar)' has no meaning here; remove it or quote the text"
            )
        }
        let closing: [Unicode.Scalar: Unicode.Scalar] = [")": "(", "]": "[", "}": "{"]
        if closing.values.contains(scalar) { brackets.append(scalar) }
        if let opening = closing[scalar], brackets.popLast() != opening {
            throw place.error(.syntax, "'\(scalar)' closes nothing that is open here")
        }
        index += 1
        return String(scalar)
    }

    private mutating func place(_ position: Int) -> TemplatePlace {
        while countedIndex < position {
            if source[countedIndex] == "\n" {
                line += 1
                lineStart = countedIndex + 1
            }
            countedIndex += 1
        }
        return TemplatePlace(template: template, line: line, column: position - lineStart + 1)
    }
}

extension Unicode.Scalar {
    fileprivate var isTemplateDigit: Bool { ("0"..."9").contains(self) }
}
