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
    /// `core`, `support` or `optional`.
    public var group: String
    /// Its number among the sixteen; nil for an optional database.
    public var number: Int?
    /// The order in which databases are created, so that relations find their targets.
    public var setupOrder: Int
    /// True if an organisation may do without it.
    public var isOptional: Bool
    /// The business entities that use it; empty for all.
    public var entities: [String]
    /// How many rows are expected.
    public var expectedRecords: Int
    /// The field that holds the readable identifier, such as `contact_id`.
    public var identifierField: String?
    /// Fields of which at least one must have a value.
    public var requiredOneOf: [String]
    public var indexes: [Index]
    public var archival: Archival?
    /// Columns of the table that no Notion property shows.
    public var tableOnlyColumns: [TableColumn]

    /// An index of the Postgres table.
    public struct Index: Sendable, Hashable {
        public var columns: [String]
        public var isUnique: Bool

        public init(columns: [String], isUnique: Bool = false) {
            self.columns = columns
            self.isUnique = isUnique
        }
    }

    /// When rows leave the database and what stays of them.
    public struct Archival: Sendable, Hashable {
        public var policy: String
        /// The field that tells whether a row may go, and the values that say so.
        public var field: String
        public var values: [String]
        public var archiveAfterDays: Int
        /// Where it goes, what is kept and for how long, in words; nil where nothing is stated.
        public var location: String?
        public var kept: String?
        public var retention: String?
        public var fullArchiveAfter: String?

        public init(
            policy: String,
            field: String,
            values: [String],
            archiveAfterDays: Int,
            location: String? = nil,
            kept: String? = nil,
            retention: String? = nil,
            fullArchiveAfter: String? = nil
        ) {
            self.policy = policy
            self.field = field
            self.values = values
            self.archiveAfterDays = archiveAfterDays
            self.location = location
            self.kept = kept
            self.retention = retention
            self.fullArchiveAfter = fullArchiveAfter
        }
    }

    /// A column of the Postgres table without a field.
    public struct TableColumn: Sendable, Hashable {
        public var name: String
        public var postgresType: String
        public var isUnique: Bool
        public var defaultValue: Value?

        public init(
            name: String,
            postgresType: String,
            isUnique: Bool = false,
            defaultValue: Value? = nil
        ) {
            self.name = name
            self.postgresType = postgresType
            self.isUnique = isUnique
            self.defaultValue = defaultValue
        }
    }

    public init(
        key: String,
        title: String,
        purpose: String,
        table: String,
        environmentVariable: String,
        aliases: [String],
        matchFields: [String],
        fields: [FieldSchema],
        group: String = "core",
        number: Int? = nil,
        setupOrder: Int = 0,
        isOptional: Bool = false,
        entities: [String] = [],
        expectedRecords: Int = 0,
        identifierField: String? = nil,
        requiredOneOf: [String] = [],
        indexes: [Index] = [],
        archival: Archival? = nil,
        tableOnlyColumns: [TableColumn] = []
    ) {
        self.key = key
        self.title = title
        self.purpose = purpose
        self.table = table
        self.environmentVariable = environmentVariable
        self.aliases = aliases
        self.matchFields = matchFields
        self.fields = fields
        self.group = group
        self.number = number
        self.setupOrder = setupOrder
        self.isOptional = isOptional
        self.entities = entities
        self.expectedRecords = expectedRecords
        self.identifierField = identifierField
        self.requiredOneOf = requiredOneOf
        self.indexes = indexes
        self.archival = archival
        self.tableOnlyColumns = tableOnlyColumns
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
