public import EventModel

/// One database as `Schemas/databases/` declares it: the source of the Notion set-up, of the SQL
/// migration, of validators, forms and docs.
public struct DatabaseSchema: Sendable, Hashable {
    /// Daybook's key: `contacts_profiles`.
    public var key: String
    /// What staff see in Notion: `Contacts & Profiles`.
    public var title: String
    public var purpose: String
    /// The Postgres table.
    public var table: String
    /// The environment variable that may name the Notion database.
    public var environmentVariable: String
    /// Other names of the database in requirements and workflows.
    public var aliases: [String]
    /// Field keys that identify a row from outside, such as email and phone.
    public var matchFields: [String]
    public var fields: [FieldSchema]

    public init(
        key: String,
        title: String,
        purpose: String,
        table: String,
        environmentVariable: String,
        aliases: [String],
        matchFields: [String],
        fields: [FieldSchema]
    ) {
        self.key = key
        self.title = title
        self.purpose = purpose
        self.table = table
        self.environmentVariable = environmentVariable
        self.aliases = aliases
        self.matchFields = matchFields
        self.fields = fields
    }

    /// The field of a key, or nil.
    public func field(_ key: String) -> FieldSchema? { fields.first { $0.key == key } }

    /// The field whose Notion property has this name, or nil.
    public func field(notion name: String) -> FieldSchema? {
        fields.first { $0.notionName == name }
    }

    /// The one title field; every database has it.
    public var titleField: FieldSchema? { fields.first { $0.type == .title } }
}

/// One field of a database.
public struct FieldSchema: Sendable, Hashable {
    /// Notion's property types, spelled as its API does.
    public enum PropertyType: String, Sendable, Hashable, CaseIterable {
        case title, richText = "rich_text", number, select, multiSelect = "multi_select", status
        case date, people, files, checkbox, url, email, phoneNumber = "phone_number"
        case relation, rollup, formula, uniqueID = "unique_id"
        case createdTime = "created_time", lastEditedTime = "last_edited_time"
        case createdBy = "created_by", lastEditedBy = "last_edited_by"
    }

    /// Who may write the value.
    public enum Owner: String, Sendable, Hashable, CaseIterable {
        /// Notion computes it, Daybook only reads it.
        case notion
        /// Daybook writes it, a staff edit is put back.
        case daybook
        /// Staff and workflows may write it.
        case both
    }

    /// Where a relation leads.
    public struct Relation: Sendable, Hashable {
        public var target: String
        /// `many_to_one`, `one_to_many`, `one_to_one` or `many_to_many`.
        public var cardinality: String
        public var inverse: String?

        public init(target: String, cardinality: String, inverse: String?) {
            self.target = target
            self.cardinality = cardinality
            self.inverse = inverse
        }

        /// True if a row names at most one other row.
        public var isToOne: Bool { cardinality == "many_to_one" || cardinality == "one_to_one" }
    }

    public var key: String
    public var notionName: String
    public var type: PropertyType
    /// A rich text that holds JSON.
    public var isJSON: Bool
    /// The options of a select, in order.
    public var options: [String]
    /// True if staff may add options.
    public var hasOpenOptions: Bool
    /// A requirement's literal to the options that count as it: `client` to `Active Client`.
    public var valueMap: [String: [String]]
    public var column: String
    public var postgresType: String
    public var isRequired: Bool
    public var isUnique: Bool
    public var isPersonal: Bool
    public var isComputed: Bool
    public var owner: Owner
    public var merge: String
    public var relation: Relation?
    public var defaultValue: Value?

    public init(
        key: String,
        notionName: String,
        type: PropertyType,
        isJSON: Bool = false,
        options: [String] = [],
        hasOpenOptions: Bool = false,
        valueMap: [String: [String]] = [:],
        column: String,
        postgresType: String,
        isRequired: Bool = false,
        isUnique: Bool = false,
        isPersonal: Bool = false,
        isComputed: Bool = false,
        owner: Owner = .both,
        merge: String = "timestamp_priority",
        relation: Relation? = nil,
        defaultValue: Value? = nil
    ) {
        self.key = key
        self.notionName = notionName
        self.type = type
        self.isJSON = isJSON
        self.options = options
        self.hasOpenOptions = hasOpenOptions
        self.valueMap = valueMap
        self.column = column
        self.postgresType = postgresType
        self.isRequired = isRequired
        self.isUnique = isUnique
        self.isPersonal = isPersonal
        self.isComputed = isComputed
        self.owner = owner
        self.merge = merge
        self.relation = relation
        self.defaultValue = defaultValue
    }
}

/// All databases that `Schemas/databases/` declares.
public struct DatabaseCatalogue: Sendable, Hashable {
    /// In the order in which they are set up.
    public var databases: [DatabaseSchema]

    public init(databases: [DatabaseSchema]) { self.databases = databases }

    /// The database of a key or of one of its aliases, or nil.
    public func database(_ name: String) -> DatabaseSchema? {
        databases.first { $0.key == name }
            ?? databases.first { $0.title == name || $0.aliases.contains(name) }
    }
}
