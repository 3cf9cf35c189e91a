import EventModel
import Records

extension NotionWorkspace {
    /// Creates a database with its first data source.
    mutating func createDatabase(
        _ body: Value,
        _ act: Act
    ) throws(NotionError) -> NotionDatabase {
        guard let parent = body["parent"], parent.mapValue != nil else {
            throw .body("parent", "defined", body["parent"])
        }
        let title = try richText(body, "title") ?? .list([])
        let initial = body["initial_data_source"] ?? [:]
        let databaseID = newID()
        var source = NotionDataSource(
            id: newID(),
            databaseID: databaseID,
            title: try richText(initial, "title", path: "initial_data_source.") ?? title,
            createdAt: act.now,
            editedAt: act.now,
            createdBy: act.userID,
            editedBy: act.userID,
            properties: []
        )
        let path = "initial_data_source.properties"
        try add(initial["properties"] ?? [:], to: &source, path: path)
        let database = NotionDatabase(
            id: databaseID,
            title: title,
            description: try richText(body, "description") ?? .list([]),
            parent: try checkedParent(parent),
            isInline: body["is_inline"]?.boolValue ?? false,
            icon: body["icon"] ?? .null,
            cover: body["cover"] ?? .null,
            createdAt: act.now,
            editedAt: act.now,
            dataSourceIDs: [source.id]
        )
        databases[databaseID] = database
        databaseOrder.append(databaseID)
        dataSources[source.id] = source
        linkRelations(of: source.id, initial["properties"])
        return database
    }

    /// Changes title, flags and looks of a database.
    mutating func updateDatabase(
        _ id: String,
        _ body: Value,
        _ act: Act
    ) throws(NotionError) -> NotionDatabase {
        var database = try database(id)
        if let title = try richText(body, "title") {
            database.title = title
            // A database of one source shows one title, whichever of both was set.
            if let only = database.dataSourceIDs.first, database.dataSourceIDs.count == 1 {
                dataSources[only]?.title = title
            }
        }
        if let text = try richText(body, "description") { database.description = text }
        if let flag = body["is_inline"]?.boolValue { database.isInline = flag }
        if let flag = body["is_locked"]?.boolValue { database.isLocked = flag }
        if let flag = body["in_trash"]?.boolValue { database.isTrashed = flag }
        if let icon = body["icon"] { database.icon = icon }
        if let cover = body["cover"] { database.cover = cover }
        if let parent = body["parent"] { database.parent = try checkedParent(parent) }
        database.editedAt = act.now
        databases[id] = database
        return database
    }

    /// Adds a data source to a database.
    mutating func createDataSource(
        _ body: Value,
        _ act: Act
    ) throws(NotionError) -> NotionDataSource {
        guard let text = body["parent"]?["database_id"]?.stringValue else {
            throw .body("parent.database_id", "defined", nil)
        }
        guard let databaseID = SandboxIdentities.parse(text) else {
            throw .body("parent.database_id", "a valid uuid", .string(text))
        }
        var database = try database(databaseID)
        var source = NotionDataSource(
            id: newID(),
            databaseID: databaseID,
            title: try richText(body, "title") ?? .list([]),
            icon: body["icon"] ?? .null,
            createdAt: act.now,
            editedAt: act.now,
            createdBy: act.userID,
            editedBy: act.userID,
            properties: []
        )
        try add(body["properties"] ?? [:], to: &source, path: "properties")
        database.dataSourceIDs.append(source.id)
        databases[databaseID] = database
        dataSources[source.id] = source
        linkRelations(of: source.id, body["properties"])
        return try dataSource(source.id)
    }

