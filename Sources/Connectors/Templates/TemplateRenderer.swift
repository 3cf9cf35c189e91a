import EventModel

/// Makes one text of compiled templates and data.
///
/// A new one is used for each text.
final class TemplateRenderer {
    private let templates: [String: CompiledTemplate]
    let limits: TemplateLimits
    private(set) var isEscaping: Bool
    private(set) var scope: TemplateScope
    private var steps = 0
    private var depth = 0
    private var output = ""
    /// From the most derived template to the base, for each block name.
    private var blocks: [String: [TemplateBlock]] = [:]
    /// The block being rendered and how far up its chain, for `super()`.
    private var current: (name: String, level: Int)?

    init(
        templates: [String: CompiledTemplate],
        limits: TemplateLimits,
        data: ValueMap,
        isEscaping: Bool
    ) {
        self.templates = templates
        self.limits = limits
        self.isEscaping = isEscaping
        scope = TemplateScope(data: data)
    }

    func render(_ name: String) throws(TemplateError) -> String {
        guard let template = templates[name] else {
            let remedy = TemplateFilter.remedy(name, among: templates.keys)
            let message = "there is no template '\(name)'; \(remedy)"
            throw TemplateError(.missingTemplate, message, template: name, line: 0, column: 0)
        }
        try run(template)
        return output
    }

    /// Counts work, so that no template runs for ever.
    func step(_ place: TemplatePlace?) throws(TemplateError) {
        steps += 1
        guard steps <= limits.stepsMax else {
            throw error(.limit, "more than \(limits.stepsMax) steps; shorten the loops", place)
        }
    }

    /// Passes a value on if its text is not too long.
    func checked(
        _ value: TemplateValue,
        _ place: TemplatePlace?
    ) throws(TemplateError) -> TemplateValue {
        if case .string(let text) = value.value { try checkBytes(text.utf8.count, place) }
        if case .list(let elements) = value.value, elements.count > limits.listCountMax {
            throw error(.limit, "a list of more than \(limits.listCountMax) elements", place)
        }
        return value
    }

    /// Refuses a text before it is made.
    func checkBytes(_ count: Int, _ place: TemplatePlace?) throws(TemplateError) {
        guard count <= limits.outputBytesMax else {
            let message = "a text of more than \(limits.outputBytesMax) bytes; shorten it"
            throw error(.limit, message, place)
        }
    }

    private func error(
        _ code: TemplateError.Code,
        _ message: String,
        _ place: TemplatePlace?
    ) -> TemplateError {
        place?.error(code, message)
            ?? TemplateError(code, message, template: "template", line: 0, column: 0)
    }

    private func write(_ text: String, _ place: TemplatePlace?) throws(TemplateError) {
        try checkBytes(output.utf8.count + text.utf8.count, place)
        output += text
    }

    /// Runs something and gives what it wrote instead of writing it.
    func captured(_ body: () throws(TemplateError) -> Void) throws(TemplateError) -> String {
        let before = output
        output = ""
        defer { output = before }
        try body()
        return output
    }

    // MARK: Templates

    private func run(_ template: CompiledTemplate) throws(TemplateError) {
        depth += 1
        defer { depth -= 1 }
        guard depth <= limits.depthMax else {
            let message = "templates lie deeper than \(limits.depthMax) levels; is it a circle?"
            throw TemplateError(.limit, message, template: template.name, line: 0, column: 0)
        }
        for (name, block) in template.blocks { blocks[name, default: []].append(block) }
        var parent: CompiledTemplate?
        for node in template.nodes {
            if case .extends(let expression, let place) = node {
                guard parent == nil else {
                    throw place.error(.syntax, "'extends' comes twice; keep one")
                }
                parent = try find(expression, place)
            } else if parent == nil {
                try render(node)
            } else {
                // Of a template that extends another, only variables and blocks are of use.
                switch node {
                case .set, .capture: try render(node)
                case .text, .output, .choice, .loop, .block, .extends, .include, .with, .filtered,
                    .escaping:
                    break
                }
            }
        }
        if let parent { try run(parent) }
    }

