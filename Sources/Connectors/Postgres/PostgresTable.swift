public import EventModel
public import Projections

/// What a column of a projection's table holds.
public enum PostgresColumnType: String, Sendable, Hashable, CaseIterable {
    case text
    case boolean
    case bigint
    case doublePrecision = "double precision"
    /// Numbers of any size, whole or not.
    case numeric
    case timestamptz
    case interval
    case bytea
    /// Lists, maps, and values of changing types.
    case jsonb

    /// The type that fits values: numbers are `numeric`, a mixture is `jsonb`, nothing but nulls
    /// `text`.
    public static func fitting(_ values: some Sequence<Value>) -> PostgresColumnType {
        var found: Set<PostgresColumnType> = []
        for value in values {
            switch value {
            case .null: break
            case .string: found.insert(.text)
            case .bool: found.insert(.boolean)
            case .int, .uint, .double: found.insert(.numeric)
            case .timestamp: found.insert(.timestamptz)
            case .duration: found.insert(.interval)
            case .bytes: found.insert(.bytea)
            case .list, .map: found.insert(.jsonb)
            }
        }
        guard found.count < 2 else { return .jsonb }
        return found.first ?? .text
    }

    /// The type of a column as `information_schema.columns.udt_name` says it; nil for another type.
    init?(udtName: String) {
        switch udtName {
        case "text", "varchar", "bpchar", "citext": self = .text
        case "bool": self = .boolean
        case "int8": self = .bigint
        case "float8": self = .doublePrecision
        case "numeric": self = .numeric
        case "timestamptz": self = .timestamptz
        case "interval": self = .interval
        case "bytea": self = .bytea
        case "jsonb": self = .jsonb
        default: return nil
        }
    }

    /// The text of a value for a column of this type; nil is NULL.
    ///
    /// - Throws: if the column cannot hold the value. Text takes everything, as JSON where it must.
    func text(of value: Value) throws(PostgresError) -> String? {
        if value == .null { return nil }
        switch (self, value) {
        case (.jsonb, _):
            return try PostgresText.checked(try PostgresText.json(value))
        case (.text, _), (.boolean, .bool), (.bigint, .int), (.numeric, .int), (.numeric, .uint),
            (.numeric, .double), (.doublePrecision, .double), (.timestamptz, .timestamp),
            (.interval, .duration), (.bytea, .bytes):
            return try PostgresText.parameter(value)
        case (.bigint, .uint):
            if let number = value.intValue { return "\(number)" }
        case (.doublePrecision, .int), (.doublePrecision, .uint):
            if let number = value.doubleValue { return PostgresText.double(number) }
        case (.timestamptz, .string(let text)):
            // Dates come as text where an expression made them so.
            if let instant = try? Timestamp(rfc3339: text) { return instant.rfc3339 }
        default: break
        }
        throw PostgresError(
            .invalidValue,
            "a column of type \(rawValue) cannot hold this \(value.typeName)"
        )
    }
}

/// The table of a projection: a row for each of its rows.
///
/// `key text PRIMARY KEY` and `position bigint` are there in any case: the row's key, and the
/// position in the log of the event that changed it last. All other columns may be null.
public struct PostgresTable: Sendable, Hashable {
    public var schema: String
    public var name: String
    /// In the order in which they are created.
    public var columns: [Column]

    /// A column and its type.
    public struct Column: Sendable, Hashable {
        public var name: String
        public var type: PostgresColumnType

        public init(_ name: String, _ type: PostgresColumnType) {
            self.name = name
            self.type = type
        }
    }

    /// The table of a binding, with the types that fit rows.
    public init(schema: String, binding: SinkBinding, fitting rows: [Row]) {
        self.schema = schema
        name = binding.target
        columns = binding.fields.map { mapping in
            let values = rows.lazy.compactMap { $0.columns[mapping.column] }
            return Column(mapping.field, .fitting(values))
        }
    }

    public init(schema: String, name: String, columns: [Column]) {
        self.schema = schema
        self.name = name
        self.columns = columns
    }

    /// The statements that make the table, or add to it the columns that it lacks; they change
    /// nothing that is there, so they can be run at any time.
    ///
    /// - Throws: for names that PostgreSQL cannot hold.
    public func statements() throws(PostgresError) -> [String] {
        let schemaName = try PostgresText.identifier(schema)
        let table = try qualifiedName()
        var statements = [
            "CREATE SCHEMA IF NOT EXISTS \(schemaName)",
            """
            CREATE TABLE IF NOT EXISTS \(table) \
            ("key" text PRIMARY KEY, "position" bigint NOT NULL)
            """,
        ]
        for column in columns {
            let name = try PostgresText.identifier(column.name)
            let add = "ALTER TABLE \(table) ADD COLUMN IF NOT EXISTS"
            statements.append("\(add) \(name) \(column.type.rawValue)")
        }
        return statements
    }

    func qualifiedName() throws(PostgresError) -> String {
        "\(try PostgresText.identifier(schema)).\(try PostgresText.identifier(name))"
    }
}
