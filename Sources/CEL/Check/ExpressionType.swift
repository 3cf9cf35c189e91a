/// A type of the expression language, as it is declared for a variable or found for an expression.
public indirect enum ExpressionType: Sendable, Hashable {
    /// Nothing is known; what is wrong shows only when the expression is evaluated.
    case dyn
    case null
    case bool
    case int
    case uint
    case double
    case string
    case bytes
    case timestamp
    case duration
    case list(ExpressionType)
    case map(ExpressionType, ExpressionType)
    /// A map whose members are known by name.
    case object(ObjectType)
    /// This type or null.
    case nullable(ExpressionType)
    /// A value that may be missing.
    case optional(ExpressionType)
    /// What `type()` gives, and the names of types.
    case type
    /// A type that only functions know, such as `net.IP`.
    case opaque(String, [ExpressionType])
    /// A type that a function's signature leaves open.
    case parameter(String)
}

/// A map whose members are known by name, such as a record or the output of a step.
public struct ObjectType: Sendable, Hashable {
    /// What it is called in messages; empty if nobody named it.
    public var name: String
    /// The members that it can have.
    public var members: [String: ExpressionType]
    /// The type of all other members; nil if there can be none.
    public var rest: ExpressionType?

    /// Makes a type of its members.
    public init(
        _ name: String = "",
        members: [String: ExpressionType],
        rest: ExpressionType? = nil
    ) {
        self.name = name
        self.members = members
        self.rest = rest
    }

    /// The type of a member; nil if there can be no such member.
    public func member(_ name: String) -> ExpressionType? { members[name] ?? rest }

    /// The one type that all members have, or `dyn`.
    var memberType: ExpressionType {
        var found = rest
        for type in members.values {
            guard let known = found, known != type else {
                found = type
                continue
            }
            return .dyn
        }
        return found ?? .dyn
    }
}

extension ExpressionType: CustomStringConvertible {
    /// The type as it is written in declarations: `list<string>`, `map<string, int>`, `int?`.
    public var description: String {
        switch self {
        case .dyn: "dyn"
        case .null: "null"
        case .bool: "bool"
        case .int: "int"
        case .uint: "uint"
        case .double: "double"
        case .string: "string"
        case .bytes: "bytes"
        case .timestamp: "timestamp"
        case .duration: "duration"
        case .list(let element): "list<\(element)>"
        case .map(let key, let value): "map<\(key), \(value)>"
        case .object(let object): object.name.isEmpty ? "object" : object.name
        case .nullable(let content): "\(content)?"
        case .optional(let content): "optional<\(content)>"
        case .type: "type"
        case .opaque(let name, let parameters):
            parameters.isEmpty
                ? name : "\(name)<\(parameters.map(\.description).joined(separator: ", "))>"
        case .parameter(let name): name
        }
    }

    /// Whether a value of this type can stand where another type is wanted, as far as is known.
    public func fits(_ wanted: ExpressionType) -> Bool {
        var unifier = TypeUnifier()
        return unifier.isAssignable(self, to: wanted)
    }

    /// The type that has room for this and another; `dyn` if they have nothing in common.
    public func joined(with other: ExpressionType) -> ExpressionType {
        var unifier = TypeUnifier()
        return unifier.joined(self, other)
    }

    /// Whether nothing is known of it, or of a part of it.
    var isVague: Bool {
        switch self {
        case .dyn, .parameter: true
        case .null, .bool, .int, .uint, .double, .string, .bytes, .timestamp, .duration, .type,
            .object:
            false
        case .list(let element): element.isVague
        case .map(let key, let value): key.isVague || value.isVague
        case .nullable(let content), .optional(let content): content.isVague
        case .opaque(_, let parameters): parameters.contains(where: \.isVague)
        }
    }

    /// The type without "or null".
    var unwrapped: ExpressionType {
        if case .nullable(let content) = self { content } else { self }
    }

    var isNumber: Bool {
        switch self {
        case .int, .uint, .double: true
        case .dyn, .null, .bool, .string, .bytes, .timestamp, .duration, .list, .map, .object,
            .nullable, .optional, .type, .opaque, .parameter:
            false
        }
    }
}