    private func find(
        _ expression: TemplateExpression,
        _ place: TemplatePlace
    ) throws(TemplateError) -> CompiledTemplate {
        let wanted = try evaluate(expression)
        let names: [String]
        switch wanted.value {
        case .string(let name): names = [name]
        case .list(let elements): names = elements.compactMap(\.stringValue)
        default: throw place.error(.evaluation, "a template's name must be a text")
        }
        for name in names { if let template = templates[name] { return template } }
        let name = names.first ?? ""
        let remedy = TemplateFilter.remedy(name, among: templates.keys)
        throw place.error(.missingTemplate, "there is no template '\(name)'; \(remedy)")
    }

    private func include(_ include: TemplateInclude) throws(TemplateError) {
        let template: CompiledTemplate
        do throws(TemplateError) {
            template = try find(include.template, include.place)
        } catch {
            guard include.ignoresMissing, error.code == .missingTemplate else { throw error }
            return
        }
        // Its blocks and its variables are its own.
        let (blocks, scope, current) = (self.blocks, self.scope, self.current)
        defer { (self.blocks, self.scope, self.current) = (blocks, scope, current) }
        self.blocks = [:]
        self.current = nil
        self.scope = include.seesContext ? scope.nested() : TemplateScope(data: ValueMap())
        // The state of the loop around the include is not handed on.
        self.scope["loop"] = .undefined
        try run(template)
    }

    private func render(block: TemplateBlock, level: Int) throws(TemplateError) {
        let (scope, current) = (self.scope, self.current)
        defer { (self.scope, self.current) = (scope, current) }
        self.current = (block.name, level)
        self.scope = block.isScoped ? scope.nested() : scope.outermost().nested()
        try render(block.nodes)
    }

    /// What a block gives when asked for by name, for `self.title()`.
    func namedBlock(_ name: String, _ place: TemplatePlace) throws(TemplateError) -> TemplateValue {
        guard let block = blocks[name]?.first else {
            let remedy = TemplateFilter.remedy(name, among: blocks.keys)
            throw place.error(.evaluation, "there is no block '\(name)'; \(remedy)")
        }
        return try rendered(block, level: 0, place)
    }

    /// What the block of the next template up gives, for `super()`.
    func parentBlock(_ place: TemplatePlace) throws(TemplateError) -> TemplateValue {
        guard let (name, level) = current, let chain = blocks[name], level + 1 < chain.count else {
            throw place.error(.evaluation, "there is no block above this one for super()")
        }
        return try rendered(chain[level + 1], level: level + 1, place)
    }

    private func rendered(
        _ block: TemplateBlock,
        level: Int,
        _ place: TemplatePlace
    ) throws(TemplateError) -> TemplateValue {
        depth += 1
        defer { depth -= 1 }
        guard depth <= limits.depthMax else {
            let message = "blocks lie deeper than \(limits.depthMax) levels; is it a circle?"
            throw place.error(.limit, message)
        }
        let text = try captured { () throws(TemplateError) in
            try render(block: block, level: level)
        }
        return TemplateValue(.string(text), isSafe: isEscaping)
    }

    // MARK: Nodes

    private func render(_ nodes: [TemplateNode]) throws(TemplateError) {
        for node in nodes { try render(node) }
    }

    private func render(_ node: TemplateNode) throws(TemplateError) {
        try step(nil)
        switch node {
        case .text(let text):
            try write(text, nil)
        case .output(let expression, let place):
            let value = try evaluate(expression)
            try write(isEscaping ? TemplateText.escaped(value) : value.text, place)
        case .choice(let cases, let otherwise):
            for (condition, nodes) in cases where try evaluate(condition).isTrue {
                return try render(nodes)
            }
            try render(otherwise)
        case .loop(let loop):
            try render(loop)
        case .block(let block):
            let top = blocks[block.name]?.first ?? block
            let shown = TemplateBlock(
                name: top.name,
                nodes: top.nodes,
                isScoped: block.isScoped,
                place: top.place
            )
            try render(block: shown, level: 0)
        case .extends(_, let place):
            throw place.error(.syntax, "'extends' stands within another tag; move it to the top")
        case .include(let include):
            try self.include(include)
        case .set(let names, let expression, let place):
            try assign(try evaluate(expression), to: names, place)
        case .capture(let name, let filters, let nodes):
            scope[name] = try filtered(nodes, filters)
        case .with(let values, let nodes):
            try within { () throws(TemplateError) in
                for (name, expression) in values { scope[name] = try evaluate(expression) }
                try render(nodes)
            }
        case .filtered(let filters, let nodes):
            let value = try filtered(nodes, filters)
            try write(isEscaping ? TemplateText.escaped(value) : value.text, nil)
        case .escaping(let condition, let nodes):
            let before = isEscaping
            defer { isEscaping = before }
            isEscaping = try evaluate(condition).isTrue
            try within { () throws(TemplateError) in try render(nodes) }
        }
    }

