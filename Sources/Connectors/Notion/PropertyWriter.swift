import Documents
import EventModel
import Records

/// Turns Daybook's values into property values of Notion, within Notion's limits.
///
/// The type is that which the property has in Notion, not the declared one: a staff member who made
/// a select into a status is no reason to fail.
enum PropertyWriter {
    private static let shortTextUnitsMax = 200
    private static let urlUnitsMax = 2000
    private static let itemsMax = 100

    /// - Returns: `{type, <type>: …}`; Notion takes the type along.
    /// - Throws: ``NotionError/Code/invalidValue`` with the field and what to do.
    static func write(
        _ value: Value,
        field: FieldSchema,
        property: NotionProperty
    ) throws(NotionError) -> Value {
        let content: Value =
            switch property.type {
            case "title", "rich_text": try runs(value, field)
            case "number": try number(value, field)
            case "select", "status": try option(value, field, property)
            case "multi_select": try options(value, field, property)
            case "date": try date(value, field)
            case "checkbox": try checkbox(value, field)
            case "url": try plain(value, field, unitsMax: urlUnitsMax)
            case "email", "phone_number": try plain(value, field, unitsMax: shortTextUnitsMax)
            case "people", "relation": try references(value, field)
            case "files": try files(value, field)
            default:
                throw invalid(
                    field,
                    "is a \(property.type) of Notion, which nobody can write; leave it out"
                )
            }
        return ["type": .string(property.type), property.type: content]
    }

    private static func runs(_ value: Value, _ field: FieldSchema) throws(NotionError) -> Value {
        let text: String?
        do throws(NotionError) {
            text = try plainText(value, isJSON: field.isJSON)
        } catch {
            throw invalid(field, error.message)
        }
        guard let text else {
            throw invalid(field, "must be a text, not a \(value.typeName)")
        }
        guard let runs = RichText.runs(text) else {
            let limit = RichText.runUnitsMax * RichText.runsMax
            throw invalid(field, "is longer than the \(limit) characters that Notion takes")
        }
        return runs
    }

    private static func number(_ value: Value, _ field: FieldSchema) throws(NotionError) -> Value {
        if value.isNull { return .null }
        guard let number = value.doubleValue, number.isFinite else {
            throw invalid(field, "must be a finite number, not a \(value.typeName)")
        }
        return value
    }

    private static func checkbox(_ value: Value, _ field: FieldSchema) throws(NotionError) -> Value
    {
        if value.isNull { return false }
        guard value.boolValue != nil else {
            throw invalid(field, "must be true or false, not a \(value.typeName)")
        }
        return value
    }

    private static func plain(
        _ value: Value,
        _ field: FieldSchema,
        unitsMax: Int
    ) throws(NotionError) -> Value {
        // Notion may refuse what is no address, and a person who was erased has none.
        if value.isNull || value == .string("") || value == .erased { return .null }
        guard let text = value.stringValue else {
            throw invalid(field, "must be a text, not a \(value.typeName)")
        }
        guard text.utf16.count <= unitsMax else {
            throw invalid(field, "is longer than the \(unitsMax) characters that Notion takes")
        }
        return value
    }

    private static func option(
        _ value: Value,
        _ field: FieldSchema,
        _ property: NotionProperty
    ) throws(NotionError) -> Value {
        if value.isNull || value == .string("") { return .null }
        guard let text = value.stringValue else {
            throw invalid(field, "must be a text, not a \(value.typeName)")
        }
        return ["name": .string(try optionName(text, field, property))]
    }

    private static func options(
        _ value: Value,
        _ field: FieldSchema,
        _ property: NotionProperty
    ) throws(NotionError) -> Value {
        let list = value.isNull ? [] : (value.listValue ?? [value])
        guard list.count <= itemsMax else {
            throw invalid(field, "has \(list.count) options; Notion takes \(itemsMax)")
        }
        var names: [String] = []
        for item in list {
            guard let text = item.stringValue else {
                throw invalid(field, "must be a list of texts, and holds a \(item.typeName)")
            }
            let name = try optionName(text, field, property)
            if !names.contains(name) { names.append(name) }
        }
        return .list(names.map { ["name": .string($0)] })
    }

