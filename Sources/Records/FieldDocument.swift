import Documents
import EventModel

/// Reads one field of a database file.
enum FieldDocument {
    static func field(_ reader: inout MappingReader) -> FieldSchema {
        let key = reader.requiredText("key") ?? ""
        var field = FieldSchema(
            key: key,
            notionName: reader.requiredText("notion") ?? "",
            type: type(&reader),
            isJSON: reader.boolean("json") ?? false,
            options: reader.texts("options") ?? [],
            hasOpenOptions: reader.boolean("open_options") ?? false,
            valueMap: valueMap(&reader),
            column: reader.requiredText("column") ?? "",
            postgresType: reader.requiredText("pg") ?? "",
            isRequired: reader.boolean("required") ?? false,
            isUnique: reader.boolean("unique") ?? false,
            isPersonal: reader.boolean("pii") ?? false,
            isComputed: reader.boolean("computed") ?? false,
            owner: reader.choice("owner", of: FieldSchema.Owner.self) ?? .both,
            merge: reader.text("merge") ?? "timestamp_priority",
            relation: relation(&reader),
            defaultValue: reader.node("default")?.value
        )
        field.aliases = reader.texts("aliases") ?? []
        field.rollup = rollup(&reader)
        field.calculation = reader.text("calc")
        field.formulaResult = reader.choice("result", of: FieldSchema.FormulaResult.self)
        field.validation = reader.text("validation")
        field.identifierFormat = reader.text("id_format")
        field.isSecretReference = reader.boolean("secret_reference") ?? false
        field.minimum = reader.number("minimum")
        field.maximum = reader.number("maximum")
        field.isRange = reader.boolean("range") ?? false
        field.unit = reader.text("unit")
        field.numberFormat = reader.text("format")
        field.entities = reader.texts("entities") ?? []
        field.propagation = reader.text("propagate")
        check(field, &reader)
        return field
    }

    private static func type(_ reader: inout MappingReader) -> FieldSchema.PropertyType {
        guard reader.required("type") != nil else { return .richText }
        return reader.choice("type", of: FieldSchema.PropertyType.self) ?? .richText
    }

    private static func valueMap(_ reader: inout MappingReader) -> [String: [String]] {
        guard let node = reader.node("value_map") else { return [:] }
        var part = MappingReader(node, what: "value_map")
        var map: [String: [String]] = [:]
        for member in node.members ?? [] { map[member.key] = part.texts(member.key) ?? [] }
        reader.report(part.finish())
        return map
    }

    private static func relation(_ reader: inout MappingReader) -> FieldSchema.Relation? {
        guard let node = reader.node("relation") else { return nil }
        var part = MappingReader(node, what: "a relation")
        let relation = FieldSchema.Relation(
            target: part.requiredText("target") ?? "",
            cardinality: part.requiredText("cardinality") ?? "",
            inverse: part.text("inverse")
        )
        if CatalogueChecker.opposites[relation.cardinality] == nil {
            let words = Array(CatalogueChecker.opposites.keys)
            part.report(
                Problem(
                    at: node.place,
                    "'\(relation.cardinality)' is no cardinality",
                    remedy: Suggestion.remedy(for: relation.cardinality, among: words)
                )
            )
        }
        reader.report(part.finish())
        return relation
    }

    private static func rollup(_ reader: inout MappingReader) -> FieldSchema.Rollup? {
        guard let node = reader.node("rollup") else { return nil }
        var part = MappingReader(node, what: "a roll-up")
        let rollup = FieldSchema.Rollup(
            relation: part.requiredText("relation") ?? "",
            property: part.requiredText("property") ?? "",
            function: part.requiredText("function") ?? ""
        )
        reader.report(part.finish())
        return rollup
    }

    private static func check(_ field: FieldSchema, _ reader: inout MappingReader) {
        if (field.type == .relation) != (field.relation != nil) {
            reader.report(
                Problem(
                    at: reader.place,
                    "'relation' belongs to a field of type relation, and only there"
                )
            )
        }
        if (field.type == .rollup) != (field.rollup != nil) {
            reader.report(
                Problem(
                    at: reader.place,
                    "'rollup' belongs to a field of type rollup, and only there"
                )
            )
        }
        for option in field.valueMap.values.joined() where !field.options.contains(option) {
            reader.report(
                Problem(
                    at: reader.place,
                    "value_map names the option '\(option)', which is not there",
                    remedy: Suggestion.remedy(for: option, among: field.options)
                )
            )
        }
        if let minimum = field.minimum, let maximum = field.maximum, minimum > maximum {
            reader.report(Problem(at: reader.place, "the minimum is above the maximum"))
        }
    }
}
