import CEL
import EventModel

/// What the keywords of one subschema are read from and into.
struct KeywordReading {
    var map = ValueMap()
    var location = SchemaLocation(document: 0, pointer: "")
    var rules: [SchemaRule] = []
}

extension SchemaCompiler {
    private var map: ValueMap { reading.map }
    private var location: SchemaLocation { reading.location }

    /// Reads the keywords of one subschema into rules.
    mutating func readKeywords(
        _ map: ValueMap,
        at location: SchemaLocation,
        dialect: SchemaDialect
    ) -> [SchemaRule] {
        reading = KeywordReading(map: map, location: location)
        if dialect.hasValidation {
            readTypes()
            readNumbers()
            readCounts()
            readRequired()
        }
        if dialect.assertsFormats { readFormat() }
        readReferences()
        if dialect.hasApplicator {
            readCombinations()
            readCondition()
            readObjects()
            readArrays(counts: dialect.hasValidation)
        }
        if dialect.hasUnevaluated { readUnevaluated() }
        return reading.rules
    }

    private mutating func wrong(_ keyword: String, _ wanted: String, _ found: Value) {
        report(
            location.appending(keyword),
            "'\(keyword)' must be \(wanted), not \(JSONEquality.typeName(found))"
        )
    }

    private mutating func texts(_ keyword: String, _ value: Value) -> [String]? {
        let texts = value.listValue?.compactMap(\.stringValue)
        guard let texts, texts.count == value.listValue?.count else {
            wrong(keyword, "a list of names", value)
            return nil
        }
        return texts
    }

    /// The node of a subschema under a keyword, and under a key or index of that.
    private mutating func node(_ keyword: String, _ tokens: String..., of value: Value) -> Int {
        var place = location.appending(keyword)
        for token in tokens { place = place.appending(token) }
        return node(at: place, value)
    }

    private mutating func node(_ keyword: String) -> Int? {
        guard let value = map[keyword] else { return nil }
        return node(keyword, of: value)
    }

    private mutating func nodes(_ keyword: String) -> [Int]? {
        guard let value = map[keyword] else { return nil }
        guard case .list(let schemas) = value, !schemas.isEmpty else {
            wrong(keyword, "a list of at least one schema", value)
            return nil
        }
        var found: [Int] = []
        for (index, schema) in schemas.enumerated() {
            found.append(node(keyword, "\(index)", of: schema))
        }
        return found
    }

    private mutating func schemas(_ keyword: String) -> [(key: String, node: Int)]? {
        guard let value = map[keyword] else { return nil }
        guard case .map(let members) = value else {
            wrong(keyword, "a mapping from names to schemas", value)
            return nil
        }
        var found: [(key: String, node: Int)] = []
        for entry in members.entries {
            guard case .string(let key) = entry.key else { continue }
            found.append((key, node(keyword, key, of: entry.value)))
        }
        return found
    }

    private mutating func pattern(_ source: String, _ place: SchemaLocation) -> TextPattern? {
        do throws(ECMAPattern.Failure) {
            let translated = try ECMAPattern.translate(source)
            do throws(CELError) {
                return try TextPattern(translated)
            } catch {
                report(place, "'\(source)': \(error.message)")
            }
        } catch {
            report(
                place,
                "the regular expression '\(source)' is wrong: \(error.reason)"
            )
        }
        return nil
    }
}

// What is asserted of the value itself.
extension SchemaCompiler {
    private mutating func readTypes() {
        if let value = map["type"] { readType(value) }
        var parts = 0
        if let value = map["const"] {
            reading.rules.append(.constant(JSONEquality.canonical(value, parts: &parts)))
        }
        if let value = map["enum"] {
            guard case .list(let choices) = value else {
                return wrong("enum", "a list of values", value)
            }
            reading.rules.append(.choice(choices.map { JSONEquality.canonical($0, parts: &parts) }))
        }
    }

    private mutating func readType(_ value: Value) {
        var types: SchemaTypes = []
        let words = value.stringValue.map { [$0] } ?? value.listValue?.compactMap(\.stringValue)
        guard let words, !words.isEmpty, words.count == value.listValue?.count ?? 1 else {
            return wrong("type", "the name of a type or a list of such", value)
        }
        for word in words {
            if let known = SchemaTypes.names.first(where: { $0.name == word }) {
                types.insert(known.type)
                continue
            }
            let all = SchemaTypes.names.map(\.name).joined(separator: ", ")
            report(
                location.appending("type"),
                "there is no type '\(word)'",
                remedy: "there are \(all)"
            )
        }
        reading.rules.append(.type(types))
    }

    private mutating func readNumbers() {
        for limit in SchemaRule.NumberLimit.allCases {
            guard let value = map[limit.rawValue] else { continue }
            if let number = JSONNumber(value) {
                reading.rules.append(.number(limit, number))
            } else {
                wrong(limit.rawValue, "a number", value)
            }
        }
        guard let value = map["multipleOf"] else { return }
        guard let number = JSONNumber(value), JSONNumber(0) < number else {
            return wrong("multipleOf", "a number above zero", value)
        }
        reading.rules.append(.multiple(number))
    }

