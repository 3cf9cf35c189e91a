import EventModel
import Records

/// Translates rows between Notion's properties and Daybook's field keys.
struct RowCodec {
    var schema: DatabaseSchema

    /// A row as those who watch see it: `id`, `in_trash`, times, and every field by its key.
    func row(
        _ page: NotionPage,
        _ source: NotionDataSource,
        _ workspace: NotionWorkspace
    ) -> ValueMap {
        var row: ValueMap = [
            "id": .string(page.id), "in_trash": .bool(page.isTrashed),
            "created_time": .string(NotionTime.minutes(page.createdAt)),
            "last_edited_time": .string(NotionTime.minutes(page.editedAt)),
            "last_edited_by": .string(page.editedBy),
        ]
        for field in schema.fields {
            guard let property = source.property(field.notionName) else { continue }
            row[field.key] = plain(workspace.shownValue(property, of: page), field)
        }
        return row
    }

    private func plain(_ value: Value, _ field: FieldSchema) -> Value {
        switch field.type {
        case .title, .richText:
            let text = NotionText.plainText(value)
            if text.isEmpty { return .null }
            guard field.isJSON else { return .string(text) }
            return (try? JSON.parse(text)) ?? .string(text)
        case .select, .status: return value["name"] ?? .null
        case .multiSelect: return .list((value.listValue ?? []).map { $0["name"] ?? .null })
        case .relation, .people: return .list((value.listValue ?? []).map { $0["id"] ?? .null })
        case .date:
            if value["end"]?.isNull == false {
                return ["start": value["start"] ?? .null, "end": value["end"] ?? .null]
            }
            return value["start"] ?? .null
        case .files:
            return .list(
                (value.listValue ?? []).map { file in
                    let kind = file["type"]?.stringValue ?? "external"
                    return ["name": file["name"] ?? .null, "url": file[kind]?["url"] ?? .null]
                }
            )
        case .createdBy, .lastEditedBy: return value["id"] ?? .null
        case .formula: return value[value["type"]?.stringValue ?? ""] ?? .null
        case .rollup:
            let inner = value[value["type"]?.stringValue ?? ""] ?? .null
            return inner
        case .uniqueID: return value["number"] ?? .null
        case .number, .checkbox, .url, .email, .phoneNumber, .createdTime, .lastEditedTime:
            return value
        }
    }

    /// The properties that a write of these fields needs.
    ///
    /// - Parameter fields: by key; `in_trash` is passed over.
    func properties(_ fields: ValueMap) throws(NotionError) -> ValueMap {
        var properties: ValueMap = [:]
        for key in fields.stringKeys where key != "in_trash" {
            guard let field = schema.field(key) else {
                let keys = schema.fields.map(\.key).joined(separator: ", ")
                throw .validation("\(schema.key) has no field '\(key)'; there are: \(keys)")
            }
            let value = written(fields[key] ?? .null, field)
            properties[field.notionName] = .map([field.type.rawValue: value])
        }
        return properties
    }

    private func written(_ value: Value, _ field: FieldSchema) -> Value {
        switch field.type {
        case .title, .richText:
            if value.isNull { return .list([]) }
            let text = field.isJSON ? SandboxJSON.text(value) : value.stringValue
            return text.map(NotionText.pieces) ?? value
        case .select, .status: return value.isNull ? .null : ["name": value]
        case .multiSelect: return .list((value.listValue ?? []).map { ["name": $0] })
        case .relation, .people: return .list((value.listValue ?? []).map { ["id": $0] })
        case .date:
            if value["start"] != nil { return .map((value.mapValue ?? [:]).mapTimes()) }
            return value.isNull ? .null : ["start": value.asDateText]
        case .files:
            return .list(
                (value.listValue ?? []).map { file in
                    ["name": file["name"] ?? .null, "external": ["url": file["url"] ?? .null]]
                }
            )
        case .checkbox: return value.isNull ? false : value
        case .number, .url, .email, .phoneNumber, .rollup, .formula, .uniqueID, .createdTime,
            .lastEditedTime, .createdBy, .lastEditedBy:
            return value
        }
    }
}

extension Value {
    fileprivate var asDateText: Value {
        timestampValue.map { .string(NotionTime.precise($0)) } ?? self
    }
}

extension ValueMap {
    fileprivate func mapTimes() -> ValueMap {
        ValueMap(stringKeys.map { ($0, (self[$0] ?? .null).asDateText) })
    }
}
