import EventModel
import Foundation
import Records

/// Checks what a client writes into one property and brings it into the form that is kept.
struct PropertyValueReader {
    /// The workspace before the write, to look up pages and people.
    var workspace: NotionWorkspace
    /// Where the property stands in the body, for messages.
    var path: String
    /// Made for an option that the write creates.
    var newID: String

    /// The value to keep.
    ///
    /// - Parameters:
    ///   - written: `{<type>: value}`, with or without `id` and `type`.
    ///   - property: gets the option that an unknown name creates.
    func read(
        _ written: Value,
        into property: inout NotionProperty
    ) throws(NotionError) -> Value {
        guard let map = written.mapValue else { throw .body(path, "an object", written) }
        let name = property.type.rawValue
        guard let value = map[name] else {
            throw .validation("\(property.name) is expected to be \(name).")
        }
        let inner = "\(path).\(name)"
        switch property.type {
        case .title, .richText:
            return try NotionText.read(value, path: inner) { workspace.name($0, $1) }
        case .number: return try number(value, inner)
        case .checkbox:
            guard value.boolValue != nil else { throw .body(inner, "a boolean", value) }
            return value
        case .url: return try text(value, inner, NotionLimits.urlLengthMax)
        case .email: return try text(value, inner, NotionLimits.emailLengthMax)
        case .phoneNumber: return try text(value, inner, NotionLimits.phoneLengthMax)
        case .select:
            return value.isNull ? .null : try option(value, inner, &property, index: 0)
        case .multiSelect:
            let members = try list(value, inner)
            var options: [Value] = []
            for (index, member) in members.enumerated() {
                let option = try option(member, "\(inner)[\(index)]", &property, index: index)
                if !options.contains(option) { options.append(option) }
            }
            return .list(options)
        case .status: return try status(value, inner, property)
        case .date: return try date(value, inner)
        case .people: return try people(value, inner)
        case .relation: return try relation(value, inner, property)
        case .files: return try files(value, inner)
        case .rollup, .formula, .uniqueID, .createdTime, .lastEditedTime, .createdBy, .lastEditedBy:
            throw .validation("\(property.name) is a \(name) property and cannot be written.")
        }
    }

    private func list(_ value: Value, _ path: String) throws(NotionError) -> [Value] {
        guard let members = value.listValue else { throw .body(path, "an array", value) }
        guard members.count <= NotionLimits.arrayCountMax else {
            throw .length(path, NotionLimits.arrayCountMax, members.count)
        }
        return members
    }

    private func number(_ value: Value, _ path: String) throws(NotionError) -> Value {
        if value.isNull { return .null }
        guard let number = value.doubleValue else { throw .body(path, "a number", value) }
        // Numbers are doubles in Notion: a great integer comes back rounded.
        return Int64(exactly: number).map { .int($0) } ?? .double(number)
    }

    private func text(
        _ value: Value,
        _ path: String,
        _ maximum: Int
    ) throws(NotionError) -> Value {
        if value.isNull { return .null }
        guard let text = value.stringValue else { throw .body(path, "a string", value) }
        guard text.utf16.count <= maximum else { throw .length(path, maximum, text.utf16.count) }
        return text.isEmpty ? .null : value
    }

    private func option(
        _ value: Value,
        _ path: String,
        _ property: inout NotionProperty,
        index: Int
    ) throws(NotionError) -> Value {
        guard value.mapValue != nil else { throw .body(path, "an object", value) }
        if let option = property.option(matching: value) {
            return NotionProperty.shownOption(option)
        }
        guard let name = value["name"]?.stringValue else {
            guard let id = value["id"]?.stringValue else {
                throw .body("\(path).name", "defined", nil)
            }
            throw .validation("\(property.name) has no option with the id \(id).")
        }
        let option = try PropertySchemaReader.option(
            ["name": .string(name), "color": value["color"] ?? .null],
            position: property.options.count,
            id: SandboxIdentities.identifier("\(newID)/\(index)")
        )
        property.options.append(option)
        return NotionProperty.shownOption(option)
    }

