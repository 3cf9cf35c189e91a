public import CEL

/// What workflows are checked against when they speak of databases: the fields of each, with types.
public struct DatabaseShapes: Sendable {
    /// One field.
    public struct Field: Sendable {
        /// What can be written into a field.
        public enum Content: Sendable, Hashable {
            case text, number, boolean, date, list, any
            /// One of a select's options; of several of them for a multi-select.
            case option, options
            /// Nobody but the record source can write it.
            case nothing
        }

        public var key: String
        /// What expressions read.
        public var type: ExpressionType
        public var content: Content
        /// The texts that a select takes; empty if any will do.
        public var options: [String]

        public init(
            key: String,
            type: ExpressionType,
            content: Content,
            options: [String] = []
        ) {
            self.key = key
            self.type = type
            self.content = content
            self.options = options
        }
    }

    /// One database.
    public struct Shape: Sendable {
        public var key: String
        /// Other names that it goes by.
        public var aliases: [String]
        public var fields: [Field]

        public init(key: String, aliases: [String], fields: [Field]) {
            self.key = key
            self.aliases = aliases
            self.fields = fields
        }

        /// A record with all its fields and its `id`, as expressions see it.
        public var recordType: ExpressionType {
            var members: [String: ExpressionType] = ["id": .string]
            for field in fields { members[field.key] = .nullable(field.type) }
            return .object(ObjectType("a record of \(key)", members: members))
        }

        /// For each field `{before, after}`, as a change of a record has it.
        var changesType: ExpressionType {
            var members: [String: ExpressionType] = [:]
            for field in fields {
                let pair = ObjectType(
                    "the change of \(field.key)",
                    members: ["before": .nullable(field.type), "after": .nullable(field.type)]
                )
                members[field.key] = .object(pair)
            }
            return .object(ObjectType("the changes of a record of \(key)", members: members))
        }

        func field(_ key: String) -> Field? { fields.first { $0.key == key } }
    }

    public let shapes: [Shape]

    public init(_ shapes: [Shape]) { self.shapes = shapes }

    /// The database of a key or another name.
    public subscript(name: String) -> Shape? {
        shapes.first { $0.key == name } ?? shapes.first { $0.aliases.contains(name) }
    }

    /// The keys, for suggestions.
    var keys: [String] { shapes.map(\.key) }
}