    /// Changes title and columns of a data source.
    mutating func updateDataSource(
        _ id: String,
        _ body: Value,
        _ act: Act
    ) throws(NotionError) -> NotionDataSource {
        var source = try dataSource(id)
        if let title = try richText(body, "title") {
            source.title = title
            if databases[source.databaseID]?.dataSourceIDs.count == 1 {
                databases[source.databaseID]?.title = title
            }
        }
        if let icon = body["icon"] { source.icon = icon }
        if let flag = body["in_trash"]?.boolValue { source.isTrashed = flag }
        let before = source.properties
        if let written = body["properties"] { try change(&source, written) }
        if let text = body["parent"]?["database_id"]?.stringValue {
            try move(&source, to: text)
        }
        source.editedAt = act.now
        source.editedBy = act.userID
        dataSources[id] = source
        clearRemovedOptions(before, source)
        loosenRelations(before, source)
        linkRelations(of: id, body["properties"])
        return try dataSource(id)
    }

    private mutating func change(
        _ source: inout NotionDataSource,
        _ written: Value
    ) throws(NotionError) {
        guard let map = written.mapValue else {
            throw .body("properties", "an object", written)
        }
        for key in ordered(map) {
            let value = map[key] ?? .null
            let index = source.index(of: key)
            if value.isNull {
                guard let index else {
                    throw .validation("\(key) is not a property that exists.")
                }
                guard source.properties[index].type != .title else {
                    throw .validation("Cannot delete the title property.")
                }
                source.properties.remove(at: index)
                continue
            }
            let reader = PropertySchemaReader(
                workspace: self,
                source: source,
                path: "properties.\(key)",
                newID: newID()
            )
            let existing = index.map { source.properties[$0] }
            let property = try reader.read(value, name: key, existing: existing)
            let isTaken = source.properties.contains {
                $0.name == property.name && $0.id != property.id
            }
            guard !isTaken else {
                throw .validation("A property with the name \(property.name) exists already.")
            }
            guard existing != nil || property.type != .title else {
                throw .validation("A data source has exactly one title property.")
            }
            if let index {
                source.properties[index] = property
            } else {
                source.properties.append(property)
            }
        }
    }

    private mutating func add(
        _ written: Value,
        to source: inout NotionDataSource,
        path: String
    ) throws(NotionError) {
        guard let map = written.mapValue else { throw .body(path, "an object", written) }
        for key in ordered(map) {
            let reader = PropertySchemaReader(
                workspace: self,
                source: source,
                path: "\(path).\(key)",
                newID: newID()
            )
            source.properties.append(
                try reader.read(map[key] ?? .null, name: key, existing: nil)
            )
        }
        let titles = source.properties.filter { $0.type == .title }.count
        guard titles <= 1 else {
            throw .validation("A data source has exactly one title property.")
        }
        if titles == 0 {
            let title = NotionProperty(id: "title", name: "Name", type: .title, config: [:])
            source.properties.append(title)
        }
    }

    /// The keys with roll-ups last, since these name relations of the same request.
    private func ordered(_ map: ValueMap) -> [String] {
        let keys = map.stringKeys
        return keys.filter { map[$0]?["rollup"] == nil } + keys.filter { map[$0]?["rollup"] != nil }
    }

    private mutating func move(
        _ source: inout NotionDataSource,
        to text: String
    ) throws(NotionError) {
        guard let databaseID = SandboxIdentities.parse(text) else {
            throw .body("parent.database_id", "a valid uuid", .string(text))
        }
        _ = try database(databaseID)
        let id = source.id
        databases[source.databaseID]?.dataSourceIDs.removeAll { $0 == id }
        databases[databaseID]?.dataSourceIDs.append(id)
        source.databaseID = databaseID
    }

    /// Gives each relation that is to be two-way its other side, unless that is there already, and lets
    /// go of the other side where it is to be one-way.
    private mutating func linkRelations(of id: String, _ written: Value?) {
        for key in written?.mapValue?.stringKeys ?? [] {
            guard let relation = written?[key]?["relation"], let source = dataSources[id],
                let property = source.property(written?[key]?["name"]?.stringValue ?? key),
                property.type == .relation
            else { continue }
            let isTwoWay = relation["dual_property"] != nil || relation["type"] == "dual_property"
            if isTwoWay, property.mirrorID == nil {
                let given = relation["dual_property"]?["synced_property_name"]?.stringValue
                let title = NotionText.plainText(source.title)
                let name = given ?? "Related to \(title) (\(property.name))"
                link(id, property.id, mirrorName: name)
            } else if relation["single_property"] != nil, property.mirrorID != nil {
                release(property)
                guard let index = source.index(of: property.id) else { continue }
                dataSources[id]?.properties[index].mirrorID = nil
            }
        }
    }

