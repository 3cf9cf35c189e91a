import EventModel

/// Parses a template's source into nodes.
struct TemplateParser {
    private let name: String
    private let limits: TemplateLimits
    private var pieces: [TemplatePiece] = []
    private var index = 0
    private var nesting = 0
    private var blocks: [String: TemplateBlock] = [:]
    private var references: [(name: String, place: TemplatePlace)] = []

    /// The tags of the language, for suggestions.
    private static let tags = [
        "if", "for", "block", "extends", "include", "set", "with", "filter", "autoescape", "raw",
    ]

    /// Parses a whole template.
    ///
    /// - Throws: the place of the first mistake.
    static func parse(
        _ source: String,
        name: String,
        limits: TemplateLimits
    ) throws(TemplateError) -> CompiledTemplate {
        guard source.utf8.count <= limits.sourceBytesMax else {
            let message = "the template is longer than \(limits.sourceBytesMax) bytes; split it"
            throw TemplateError(.limit, message, template: name, line: 0, column: 0)
        }
        var parser = TemplateParser(name: name, limits: limits)
        var lexer = TemplateLexer(source, template: name)
        parser.pieces = try lexer.cut()
        let (nodes, _) = try parser.nodes(until: [], openedAt: nil)
        return CompiledTemplate(
            name: name,
            nodes: nodes,
            blocks: parser.blocks,
            references: parser.references
        )
    }

    private init(name: String, limits: TemplateLimits) {
        self.name = name
        self.limits = limits
    }

    private struct Tag {
        var name: String
        var words: TemplateExpressionParser
        var place: TemplatePlace
    }

    /// The nodes up to one of the end tags, and that tag.
    private mutating func nodes(
        until ends: [String],
        openedAt opening: Tag?
    ) throws(TemplateError) -> ([TemplateNode], Tag?) {
        nesting += 1
        defer { nesting -= 1 }
        if let opening, nesting > limits.nestingMax {
            let message = "tags lie deeper than \(limits.nestingMax) levels in each other"
            throw opening.place.error(.limit, "\(message); simplify it")
        }
        var nodes: [TemplateNode] = []
        while index < pieces.count {
            let piece = pieces[index]
            index += 1
            switch piece {
            case .text(let text):
                nodes.append(.text(text))
            case .output(let tokens, let place):
                var words = words(tokens, place)
                let expression = try words.expressionOrList()
                try words.expectEnd()
                nodes.append(.output(expression, place))
            case .tag(let tokens, let place):
                var words = words(tokens, place)
                let tag = Tag(name: try words.name("a tag's name"), words: words, place: place)
                if ends.contains(tag.name) { return (nodes, tag) }
                nodes.append(try node(tag, isTopLevel: opening == nil, ends: ends))
            }
        }
        if let opening {
            let message = "the tag '\(opening.name)' is not closed"
            throw opening.place.error(.syntax, "\(message); end it with {% end\(opening.name) %}")
        }
        return (nodes, nil)
    }

    private func words(
        _ tokens: [TemplateToken],
        _ place: TemplatePlace
    ) -> TemplateExpressionParser {
        TemplateExpressionParser(tokens, at: place, nestingMax: limits.nestingMax)
    }

    private mutating func node(
        _ tag: Tag,
        isTopLevel: Bool,
        ends: [String]
    ) throws(TemplateError) -> TemplateNode {
        switch tag.name {
        case "if": return try choice(tag)
        case "for": return try loop(tag)
        case "block": return try block(tag)
        case "extends": return try extends(tag, isTopLevel: isTopLevel)
        case "include": return try include(tag)
        case "set": return try set(tag)
        case "with": return try with(tag)
        case "filter": return try filtered(tag)
        case "autoescape": return try escaping(tag)
        default: throw unknown(tag, ends: ends)
        }
    }

    private func unknown(_ tag: Tag, ends: [String]) -> TemplateError {
        if tag.name.hasPrefix("end") || ["else", "elif"].contains(tag.name) {
            let remedy =
                ends.isEmpty ? "remove it" : "here only \(ends.joined(separator: ", ")) can stand"
            return tag.place.error(.syntax, "'\(tag.name)' closes nothing that is open; \(remedy)")
        }
        let remedy = TemplateFilter.remedy(tag.name, among: Self.tags)
        return tag.place.error(.syntax, "there is no tag '\(tag.name)'; \(remedy)")
    }

    /// Takes the end tag's own words, which must be none.
    private func close(_ end: Tag?) throws(TemplateError) {
        try end?.words.expectEnd()
    }

    // MARK: Choice and loop

    private mutating func choice(_ tag: Tag) throws(TemplateError) -> TemplateNode {
        var words = tag.words
        var condition = try words.expressionOrList()
        try words.expectEnd()
        var cases: [(condition: TemplateExpression, nodes: [TemplateNode])] = []
        while true {
            let (nodes, end) = try nodes(until: ["elif", "else", "endif"], openedAt: tag)
            cases.append((condition, nodes))
            guard var next = end else { return .choice(cases, otherwise: []) }
            if next.name == "elif" {
                condition = try next.words.expressionOrList()
                try next.words.expectEnd()
                continue
            }
            try close(next)
            guard next.name == "else" else { return .choice(cases, otherwise: []) }
            let (otherwise, last) = try self.nodes(until: ["endif"], openedAt: tag)
            try close(last)
            return .choice(cases, otherwise: otherwise)
        }
    }

