public import EventModel

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

    /// What a roll-up shows: a property of the rows that a relation of this row names.
    public struct Rollup: Sendable, Hashable {
        /// The relation field, in this database.
        public var relation: String
        /// The field of the target database.
        public var property: String
        /// The name that Notion gives the function, such as `show_original` or `sum`.
        public var function: String

        public init(relation: String, property: String, function: String) {
            self.relation = relation
            self.property = property
            self.function = function
        }
    }

    /// What a formula yields.
    public enum FormulaResult: String, Sendable, Hashable, CaseIterable {
        case number, text, checkbox, date
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
    /// Other names of the field in requirements and workflows.
    public var aliases: [String]
    public var rollup: Rollup?
    /// What a formula or a computed number yields, in words.
    public var calculation: String?
    public var formulaResult: FormulaResult?
    /// A regular expression that a value must match.
    public var validation: String?
    /// A regular expression of the identifiers that Daybook gives.
    public var identifierFormat: String?
    /// True if the value is a pointer to a secret and never the secret.
    public var isSecretReference: Bool
    public var minimum: Double?
    public var maximum: Double?
    /// True for a date with a start and an end.
    public var isRange: Bool
    /// The unit of a number: `seconds`, `minutes`, `hours`.
    public var unit: String?
    /// How Notion shows a number: `us_dollar`, `percent`.
    public var numberFormat: String?
    /// The business entities whose rows use the field; empty for all.
    public var entities: [String]
    /// The extra effect that a change has on other databases.
    public var propagation: String?

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
        defaultValue: Value? = nil,
        aliases: [String] = [],
        rollup: Rollup? = nil,
        calculation: String? = nil,
        formulaResult: FormulaResult? = nil,
        validation: String? = nil,
        identifierFormat: String? = nil,
        isSecretReference: Bool = false,
        minimum: Double? = nil,
        maximum: Double? = nil,
        isRange: Bool = false,
        unit: String? = nil,
        numberFormat: String? = nil,
        entities: [String] = [],
        propagation: String? = nil
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
        self.aliases = aliases
        self.rollup = rollup
        self.calculation = calculation
        self.formulaResult = formulaResult
        self.validation = validation
        self.identifierFormat = identifierFormat
        self.isSecretReference = isSecretReference
        self.minimum = minimum
        self.maximum = maximum
        self.isRange = isRange
        self.unit = unit
        self.numberFormat = numberFormat
        self.entities = entities
        self.propagation = propagation
    }

    /// The options that a requirement's literal stands for: the mapped ones, else the option that
    /// has this name whatever the case, else the literal itself.
    public func options(for literal: String) -> [String] {
        if let mapped = valueMap[literal] ?? valueMap[literal.lowercased()] { return mapped }
        if let option = options.first(where: { $0.lowercased() == literal.lowercased() }) {
            return [option]
        }
        return [literal]
    }

    /// True if Notion alone makes the value, so that no one can write it.
    public var isReadOnlyInNotion: Bool {
        switch type {
        case .rollup, .formula, .uniqueID, .createdTime, .lastEditedTime, .createdBy, .lastEditedBy:
            true
        case .title, .richText, .number, .select, .multiSelect, .status, .date, .people, .files,
            .checkbox, .url, .email, .phoneNumber, .relation:
            false
        }
    }
}
