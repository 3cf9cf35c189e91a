import EventModel
import Records

/// Makes the filters of queries.
enum NotionFilter {
    /// Rows whose field equals a value, holds it, or is empty if it is null; any of them for a
    /// list.
    static func equals(
        _ key: String,
        _ value: Value,
        in table: NotionTable
    ) throws(NotionError) -> Value {
        let (field, property) = try table.column(key)
        if let list = value.listValue {
            guard !list.isEmpty else {
                throw NotionError(
                    .invalidValue,
                    "'\(key)' is searched by an empty list, which no row can match",
                    field: key
                )
            }
            var any: [Value] = []
            for item in list { any.append(contentsOf: try single(item, field, property)) }
            return or(any)
        }
        return or(try single(value, field, property))
    }

    /// Rows that one of the filters wants.
    static func or(_ filters: [Value]) -> Value {
        filters.count == 1 ? filters[0] : ["or": .list(filters)]
    }

    /// Rows that all of the filters want; nil for no filter.
    static func and(_ filters: [Value]) -> Value? {
        guard let first = filters.first else { return nil }
        return filters.count == 1 ? first : ["and": .list(filters)]
    }

    static func condition(_ property: NotionProperty, _ condition: Value) -> Value {
        ["property": .string(property.name), property.type: condition]
    }

    private static func single(
        _ value: Value,
        _ field: FieldSchema,
        _ property: NotionProperty
    ) throws(NotionError) -> [Value] {
        if value.isNull { return [condition(property, ["is_empty": true])] }
        switch property.type {
        case "title", "rich_text", "email", "phone_number", "url":
            return [condition(property, ["equals": .string(try text(value, field))])]
        case "number":
            guard value.doubleValue != nil else { throw wrong(field, "a number", value) }
            return [condition(property, ["equals": value])]
        case "checkbox":
            guard value.boolValue != nil else { throw wrong(field, "true or false", value) }
            return [condition(property, ["equals": value])]
        case "select", "status":
            let options = field.options(for: try text(value, field))
            return options.map { condition(property, ["equals": .string($0)]) }
        case "multi_select":
            let options = field.options(for: try text(value, field))
            return options.map { condition(property, ["contains": .string($0)]) }
        case "relation", "people", "created_by", "last_edited_by":
            return [condition(property, ["contains": .string(try text(value, field))])]
        case "date", "created_time", "last_edited_time":
            if let instant = value.timestampValue {
                return [condition(property, ["equals": .string(NotionTime.text(instant))])]
            }
            return [condition(property, ["equals": .string(try text(value, field))])]
        case "formula":
            return [condition(property, formula(value))]
        default:
            throw NotionError(
                .invalidValue,
                "'\(field.key)' is a \(property.type), by which Notion cannot search",
                field: field.key
            )
        }
    }

    private static func formula(_ value: Value) -> Value {
        switch value {
        case .bool: ["checkbox": ["equals": value]]
        case .int, .uint, .double: ["number": ["equals": value]]
        case .timestamp(let instant): ["date": ["equals": .string(NotionTime.text(instant))]]
        case .null, .string, .bytes, .duration, .list, .map: ["string": ["equals": value]]
        }
    }

    private static func text(_ value: Value, _ field: FieldSchema) throws(NotionError) -> String {
        guard let text = value.stringValue else { throw wrong(field, "a text", value) }
        return text
    }

    private static func wrong(_ field: FieldSchema, _ wanted: String, _ value: Value) -> NotionError
    {
        NotionError(
            .invalidValue,
            "'\(field.key)' must be searched by \(wanted), not by a \(value.typeName)",
            field: field.key
        )
    }
}
