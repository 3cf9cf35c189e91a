import EventModel
import Records

/// Checks how a client describes a column and brings it into the form that is kept.
struct PropertySchemaReader {
    var workspace: NotionWorkspace
    /// The data source that the column belongs to; it may be new.
    var source: NotionDataSource
    /// Where the column stands in the body, for messages.
    var path: String
    /// Made for options and for the column itself.
    var newID: String

    /// A new column, or the changed one.
    ///
    /// - Parameters:
    ///   - written: `{<type>: config}`, with or without `type` and `name`.
    ///   - name: the key under which it stands.
    ///   - existing: the column as it is; nil if it is new.
    func read(
        _ written: Value,
        name: String,
        existing: NotionProperty?
    ) throws(NotionError) -> NotionProperty {
        guard let map = written.mapValue else { throw .body(path, "an object", written) }
        guard let type = try kind(map) else {
            guard var renamed = existing else { throw .body("\(path).type", "defined", nil) }
            renamed.name = map["name"]?.stringValue ?? renamed.name
            return renamed
        }
        if let existing, (existing.type == .title) != (type == .title) {
            throw .validation("\(existing.name) cannot be converted from or to a title.")
        }
        var property =
            existing
            ?? NotionProperty(
                id: type == .title ? "title" : freePropertyID(),
                name: name,
                type: type,
                config: [:]
            )
        property.name = map["name"]?.stringValue ?? property.name
        if property.type != type {
            property.type = type
            property.config = [:]
            property.mirrorID = nil
        }
        try configure(&property, map[type.rawValue] ?? [:])
        return property
    }

    /// The type that is named, or whose configuration is given; nil if there is neither.
    private func kind(_ map: ValueMap) throws(NotionError) -> NotionProperty.Kind? {
        if let name = map["type"]?.stringValue {
            guard let kind = NotionProperty.Kind(rawValue: name) else {
                throw .body("\(path).type", "a supported property type", .string(name))
            }
            return kind
        }
        let kinds = map.stringKeys.compactMap(NotionProperty.Kind.init(rawValue:))
        return kinds.first
    }

    private func configure(
        _ property: inout NotionProperty,
        _ config: Value
    ) throws(NotionError) {
        let inner = "\(path).\(property.type.rawValue)"
        switch property.type {
        case .number:
            property.config["format"] =
                config["format"] ?? property.config["format"] ?? "number"
        case .select, .multiSelect:
            if let options = config["options"] {
                property.options = try self.options(options, inner, property.options)
            } else if property.config["options"] == nil {
                property.options = []
            }
        case .status:
            try configureStatus(&property, config, inner)
        case .relation:
            try configureRelation(&property, config, inner)
        case .rollup:
            try configureRollup(&property, config, inner)
        case .formula:
            property.config["expression"] =
                config["expression"] ?? property.config["expression"] ?? ""
        case .uniqueID:
            property.config["prefix"] = config["prefix"] ?? property.config["prefix"] ?? .null
        case .title, .richText, .date, .people, .files, .checkbox, .url, .email, .phoneNumber,
            .createdTime, .lastEditedTime, .createdBy, .lastEditedBy:
            property.config = [:]
        }
    }

    /// The whole new list: what matches by id or name keeps its id and colour, the rest is new.
    private func options(
        _ written: Value,
        _ path: String,
        _ existing: [Value]
    ) throws(NotionError) -> [Value] {
        guard let list = written.listValue else {
            throw .body("\(path).options", "an array", written)
        }
        guard list.count <= NotionLimits.arrayCountMax else {
            throw .length("\(path).options", NotionLimits.arrayCountMax, list.count)
        }
        var result: [Value] = []
        for (index, item) in list.enumerated() {
            let id = item["id"]?.stringValue
            let name = item["name"]?.stringValue?.lowercased()
            let old = existing.first { option in
                id.map { option["id"]?.stringValue == $0 }
                    ?? (option["name"]?.stringValue?.lowercased() == name)
            }
            if let old {
                result.append(old)
                continue
            }
            let option = try PropertySchemaReader.option(
                item,
                position: index,
                id: SandboxIdentities.identifier("\(newID)/\(path)/\(index)")
            )
            let isDouble = result.contains { $0["name"]?.stringValue?.lowercased() == name }
            guard !isDouble else {
                throw .validation("\(path).options: the name of an option must be unique.")
            }
            result.append(option)
        }
        return result
    }