    private mutating func count(_ keyword: String) -> Int? {
        guard let value = map[keyword] else { return nil }
        guard let number = JSONNumber(value), case .whole(let count) = number, count >= 0 else {
            wrong(keyword, "a whole number, zero or more", value)
            return nil
        }
        return Int(clamping: count)
    }

    private mutating func readCounts() {
        for limit in SchemaRule.CountLimit.allCases {
            if let count = count(limit.rawValue) { reading.rules.append(.count(limit, count)) }
        }
        if let value = map["pattern"] {
            guard let source = value.stringValue else {
                return wrong("pattern", "a regular expression", value)
            }
            if let pattern = pattern(source, location.appending("pattern")) {
                reading.rules.append(.pattern(pattern, source: source))
            }
        }
        if let value = map["uniqueItems"] {
            guard let isUnique = value.boolValue else {
                return wrong("uniqueItems", "true or false", value)
            }
            if isUnique { reading.rules.append(.uniqueItems) }
        }
    }

    private mutating func readRequired() {
        if let value = map["required"], let names = texts("required", value) {
            reading.rules.append(.required(names))
        }
        guard let value = map["dependentRequired"] else { return }
        guard case .map(let members) = value else {
            return wrong("dependentRequired", "a mapping from names to lists of names", value)
        }
        var dependencies: [(key: String, required: [String])] = []
        for entry in members.entries {
            guard case .string(let key) = entry.key,
                let names = texts("dependentRequired", entry.value)
            else { continue }
            dependencies.append((key, names))
        }
        reading.rules.append(.dependentRequired(dependencies))
    }

    private mutating func readFormat() {
        guard let value = map["format"] else { return }
        guard let name = value.stringValue else { return wrong("format", "a name", value) }
        if let format = SchemaFormat(rawValue: name) { reading.rules.append(.format(format)) }
    }
}

// What applies other schemas.
extension SchemaCompiler {
    private mutating func readReferences() {
        if let value = map["$ref"] {
            guard let text = value.stringValue else { return wrong("$ref", "a URI", value) }
            if let target = target(of: text, from: location, keyword: "$ref") {
                reading.rules.append(.reference(target.node))
            }
        }
        guard let value = map["$dynamicRef"] else { return }
        guard let text = value.stringValue else { return wrong("$dynamicRef", "a URI", value) }
        guard let target = target(of: text, from: location, keyword: "$dynamicRef") else {
            return
        }
        if let anchor = target.dynamicAnchor {
            needsDynamicAnchor(anchor)
            reading.rules.append(.dynamicReference(anchor: anchor, target.node))
        } else {
            reading.rules.append(.reference(target.node))
        }
    }

    private mutating func readCombinations() {
        if let nodes = nodes("allOf") { reading.rules.append(.allOf(nodes)) }
        if let nodes = nodes("anyOf") { reading.rules.append(.anyOf(nodes)) }
        if let nodes = nodes("oneOf") { reading.rules.append(.oneOf(nodes)) }
        if let node = node("not") { reading.rules.append(.not(node)) }
    }

    private mutating func readCondition() {
        let then = node("then")
        let otherwise = node("else")
        guard let condition = node("if") else { return }
        reading.rules.append(.condition(condition, then: then, otherwise: otherwise))
    }

    private mutating func readObjects() {
        if let schemas = schemas("dependentSchemas") {
            reading.rules.append(.dependentSchemas(schemas))
        }
        if let node = node("propertyNames") { reading.rules.append(.propertyNames(node)) }
        var properties = SchemaRule.Properties()
        for (key, node) in schemas("properties") ?? [] { properties.named[.string(key)] = node }
        for (source, node) in schemas("patternProperties") ?? [] {
            let place = location.appending("patternProperties").appending(source)
            guard let pattern = pattern(source, place) else { continue }
            properties.patterns.append((pattern, source, node))
        }
        properties.additional = node("additionalProperties")
        let isEmpty = properties.named.isEmpty && properties.patterns.isEmpty
        if !isEmpty || properties.additional != nil {
            reading.rules.append(.properties(properties))
        }
    }

    private mutating func readArrays(counts: Bool) {
        let prefix = nodes("prefixItems") ?? []
        let rest = node("items")
        if !prefix.isEmpty || rest != nil {
            reading.rules.append(.items(prefix: prefix, rest: rest))
        }
        guard let node = node("contains") else { return }
        let min = counts ? count("minContains") : nil
        let max = counts ? count("maxContains") : nil
        reading.rules.append(.contains(node, min: min ?? 1, max: max))
    }

    private mutating func readUnevaluated() {
        if let node = node("unevaluatedProperties") {
            reading.rules.append(.unevaluatedProperties(node))
        }
        if let node = node("unevaluatedItems") { reading.rules.append(.unevaluatedItems(node)) }
    }
}
