import EventModel

/// One application of a schema to a value.
struct SchemaValidator {
    let schema: JSONSchema
    private(set) var violations: [SchemaViolation] = []
    /// Whether only the verdict counts.
    var isQuiet: Bool
    var stepsLeft: Int
    private let stepsMax: Int
    private var nesting = 0
    /// Why the validation was given up; nil if it was not.
    private var surrender: String?
    /// The resources that evaluation is in, outermost first.
    private var scope: [Int] = []
    private var instancePath: [InstanceStep] = []
    private var schemaPath: [String] = []

    init(schema: JSONSchema, isQuiet: Bool, stepsMax: Int) {
        self.schema = schema
        self.isQuiet = isQuiet
        self.stepsMax = stepsMax
        stepsLeft = stepsMax
    }

    mutating func validate(_ value: Value) -> Bool {
        var marks: SchemaMarks?
        let isValid = apply(0, to: value, &marks)
        guard let surrender else { return isValid }
        violations = [
            SchemaViolation(
                steps: [],
                schemaPath: "",
                message: "cannot be checked: \(surrender)",
                remedy: "make the value smaller or the schema simpler"
            )
        ]
        return false
    }

    /// Applies a subschema to the value at the current place.
    ///
    /// - Parameter marks: what is looked at, if the caller must know.
    mutating func apply(_ index: Int, to value: Value, _ marks: inout SchemaMarks?) -> Bool {
        guard surrender == nil else { return false }
        guard nesting < JSONSchemaLimits.nestingMax else {
            surrender =
                "schemas are applied inside each other deeper than "
                + "\(JSONSchemaLimits.nestingMax) levels"
            return false
        }
        nesting += 1
        defer { nesting -= 1 }
        let node = schema.nodes[index]
        let entersResource = scope.last != node.resource
        if entersResource { scope.append(node.resource) }
        defer { if entersResource { scope.removeLast() } }
        guard node.tracksProperties || node.tracksItems else {
            return follow(node.rules, value, &marks)
        }
        var own: SchemaMarks? = SchemaMarks()
        let isValid = follow(node.rules, value, &own)
        if let own { marks?.merge(own) }
        return isValid
    }

    private mutating func follow(
        _ rules: [SchemaRule],
        _ value: Value,
        _ marks: inout SchemaMarks?
    ) -> Bool {
        var isValid = true
        for rule in rules {
            guard spend(1) else { return false }
            if !follow(rule, value, &marks) {
                isValid = false
                if isQuiet { return false }
            }
        }
        return isValid
    }

    private mutating func follow(
        _ rule: SchemaRule,
        _ value: Value,
        _ marks: inout SchemaMarks?
    ) -> Bool {
        switch rule {
        case .never, .type, .constant, .choice, .number, .multiple, .count, .pattern, .format,
            .uniqueItems, .required, .dependentRequired:
            return check(rule, value)
        case .reference(let node):
            return inside("$ref") { $0.apply(node, to: value, &marks) }
        case .dynamicReference(let anchor, let node):
            let target = dynamicTarget(anchor) ?? node
            return inside("$dynamicRef") { $0.apply(target, to: value, &marks) }
        case .allOf(let nodes): return allOf(nodes, value, &marks)
        case .anyOf(let nodes): return anyOf(nodes, value, &marks)
        case .oneOf(let nodes): return oneOf(nodes, value, &marks)
        case .not(let node): return not(node, value)
        case .condition(let node, let then, let otherwise):
            return condition(node, then, otherwise, value, &marks)
        case .dependentSchemas(let schemas): return dependentSchemas(schemas, value, &marks)
        case .properties(let rules): return properties(rules, value, &marks)
        case .propertyNames(let node): return propertyNames(node, value)
        case .items(let prefix, let rest): return items(prefix, rest, value, &marks)
        case .contains(let node, let min, let max):
            return contains(node, min, max, value, &marks)
        case .unevaluatedProperties(let node):
            return unevaluatedProperties(node, value, &marks)
        case .unevaluatedItems(let node): return unevaluatedItems(node, value, &marks)
        }
    }

    /// The anchor of that name in the outermost resource that has one.
    private func dynamicTarget(_ anchor: String) -> Int? {
        for resource in scope {
            if let node = schema.dynamicAnchors[resource][.string(anchor)] { return node }
        }
        return nil
    }

    /// Pays for work; false, and the end of the validation, if the budget is spent.
    mutating func spend(_ steps: Int) -> Bool {
        stepsLeft -= steps
        if stepsLeft < 0 {
            surrender = "it takes more than \(stepsMax) steps"
        }
        return stepsLeft >= 0
    }

    /// Records a violation and gives back false.
    mutating func fail(_ keyword: String, _ message: String, remedy: String = "") -> Bool {
        guard !isQuiet, violations.count < JSONSchemaLimits.violationsMax else { return false }
        violations.append(
            SchemaViolation(
                steps: instancePath,
                schemaPath: path(to: keyword),
                message: message,
                remedy: remedy
            )
        )
        return false
    }

    private func path(to keyword: String) -> String {
        let tokens = keyword.isEmpty ? schemaPath : schemaPath + [keyword]
        return tokens.map { "/" + JSONPointer.escaped($0) }.joined()
    }

    /// Does something one or two keywords deeper in the schema.
    mutating func inside(
        _ keyword: String,
        _ token: String? = nil,
        _ body: (inout SchemaValidator) -> Bool
    ) -> Bool {
        guard !isQuiet else { return body(&self) }
        schemaPath.append(keyword)
        if let token { schemaPath.append(token) }
        defer { schemaPath.removeLast(token == nil ? 1 : 2) }
        return body(&self)
    }

    /// Applies a subschema to a part of the value.
    mutating func apply(_ node: Int, to part: Value, at step: InstanceStep) -> Bool {
        var marks: SchemaMarks?
        guard !isQuiet else { return apply(node, to: part, &marks) }
        instancePath.append(step)
        defer { instancePath.removeLast() }
        return apply(node, to: part, &marks)
    }

    /// Whether a subschema fits, without recording why not.
    mutating func fits(_ node: Int, _ value: Value, _ marks: inout SchemaMarks?) -> Bool {
        let wasQuiet = isQuiet
        isQuiet = true
        defer { isQuiet = wasQuiet }
        return apply(node, to: value, &marks)
    }

    /// Applies a subschema and keeps its violations apart.
    mutating func attempt(
        _ keyword: String,
        _ index: Int,
        _ node: Int,
        _ value: Value,
        _ marks: inout SchemaMarks?
    ) -> (isValid: Bool, violations: [SchemaViolation]) {
        let before = violations
        violations = []
        let isValid = inside(keyword, "\(index)") { $0.apply(node, to: value, &marks) }
        defer { violations = before }
        return (isValid, violations)
    }
}