    /// Notion's spelling of an option: names are unique whatever their case.
    private static func optionName(
        _ text: String,
        _ field: FieldSchema,
        _ property: NotionProperty
    ) throws(NotionError) -> String {
        let wanted = field.options(for: text).first ?? text
        if let known = property.options.first(where: { $0.lowercased() == wanted.lowercased() }) {
            return known
        }
        let isClosed = !field.options.isEmpty && !field.hasOpenOptions
        if (isClosed && !field.options.contains(wanted)) || property.type == "status" {
            let remedy = Suggestion.remedy(for: text, among: property.options)
            throw invalid(field, "has no option '\(text)'; \(remedy)")
        }
        guard !wanted.contains(","), wanted.utf16.count <= itemsMax else {
            throw invalid(field, "cannot have the option '\(wanted)': no commas, 100 characters")
        }
        return wanted
    }

    private static func date(_ value: Value, _ field: FieldSchema) throws(NotionError) -> Value {
        if value.isNull || value == .string("") { return .null }
        guard let range = value.mapValue else { return ["start": try instant(value, field)] }
        var date: ValueMap = ["start": try instant(range["start"] ?? .null, field)]
        if let end = range["end"], !end.isNull { date["end"] = try instant(end, field) }
        return .map(date)
    }

    private static func instant(_ value: Value, _ field: FieldSchema) throws(NotionError) -> Value {
        if let instant = value.timestampValue { return .string(NotionTime.text(instant)) }
        guard let text = value.stringValue, NotionTime.parse(text) != nil else {
            throw invalid(
                field,
                "must be a timestamp such as 2026-12-01T10:00:00Z or a date such as 2026-12-01"
            )
        }
        return value
    }

    private static func references(
        _ value: Value,
        _ field: FieldSchema
    ) throws(NotionError) -> Value {
        let list = value.isNull ? [] : (value.listValue ?? [value])
        guard list.count <= itemsMax else {
            throw invalid(field, "names \(list.count) rows; Notion takes \(itemsMax) at a time")
        }
        var references: [Value] = []
        for item in list {
            guard let id = item.stringValue ?? item["id"]?.stringValue, !id.isEmpty else {
                throw invalid(field, "must be a list of ids, and holds a \(item.typeName)")
            }
            references.append(["id": .string(id)])
        }
        return .list(references)
    }

    private static func files(_ value: Value, _ field: FieldSchema) throws(NotionError) -> Value {
        var files: [Value] = []
        for item in value.isNull ? [] : (value.listValue ?? [value]) {
            guard let url = item["url"]?.stringValue ?? item.stringValue else {
                throw invalid(field, "must be a list of {name, url}")
            }
            let name = item["name"]?.stringValue ?? url
            files.append([
                "name": .string(name), "type": "external", "external": ["url": .string(url)],
            ])
        }
        return .list(files)
    }

    /// The text of a value; nil if it has none.
    private static func plainText(
        _ value: Value,
        isJSON: Bool
    ) throws(NotionError) -> String? {
        if value.isNull { return "" }
        if isJSON, value.stringValue == nil {
            return String(decoding: try NotionJSON.encode(value), as: UTF8.self)
        }
        switch value {
        case .null: return ""
        case .string(let text): return text
        case .bool(let truth): return String(truth)
        case .int(let number): return String(number)
        case .uint(let number): return String(number)
        case .double(let number): return String(number)
        case .timestamp(let instant): return NotionTime.text(instant)
        case .duration, .bytes: return nil
        case .list, .map: return String(decoding: try NotionJSON.encode(value), as: UTF8.self)
        }
    }

    private static func invalid(_ field: FieldSchema, _ problem: String) -> NotionError {
        NotionError(.invalidValue, "'\(field.key)' \(problem)", field: field.key)
    }
}
