import EventModel

/// Reads property values of Notion into Daybook's forms (described at `SourceRecord`).
///
/// Notion cannot tell an empty text from none, so both read as null. Whole numbers read as
/// integers. A JSON field whose text is no JSON reads as the text, so that a slip of the keyboard
/// loses nothing.
enum PropertyReader {
    /// - Parameters:
    ///   - property: `{type, <type>: …}`, from a page or as ``PropertyWriter`` made it.
    ///   - isJSON: true for a rich text that holds JSON.
    static func read(_ property: Value, isJSON: Bool = false) -> Value {
        guard let type = property["type"]?.stringValue else { return property }
        let content = property[type] ?? .null
        switch type {
        case "title", "rich_text": return text(RichText.plain(content), isJSON: isJSON)
        case "number": return number(content)
        case "select", "status": return content["name"] ?? .null
        case "multi_select": return .list((content.listValue ?? []).compactMap { $0["name"] })
        case "date": return date(content)
        case "checkbox", "url", "email", "phone_number": return emptyAsNull(content)
        case "people", "relation": return .list((content.listValue ?? []).compactMap { $0["id"] })
        case "files": return .list((content.listValue ?? []).map(file))
        case "formula": return computed(content)
        case "rollup": return rollup(content)
        case "unique_id": return uniqueID(content)
        case "created_time", "last_edited_time": return timestamp(content)
        case "created_by", "last_edited_by": return content["id"] ?? .null
        case "button": return .null
        default: return content
        }
    }

    /// A value with everything levelled that Notion does not keep, so that what was written and
    /// what comes back are equal: seconds of dates, the order of sets.
    static func levelled(_ value: Value, type: String) -> Value {
        switch (type, value) {
        case ("date", .timestamp(let instant)):
            return .timestamp(NotionTime.flooredToMinute(instant))
        case ("date", .map(let range)):
            var floored = range
            for key in ["start", "end"] {
                guard let instant = range[key]?.timestampValue else { continue }
                floored[key] = .timestamp(NotionTime.flooredToMinute(instant))
            }
            return .map(floored)
        case ("multi_select", .list(let names)), ("relation", .list(let names)),
            ("people", .list(let names)):
            return .list(names.sorted { ($0.stringValue ?? "") < ($1.stringValue ?? "") })
        default:
            return value
        }
    }

    private static func text(_ text: String, isJSON: Bool) -> Value {
        guard !text.isEmpty else { return .null }
        guard isJSON else { return .string(text) }
        return NotionJSON.decode(Array(text.utf8)) ?? .string(text)
    }

    private static func number(_ value: Value) -> Value {
        guard case .double(let number) = value, number == number.rounded(),
            number.magnitude < 9_007_199_254_740_992
        else { return value }
        return .int(Int64(number))
    }

    private static func emptyAsNull(_ value: Value) -> Value {
        value == .string("") ? .null : value
    }

    private static func date(_ value: Value) -> Value {
        guard let start = value["start"]?.stringValue else { return .null }
        let zone = value["time_zone"]?.stringValue
        guard let first = NotionTime.parse(start, zone: zone) else { return value }
        guard let end = value["end"]?.stringValue else { return .timestamp(first) }
        guard let last = NotionTime.parse(end, zone: zone) else { return value }
        return ["start": .timestamp(first), "end": .timestamp(last)]
    }

    private static func timestamp(_ value: Value) -> Value {
        guard let text = value.stringValue, let instant = NotionTime.parse(text) else {
            return value
        }
        return .timestamp(instant)
    }

    /// Signed URLs change with every answer and die within the hour, so they are left out.
    private static func file(_ value: Value) -> Value {
        var file: ValueMap = ["name": value["name"] ?? .null]
        if let url = value[path: "external", "url"] { file["url"] = url }
        return .map(file)
    }

    private static func computed(_ value: Value) -> Value {
        guard let type = value["type"]?.stringValue else { return .null }
        let content = value[type] ?? .null
        switch type {
        case "number": return number(content)
        case "date": return date(content)
        case "string", "boolean": return emptyAsNull(content)
        default: return .null
        }
    }

    private static func rollup(_ value: Value) -> Value {
        guard value["type"]?.stringValue == "array" else { return computed(value) }
        return .list((value["array"]?.listValue ?? []).map { read($0) })
    }

    private static func uniqueID(_ value: Value) -> Value {
        guard let number = value["number"]?.intValue else { return .null }
        guard let prefix = value["prefix"]?.stringValue, !prefix.isEmpty else {
            return .int(number)
        }
        return .string("\(prefix)-\(number)")
    }
}
