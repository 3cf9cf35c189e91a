import CEL
import EventModel

/// A compiled subschema.
struct SchemaNode: Sendable {
    /// The resource that it lies in, for `$dynamicRef`.
    var resource: Int
    /// What it asks, in the order in which it is looked at; `unevaluated…` last.
    var rules: [SchemaRule] = []
    /// Whether what its rules look at must be remembered for an `unevaluated…` here.
    var tracksProperties = false
    var tracksItems = false
}

/// The types of JSON Schema as a set.
struct SchemaTypes: OptionSet, Sendable {
    let rawValue: UInt8

    static let null = SchemaTypes(rawValue: 1)
    static let boolean = SchemaTypes(rawValue: 2)
    static let integer = SchemaTypes(rawValue: 4)
    static let number = SchemaTypes(rawValue: 8)
    static let string = SchemaTypes(rawValue: 16)
    static let array = SchemaTypes(rawValue: 32)
    static let object = SchemaTypes(rawValue: 64)

    static let names: [(name: String, type: SchemaTypes)] = [
        ("null", .null), ("boolean", .boolean), ("integer", .integer), ("number", .number),
        ("string", .string), ("array", .array), ("object", .object),
    ]

    var text: String {
        Self.names.filter { contains($0.type) }.map(\.name).joined(separator: " or ")
    }

    func accepts(_ value: Value) -> Bool {
        switch value {
        case .null: contains(.null)
        case .bool: contains(.boolean)
        case .int, .uint: !isDisjoint(with: [.integer, .number])
        case .double(let number):
            contains(.number) || contains(.integer) && JSONNumber(number).isWhole
        case .string, .bytes, .timestamp, .duration: contains(.string)
        case .list: contains(.array)
        case .map: contains(.object)
        }
    }
}

/// One keyword, or several that belong together, ready to be applied.
///
/// A subschema is the index of its node.
enum SchemaRule: Sendable {
    enum NumberLimit: String, Sendable, CaseIterable {
        case minimum, maximum, exclusiveMinimum, exclusiveMaximum
    }

    enum CountLimit: String, Sendable, CaseIterable {
        case minLength, maxLength, minItems, maxItems, minProperties, maxProperties
    }

    struct Properties: Sendable {
        var named: [MapKey: Int] = [:]
        var patterns: [(pattern: TextPattern, source: String, node: Int)] = []
        var additional: Int?
    }

    /// Nothing fits: the schema `false`.
    case never
    case type(SchemaTypes)
    case constant(Value)
    case choice([Value])
    case number(NumberLimit, JSONNumber)
    case multiple(JSONNumber)
    case count(CountLimit, Int)
    case pattern(TextPattern, source: String)
    case format(SchemaFormat)
    case uniqueItems
    case required([String])
    case dependentRequired([(key: String, required: [String])])
    case reference(Int)
    /// To the outermost resource in sight that has the anchor, else to the node.
    case dynamicReference(anchor: String, Int)
    case allOf([Int])
    case anyOf([Int])
    case oneOf([Int])
    case not(Int)
    case condition(Int, then: Int?, otherwise: Int?)
    case dependentSchemas([(key: String, node: Int)])
    case properties(Properties)
    case propertyNames(Int)
    case items(prefix: [Int], rest: Int?)
    case contains(Int, min: Int, max: Int?)
    case unevaluatedProperties(Int)
    case unevaluatedItems(Int)
}
