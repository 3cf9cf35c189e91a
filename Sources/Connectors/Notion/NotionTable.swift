import Documents
public import Records

/// A database of the catalogue as it stands in Notion: the declared fields with their properties.
struct NotionTable: Sendable {
    var schema: DatabaseSchema
    var source: NotionDataSource
    /// Field key to property; fields that Notion does not have are absent.
    var properties: [String: NotionProperty]

    /// - Parameter earlier: the table as it was known before: a property that staff renamed since
    ///   is recognised by its id.
    init(schema: DatabaseSchema, source: NotionDataSource, earlier: NotionTable? = nil) {
        self.schema = schema
        self.source = source
        properties = [:]
        for field in schema.fields {
            let id = earlier?.properties[field.key]?.id
            properties[field.key] =
                source.property(named: field.notionName)
                ?? source.properties.first { $0.id == id }
                // A database has one title, whatever staff call it.
                ?? (field.type == .title ? source.properties.first { $0.type == "title" } : nil)
        }
    }

    /// The field that carries Daybook's own id of a row.
    static let identityField = "daybook_id"
    /// When Daybook last wrote a row, for staff to see.
    static let syncedField = "last_synced"
    /// The log position of a row, where a schema declares such a field.
    static let positionField = "log_position"

    /// The field and property of a key.
    ///
    /// - Throws: if the catalogue does not declare it, or Notion does not have it.
    func column(_ key: String) throws(NotionError) -> (FieldSchema, NotionProperty) {
        guard let field = schema.field(key) else {
            throw NotionTable.unknownField(key, schema)
        }
        guard let property = properties[key] else {
            throw NotionError(
                .invalidValue,
                "the database '\(schema.title)' in Notion has no property '\(field.notionName)'; "
                    + "add it, or rename the one that is meant",
                field: key
            )
        }
        return (field, property)
    }

    /// What differs between declaration and Notion.
    var report: NotionSchemaReport {
        var report = NotionSchemaReport(database: schema.key)
        for field in schema.fields {
            guard let property = properties[field.key] else {
                report.missing.append(field)
                continue
            }
            guard property.type != field.type.rawValue else { continue }
            report.differing.append(
                NotionSchemaReport.Difference(field: field, typeInNotion: property.type)
            )
        }
        let known = Set(properties.values.map(\.id))
        report.undeclared = source.properties.filter { !known.contains($0.id) }.map(\.name).sorted()
        return report
    }

    static func unknownField(_ key: String, _ schema: DatabaseSchema) -> NotionError {
        let remedy = Suggestion.remedy(for: key, among: schema.fields.map(\.key))
        return NotionError(
            .invalidValue,
            "the database '\(schema.key)' has no field '\(key)'; \(remedy)",
            field: key
        )
    }
}

/// How a database in Notion differs from its declaration; nothing of it stops the work.
public struct NotionSchemaReport: Sendable, Hashable {
    /// A property whose type is not the declared one.
    public struct Difference: Sendable, Hashable {
        public var field: FieldSchema
        public var typeInNotion: String
    }

    public var database: String
    /// Declared fields that Notion does not have: they are neither read nor written.
    public var missing: [FieldSchema] = []
    public var differing: [Difference] = []
    /// Properties that staff added and Daybook ignores.
    public var undeclared: [String] = []

    /// One line for each finding, for the log of the start-up.
    public var lines: [String] {
        let missing = missing.map {
            "\(database): the property '\($0.notionName)' is missing in Notion; "
                + "add it as \($0.type.rawValue)"
        }
        let differing = differing.map {
            "\(database): the property '\($0.field.notionName)' is a \($0.typeInNotion) in Notion, "
                + "declared as \($0.field.type.rawValue)"
        }
        return missing + differing
    }
}
