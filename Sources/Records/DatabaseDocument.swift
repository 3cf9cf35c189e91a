import Documents
import EventModel

/// One file of `Schemas/databases/` after reading, with the places that later checks need.
struct DatabaseDocument {
    var schema: DatabaseSchema
    var place: Place
    /// Where each field stands, by key.
    var fieldPlaces: [String: Place] = [:]

    init(text: String, file: String) throws(Problems) {
        let root: Node
        do throws(Problem) {
            root = try YAML.parse(text, file: file)
        } catch {
            throw Problems([error])
        }
        var reader = MappingReader(root, what: "a database")
        place = root.place
        schema = DatabaseDocument.head(&reader)
        schema.archival = DatabaseDocument.archival(&reader)
        schema.indexes = DatabaseDocument.indexes(&reader)
        schema.tableOnlyColumns = DatabaseDocument.columns(&reader)
        if reader.required("fields") != nil {
            for node in reader.elements("fields") ?? [] {
                var fieldReader = MappingReader(node, what: "a field")
                let field = FieldDocument.field(&fieldReader)
                reader.report(fieldReader.finish())
                if fieldPlaces[field.key] != nil {
                    reader.report(Problem(at: node.place, "the field '\(field.key)' comes twice"))
                }
                fieldPlaces[field.key] = node.place
                schema.fields.append(field)
            }
        }
        var problems = reader.finish()
        problems += inner()
        guard problems.isEmpty else { throw Problems(problems) }
    }

    private static func head(_ reader: inout MappingReader) -> DatabaseSchema {
        let key = reader.requiredText("key") ?? ""
        if !key.utf8.allSatisfy(isKeyByte) {
            reader.report(
                Problem(
                    at: reader.place,
                    "'\(key)' is no database key",
                    remedy: "use lower-case letters, digits and underscores"
                )
            )
        }
        return DatabaseSchema(
            key: key,
            title: reader.requiredText("title") ?? "",
            purpose: reader.requiredText("purpose") ?? "",
            table: reader.requiredText("table") ?? "",
            environmentVariable: reader.requiredText("env") ?? "",
            aliases: reader.texts("aliases") ?? [],
            matchFields: reader.texts("match_fields") ?? [],
            fields: [],
            group: reader.text("group") ?? "core",
            number: reader.integer("number", in: 1...1000).map(Int.init),
            setupOrder: reader.integer("setup_order", in: 0...1000).map(Int.init) ?? 0,
            isOptional: reader.boolean("optional") ?? false,
            entities: reader.texts("entities") ?? [],
            expectedRecords: reader.integer("expected_records", in: 0...1_000_000_000)
                .map(Int.init) ?? 0,
            identifierField: reader.text("id_field"),
            requiredOneOf: reader.texts("required_one_of") ?? []
        )
    }

    private static func archival(_ reader: inout MappingReader) -> DatabaseSchema.Archival? {
        guard let node = reader.node("archival") else { return nil }
        var part = MappingReader(node, what: "archival")
        let archival = DatabaseSchema.Archival(
            policy: part.requiredText("policy") ?? "",
            field: part.requiredText("field") ?? "",
            values: part.texts("values") ?? [],
            archiveAfterDays: part.integer("archive_after_days", in: 1...36_500).map(Int.init) ?? 0,
            location: part.text("archive_location"),
            kept: part.text("keep"),
            retention: part.text("retention"),
            fullArchiveAfter: part.text("full_archive_after")
        )
        reader.report(part.finish())
        return archival
    }

    private static func indexes(_ reader: inout MappingReader) -> [DatabaseSchema.Index] {
        (reader.elements("indexes") ?? []).map { node in
            var part = MappingReader(node, what: "an index")
            let index = DatabaseSchema.Index(
                columns: part.texts("columns") ?? [],
                isUnique: part.boolean("unique") ?? false
            )
            if index.columns.isEmpty {
                part.report(Problem(at: node.place, "an index needs columns"))
            }
            reader.report(part.finish())
            return index
        }
    }

    private static func columns(_ reader: inout MappingReader) -> [DatabaseSchema.TableColumn] {
        (reader.elements("table_only_columns") ?? []).map { node in
            var part = MappingReader(node, what: "a column")
            let column = DatabaseSchema.TableColumn(
                name: part.requiredText("column") ?? "",
                postgresType: part.requiredText("pg") ?? "",
                isUnique: part.boolean("unique") ?? false,
                defaultValue: part.node("default")?.value
            )
            reader.report(part.finish())
            return column
        }
    }

    /// What one database alone must fulfil.
    private func inner() -> [Problem] {
        var problems: [Problem] = []
        let titles = schema.fields.filter { $0.type == .title }
        if titles.count != 1 {
            problems.append(
                Problem(at: place, "a database has exactly one title field, not \(titles.count)")
            )
        }
        problems += repeated(schema.fields.map { ($0.notionName, $0.key) }, what: "property")
        problems += repeated(schema.fields.map { ($0.column, $0.key) }, what: "column")
        let keys = schema.fields.map(\.key)
        let named =
            schema.matchFields + schema.requiredOneOf
            + [schema.identifierField, schema.archival?.field].compactMap { $0 }
        for name in named where !keys.contains(name) {
            problems.append(
                Problem(
                    at: place,
                    "there is no field '\(name)'",
                    remedy: Suggestion.remedy(for: name, among: keys)
                )
            )
        }
        let columns =
            schema.fields.map(\.column) + schema.tableOnlyColumns.map(\.name)
            + DatabaseCatalogue.standardColumns
        for name in schema.indexes.flatMap(\.columns) where !columns.contains(name) {
            problems.append(
                Problem(
                    at: place,
                    "an index names the column '\(name)', which is not there",
                    remedy: Suggestion.remedy(for: name, among: columns)
                )
            )
        }
        return problems
    }

    private func repeated(_ names: [(String, String)], what: String) -> [Problem] {
        var seen: Set<String> = []
        return names.compactMap { name, key in
            guard !seen.insert(name).inserted else { return nil }
            return Problem(at: fieldPlaces[key] ?? place, "the \(what) '\(name)' comes twice")
        }
    }

    private static func isKeyByte(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "_")
    }
}