    private func within(_ body: () throws(TemplateError) -> Void) throws(TemplateError) {
        let before = scope
        defer { scope = before }
        scope = scope.nested()
        try body()
    }

    private func filtered(
        _ nodes: [TemplateNode],
        _ filters: [TemplateFilterCall]
    ) throws(TemplateError) -> TemplateValue {
        let text = try captured { () throws(TemplateError) in
            try within { () throws(TemplateError) in try render(nodes) }
        }
        var value = TemplateValue(.string(text), isSafe: isEscaping)
        for call in filters { value = try apply(call, to: value) }
        return value
    }

    private func assign(
        _ value: TemplateValue,
        to names: [String],
        _ place: TemplatePlace
    ) throws(TemplateError) {
        guard names.count > 1 else {
            scope[names[0]] = value
            return
        }
        guard let elements = value.elements, elements.count == names.count else {
            let count = names.count
            throw place.error(
                .evaluation,
                "a list of \(count) elements is wanted for the \(count) names"
            )
        }
        for (name, element) in zip(names, elements) { scope[name] = TemplateValue(element) }
    }

    private func render(_ loop: TemplateLoop) throws(TemplateError) {
        let source = try evaluate(loop.source)
        guard var elements = source.elements else {
            let kind = source.value?.typeName ?? "nothing"
            throw loop.place.error(
                .evaluation,
                "a loop runs over a list or map, not over a \(kind)"
            )
        }
        if let condition = loop.condition {
            var kept: [Value] = []
            for element in elements {
                try within { () throws(TemplateError) in
                    try assign(TemplateValue(element), to: loop.targets, loop.place)
                    if try evaluate(condition).isTrue { kept.append(element) }
                }
            }
            elements = kept
        }
        guard !elements.isEmpty else {
            return try within { () throws(TemplateError) in try render(loop.otherwise) }
        }
        let parentDepth = scope["loop"].value?["depth"]?.intValue ?? 0
        for index in elements.indices {
            try step(loop.place)
            try within { () throws(TemplateError) in
                let state = Self.loopState(elements, index, depth: parentDepth + 1)
                scope["loop"] = TemplateValue(.map(state))
                try assign(TemplateValue(elements[index]), to: loop.targets, loop.place)
                try render(loop.nodes)
            }
        }
    }

    private static func loopState(_ elements: [Value], _ index: Int, depth: Int64) -> ValueMap {
        let count = elements.count
        var state: ValueMap = [
            "index": .int(Int64(index + 1)), "index0": .int(Int64(index)),
            "revindex": .int(Int64(count - index)), "revindex0": .int(Int64(count - index - 1)),
            "first": .bool(index == 0), "last": .bool(index == count - 1),
            "length": .int(Int64(count)), "depth": .int(depth), "depth0": .int(depth - 1),
        ]
        if index > 0 { state["previtem"] = elements[index - 1] }
        if index + 1 < count { state["nextitem"] = elements[index + 1] }
        return state
    }
}

/// The variables that a place in a template sees: the nearest of a name wins.
struct TemplateScope {
    private var frames: [[String: TemplateValue]]

    /// The data, and over it the variables of the template itself.
    init(data: ValueMap) {
        var names: [String: TemplateValue] = [:]
        for entry in data.entries {
            if case .string(let key) = entry.key { names[key] = TemplateValue(entry.value) }
        }
        frames = [names, [:]]
    }

    subscript(name: String) -> TemplateValue {
        get {
            for frame in frames.reversed() { if let value = frame[name] { return value } }
            return .undefined
        }
        set { frames[frames.count - 1][name] = newValue }
    }

    func nested() -> TemplateScope {
        var scope = self
        scope.frames.append([:])
        return scope
    }

    /// Without the variables of loops and other tags.
    func outermost() -> TemplateScope {
        var scope = self
        scope.frames.removeSubrange(2...)
        return scope
    }
}