    private mutating func loop(_ tag: Tag) throws(TemplateError) -> TemplateNode {
        var words = tag.words
        let targets = try names(&words)
        try words.expectName("in")
        let source = try words.expression(allowsCondition: false)
        let condition = words.takeName("if") ? try words.expression() : nil
        if words.peekName() == "recursive" {
            let remedy = "write the levels out or include a template"
            throw words.here.error(.syntax, "recursive loops are not supported; \(remedy)")
        }
        try words.expectEnd()
        let (body, end) = try nodes(until: ["else", "endfor"], openedAt: tag)
        try close(end)
        var otherwise: [TemplateNode] = []
        if end?.name == "else" {
            let (nodes, last) = try nodes(until: ["endfor"], openedAt: tag)
            try close(last)
            otherwise = nodes
        }
        return .loop(
            TemplateLoop(
                targets: targets,
                source: source,
                condition: condition,
                nodes: body,
                otherwise: otherwise,
                place: tag.place
            )
        )
    }

    /// `a` or `a, b`, with or without parentheses.
    private func names(
        _ words: inout TemplateExpressionParser
    ) throws(TemplateError) -> [String] {
        let isParenthesised = words.takeSymbol("(")
        var names = [try target(&words)]
        while words.takeSymbol(",") { names.append(try target(&words)) }
        if isParenthesised { try words.expectSymbol(")") }
        return names
    }

    private func target(
        _ words: inout TemplateExpressionParser
    ) throws(TemplateError) -> String {
        let name = try words.name("a variable's name")
        guard !["in", "if", "is", "not", "and", "or", "true", "false", "none"].contains(name) else {
            throw words.here.error(.syntax, "'\(name)' cannot be a variable's name")
        }
        return name
    }

    // MARK: Inheritance

    private mutating func block(_ tag: Tag) throws(TemplateError) -> TemplateNode {
        var words = tag.words
        let name = try words.name("the block's name")
        let isScoped = words.takeName("scoped")
        try words.expectEnd()
        guard blocks[name] == nil else {
            throw tag.place.error(.syntax, "the block '\(name)' comes twice; rename one")
        }
        // Set before its body, so that a block of the same name inside it is seen.
        blocks[name] = TemplateBlock(name: name, nodes: [], isScoped: isScoped, place: tag.place)
        let (nodes, end) = try nodes(until: ["endblock"], openedAt: tag)
        if var end {
            _ = end.words.takeName(name)
            try end.words.expectEnd()
        }
        let block = TemplateBlock(name: name, nodes: nodes, isScoped: isScoped, place: tag.place)
        blocks[name] = block
        return .block(block)
    }

    private mutating func extends(
        _ tag: Tag,
        isTopLevel: Bool
    ) throws(TemplateError) -> TemplateNode {
        var words = tag.words
        let template = try words.expression()
        try words.expectEnd()
        guard isTopLevel else {
            throw tag.place.error(
                .syntax,
                "'extends' stands within another tag; move it to the top"
            )
        }
        note(template, at: tag.place)
        return .extends(template, tag.place)
    }

    private mutating func include(_ tag: Tag) throws(TemplateError) -> TemplateNode {
        var words = tag.words
        let template = try words.expression()
        var include = TemplateInclude(
            template: template,
            ignoresMissing: false,
            seesContext: true,
            place: tag.place
        )
        if words.takeName("ignore") {
            try words.expectName("missing")
            include.ignoresMissing = true
        }
        if words.takeName("without") {
            try words.expectName("context")
            include.seesContext = false
        } else if words.takeName("with") {
            try words.expectName("context")
        }
        try words.expectEnd()
        if !include.ignoresMissing { note(template, at: tag.place) }
        return .include(include)
    }

    private mutating func note(_ template: TemplateExpression, at place: TemplatePlace) {
        if case .literal(.string(let name)) = template { references.append((name, place)) }
    }

    // MARK: Variables and filters

    private mutating func set(_ tag: Tag) throws(TemplateError) -> TemplateNode {
        var words = tag.words
        let names = try names(&words)
        if words.takeSymbol("=") {
            let value = try words.expressionOrList()
            try words.expectEnd()
            return .set(names, value, tag.place)
        }
        guard names.count == 1 else { throw words.unexpected(wanted: "'='") }
        var filters: [TemplateFilterCall] = []
        while words.takeSymbol("|") { filters.append(try words.filterCall()) }
        try words.expectEnd()
        let (nodes, end) = try nodes(until: ["endset"], openedAt: tag)
        try close(end)
        return .capture(names[0], filters, nodes)
    }

    private mutating func with(_ tag: Tag) throws(TemplateError) -> TemplateNode {
        var words = tag.words
        var values: [(name: String, value: TemplateExpression)] = []
        while !words.isAtEnd {
            if !values.isEmpty { try words.expectSymbol(",") }
            let name = try target(&words)
            try words.expectSymbol("=")
            values.append((name, try words.expression()))
        }
        let (nodes, end) = try nodes(until: ["endwith"], openedAt: tag)
        try close(end)
        return .with(values, nodes)
    }

    private mutating func filtered(_ tag: Tag) throws(TemplateError) -> TemplateNode {
        var words = tag.words
        var filters = [try words.filterCall()]
        while words.takeSymbol("|") { filters.append(try words.filterCall()) }
        try words.expectEnd()
        let (nodes, end) = try nodes(until: ["endfilter"], openedAt: tag)
        try close(end)
        return .filtered(filters, nodes)
    }

    private mutating func escaping(_ tag: Tag) throws(TemplateError) -> TemplateNode {
        var words = tag.words
        let condition = try words.expression()
        try words.expectEnd()
        let (nodes, end) = try nodes(until: ["endautoescape"], openedAt: tag)
        try close(end)
        return .escaping(condition, nodes)
    }
}