    private func status(
        _ value: Value,
        _ path: String,
        _ property: NotionProperty
    ) throws(NotionError) -> Value {
        if value.isNull { return property.emptyValue }
        guard value.mapValue != nil else { throw .body(path, "an object", value) }
        guard let option = property.option(matching: value) else {
            let name = value["name"]?.stringValue ?? value["id"]?.stringValue ?? ""
            throw .validation(
                "Invalid status option. Status option \"\(name)\" does not exist."
            )
        }
        return NotionProperty.shownOption(option)
    }

    private func date(_ value: Value, _ path: String) throws(NotionError) -> Value {
        if value.isNull { return .null }
        guard value.mapValue != nil else { throw .body(path, "an object or `null`", value) }
        var timeZone: TimeZone?
        if let name = value["time_zone"], !name.isNull {
            guard let zone = name.stringValue.flatMap(TimeZone.init(identifier:)) else {
                throw .body("\(path).time_zone", "a valid time zone", name)
            }
            timeZone = zone
        }
        guard let start = value["start"] else { throw .body("\(path).start", "defined", nil) }
        let first = try instant(start, "\(path).start", timeZone)
        var end: Value = .null
        if let written = value["end"], !written.isNull {
            let last = try instant(written, "\(path).end", timeZone)
            guard last.minuteSeconds >= first.minuteSeconds else {
                throw .validation("\(path): the end date is before the start date.")
            }
            end = .string(last.text)
        }
        return ["start": .string(first.text), "end": end, "time_zone": .null]
    }

    private func instant(
        _ value: Value,
        _ path: String,
        _ timeZone: TimeZone?
    ) throws(NotionError) -> NotionTime {
        guard let text = value.stringValue, let time = NotionTime(text, timeZone: timeZone) else {
            throw .body(path, "a valid ISO 8601 date string", value)
        }
        return time
    }

    private func people(_ value: Value, _ path: String) throws(NotionError) -> Value {
        var ids: [Value] = []
        for (index, member) in try list(value, path).enumerated() {
            let id = try identifier(member, "\(path)[\(index)]")
            guard workspace.user(id) != nil else { throw .notFound("user", id) }
            if !ids.contains(.string(id)) { ids.append(.string(id)) }
        }
        return .list(ids)
    }

    private func relation(
        _ value: Value,
        _ path: String,
        _ property: NotionProperty
    ) throws(NotionError) -> Value {
        var ids: [Value] = []
        for (index, member) in try list(value, path).enumerated() {
            let id = try identifier(member, "\(path)[\(index)]")
            let page = try workspace.page(id)
            guard page.dataSourceID == property.relationTarget else {
                throw .validation(
                    "\(property.name) relates to another data source than that of page \(id)."
                )
            }
            if !ids.contains(.string(id)) { ids.append(.string(id)) }
        }
        return .list(ids)
    }

    private func files(_ value: Value, _ path: String) throws(NotionError) -> Value {
        var files: [Value] = []
        for (index, member) in try list(value, path).enumerated() {
            let place = "\(path)[\(index)]"
            let kind = member["external"] != nil ? "external" : "file"
            guard let file = member[kind] else { throw .body("\(place).external", "defined", nil) }
            guard let url = file["url"]?.stringValue else {
                throw .body("\(place).\(kind).url", "a string", file["url"])
            }
            let name = member["name"]?.stringValue ?? url
            files.append(["name": .string(name), "type": .string(kind), kind: file])
        }
        return .list(files)
    }

    private func identifier(_ member: Value, _ path: String) throws(NotionError) -> String {
        guard let text = member["id"]?.stringValue else {
            throw .body("\(path).id", "defined", nil)
        }
        guard let id = SandboxIdentities.parse(text) else {
            throw .body("\(path).id", "a valid uuid", .string(text))
        }
        return id
    }
}