    /// The other side of a relation that is gone or leads elsewhere becomes one-way.
    private mutating func loosenRelations(
        _ before: [NotionProperty],
        _ source: NotionDataSource
    ) {
        for old in before where old.mirrorID != nil {
            let new = source.properties.first { $0.id == old.id }
            guard new?.mirrorID == nil || new?.relationTarget != old.relationTarget else {
                continue
            }
            release(old)
            guard let index = source.index(of: old.id) else { continue }
            dataSources[source.id]?.properties[index].mirrorID = nil
        }
    }

    private mutating func release(_ property: NotionProperty) {
        guard let target = property.relationTarget, let mirror = property.mirrorID,
            let index = dataSources[target]?.index(of: mirror)
        else { return }
        dataSources[target]?.properties[index].mirrorID = nil
    }

    /// Makes a relation two-way: its target gets the mirror, under a name that is free.
    mutating func link(_ sourceID: String, _ propertyID: String, mirrorName: String) {
        guard let targetID = dataSources[sourceID]?.property(propertyID)?.relationTarget,
            var target = dataSources[targetID]
        else { return }
        let taken = Set(target.properties.map(\.name))
        var name = mirrorName
        var number = 1
        while taken.contains(name) {
            name = "\(mirrorName) \(number)"
            number += 1
        }
        var mirror = NotionProperty(
            id: SandboxIdentities.propertyID("\(sourceID)/\(propertyID)/\(targetID)"),
            name: name,
            type: .relation,
            config: ["data_source_id": .string(sourceID)]
        )
        mirror.mirrorID = propertyID
        target.properties.append(mirror)
        dataSources[targetID] = target
        guard let index = dataSources[sourceID]?.index(of: propertyID) else { return }
        dataSources[sourceID]?.properties[index].mirrorID = mirror.id
    }

    /// An option that is gone is gone from the rows too.
    private mutating func clearRemovedOptions(
        _ before: [NotionProperty],
        _ source: NotionDataSource
    ) {
        for property in source.properties {
            guard let old = before.first(where: { $0.id == property.id }) else { continue }
            if old.type != property.type {
                for id in source.pageIDs { pages[id]?.values[property.id] = nil }
                continue
            }
            let kept = Set(property.options.compactMap { $0["id"]?.stringValue })
            let removed = old.options.contains { !kept.contains($0["id"]?.stringValue ?? "") }
            guard removed else { continue }
            for id in source.pageIDs {
                guard let value = pages[id]?.values[property.id] else { continue }
                pages[id]?.values[property.id] = NotionWorkspace.keeping(kept, value)
            }
        }
    }

    private static func keeping(_ ids: Set<String>, _ value: Value) -> Value {
        if let members = value.listValue {
            return .list(members.filter { ids.contains($0["id"]?.stringValue ?? "") })
        }
        return ids.contains(value["id"]?.stringValue ?? "") ? value : .null
    }

    private func richText(
        _ body: Value,
        _ key: String,
        path: String = ""
    ) throws(NotionError) -> Value? {
        guard let text = body[key] else { return nil }
        return try NotionText.read(text, path: path + key) { name($0, $1) }
    }

    private func checkedParent(_ parent: Value) throws(NotionError) -> Value {
        if let text = parent["page_id"]?.stringValue {
            guard let id = SandboxIdentities.parse(text) else {
                throw .body("parent.page_id", "a valid uuid", .string(text))
            }
            _ = try page(id)
            return ["type": "page_id", "page_id": .string(id)]
        }
        guard parent["workspace"]?.boolValue == true || parent["type"] == "workspace" else {
            throw .body("parent.page_id", "defined", nil)
        }
        return ["type": "workspace", "workspace": true]
    }
}