    /// A new option of a select.
    static func option(
        _ written: Value,
        position: Int,
        id: String
    ) throws(NotionError) -> Value {
        guard let name = written["name"]?.stringValue, !name.isEmpty else {
            throw .validation("An option needs a name.")
        }
        guard !name.contains(",") else {
            throw .validation("Invalid select option, commas not allowed: \(name)")
        }
        guard name.utf16.count <= 100 else {
            throw .validation("Invalid select option, longer than 100 characters: \(name)")
        }
        let color = written["color"]?.stringValue ?? NotionProperty.colors[position % 10]
        return [
            "id": .string(id), "name": .string(name), "color": .string(color),
            "description": written["description"] ?? .null,
        ]
    }

    private func configureStatus(
        _ property: inout NotionProperty,
        _ config: Value,
        _ path: String
    ) throws(NotionError) {
        let standard: Value = [
            ["name": "Not started"], ["name": "In progress", "color": "blue"],
            ["name": "Done", "color": "green"],
        ]
        let isNew = property.config["options"] == nil
        if config["options"] != nil || isNew {
            let written = config["options"] ?? standard
            property.options = try options(written, path, property.options)
        }
        // Groups are the user interface's; whatever is not done yet stands in the first.
        let names = ["To-do", "In progress", "Complete"]
        let standardNames = ["not started", "in progress", "done"]
        let groups: [Value] = names.enumerated().map { index, name in
            let ids = property.options.filter { option in
                let option = option["name"]?.stringValue?.lowercased() ?? ""
                return (standardNames.firstIndex(of: option) ?? 0) == index
            }.map { $0["id"] ?? .null }
            let color = ["gray", "blue", "green"][index]
            let id = SandboxIdentities.identifier("\(property.id)/\(name)")
            return [
                "id": .string(id), "name": .string(name), "color": .string(color),
                "option_ids": .list(ids),
            ]
        }
        property.config["groups"] = .list(groups)
    }

    private func configureRelation(
        _ property: inout NotionProperty,
        _ config: Value,
        _ path: String
    ) throws(NotionError) {
        var target = config["data_source_id"]?.stringValue.flatMap(SandboxIdentities.parse)
        if target == nil, let text = config["database_id"]?.stringValue,
            let database = SandboxIdentities.parse(text).flatMap({ workspace.databases[$0] }),
            database.dataSourceIDs.count == 1
        {
            target = database.dataSourceIDs.first
        }
        guard let target = target ?? property.relationTarget else {
            throw .body("\(path).data_source_id", "defined", nil)
        }
        guard target == source.id || workspace.dataSources[target] != nil else {
            throw .notFound("data_source", target)
        }
        property.config["data_source_id"] = .string(target)
    }

    private func configureRollup(
        _ property: inout NotionProperty,
        _ config: Value,
        _ path: String
    ) throws(NotionError) {
        func named(_ key: String) -> String? {
            (config["\(key)_id"] ?? config["\(key)_name"] ?? property.config["\(key)_id"])?
                .stringValue
        }
        guard let relation = named("relation_property").flatMap({ source.property($0) }),
            relation.type == .relation
        else { throw .body("\(path).relation_property_name", "a relation property", nil) }
        let target = relation.relationTarget.flatMap {
            $0 == source.id ? source : workspace.dataSources[$0]
        }
        guard let shown = named("rollup_property").flatMap({ target?.property($0) }) else {
            throw .body("\(path).rollup_property_name", "a property of the relation", nil)
        }
        let function = config["function"] ?? property.config["function"] ?? "show_original"
        property.config = [
            "relation_property_id": .string(relation.id),
            "rollup_property_id": .string(shown.id), "function": function,
        ]
    }

    private func freePropertyID() -> String {
        let taken = Set(source.properties.map(\.id))
        var attempt = 0
        var id = SandboxIdentities.propertyID("\(newID)/\(path)")
        while taken.contains(id) {
            attempt += 1
            id = SandboxIdentities.propertyID("\(newID)/\(path)/\(attempt)")
        }
        return id
    }
}
