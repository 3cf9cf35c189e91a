import EventModel
import Records

extension NotionWorkspace {
    /// Which version of the API answers; the older one still says `archived`.
    struct Rendering {
        var saysArchived: Bool
    }

    func rendered(_ database: NotionDatabase, _ rendering: Rendering) -> Value {
        let sources: [Value] = database.dataSourceIDs.compactMap { id in
            guard let source = dataSources[id], !source.isTrashed else { return nil }
            let title = NotionText.plainText(source.title)
            // The source itself has no title then, the list of its database says this.
            return ["id": .string(id), "name": .string(title.isEmpty ? "New database" : title)]
        }
        var map: ValueMap = [
            "object": "database", "id": .string(database.id), "title": shownTitle(database),
            "description": database.description, "parent": database.parent,
            "is_inline": .bool(database.isInline), "in_trash": .bool(database.isTrashed),
            "is_locked": .bool(database.isLocked),
            "created_time": .string(NotionTime.milliseconds(database.createdAt)),
            "last_edited_time": .string(NotionTime.milliseconds(database.editedAt)),
            "data_sources": .list(sources), "icon": database.icon, "cover": database.cover,
            "url": .string(NotionWorkspace.url(database.id)), "public_url": .null,
        ]
        if rendering.saysArchived { map["archived"] = .bool(database.isTrashed) }
        return .map(map)
    }

    /// A database without a title says so; its data source has none.
    func shownTitle(_ database: NotionDatabase) -> Value {
        NotionWorkspace.isEmpty(database.title)
            ? .list([NotionText.plain("New database")]) : database.title
    }

    func rendered(_ source: NotionDataSource, _ rendering: Rendering) -> Value {
        var properties = ValueMap()
        for property in source.properties {
            properties[property.name] = renderedConfiguration(property, of: source)
        }
        let database = databases[source.databaseID]
        var map: ValueMap = [
            "object": "data_source", "id": .string(source.id), "cover": source.cover,
            "icon": source.icon, "created_time": .string(NotionTime.minutes(source.createdAt)),
            "created_by": NotionUser.reference(source.createdBy),
            "last_edited_by": NotionUser.reference(source.editedBy),
            "last_edited_time": .string(NotionTime.minutes(source.editedAt)),
            "title": source.title, "description": database?.description ?? .list([]),
            "is_inline": .bool(database?.isInline ?? false), "properties": .map(properties),
            "parent": ["type": "database_id", "database_id": .string(source.databaseID)],
            "database_parent": database?.parent ?? .null,
            "url": .string(NotionWorkspace.url(source.databaseID)), "public_url": .null,
            "in_trash": .bool(source.isTrashed || database?.isTrashed == true),
        ]
        if rendering.saysArchived { map["archived"] = .bool(source.isTrashed) }
        return .map(map)
    }

    /// A column as the schema shows it.
    private func renderedConfiguration(
        _ property: NotionProperty,
        of source: NotionDataSource
    ) -> Value {
        var config = property.config
        let target = property.relationTarget.flatMap { dataSources[$0] }
        if property.type == .relation {
            config["database_id"] = .string(target?.databaseID ?? "")
            let mirror = property.mirrorID.flatMap { target?.property($0) }
            config["type"] = mirror == nil ? "single_property" : "dual_property"
            if let mirror {
                config["dual_property"] = [
                    "synced_property_name": .string(mirror.name),
                    "synced_property_id": .string(mirror.encodedID),
                ]
            } else {
                config["single_property"] = [:]
            }
        }
        if property.type == .rollup {
            let relation = config["relation_property_id"]?.stringValue
                .flatMap { source.property($0) }
            let far = relation?.relationTarget.flatMap { dataSources[$0] }
            let shown = config["rollup_property_id"]?.stringValue.flatMap { far?.property($0) }
            config["relation_property_name"] = .string(relation?.name ?? "")
            config["rollup_property_name"] = .string(shown?.name ?? "")
        }
        return [
            "id": .string(property.encodedID), "name": .string(property.name),
            "description": .null, "type": .string(property.type.rawValue),
            property.type.rawValue: .map(config),
        ]
    }

    /// A page with all its properties, or with those that the client asked for.
    func rendered(
        _ page: NotionPage,
        _ rendering: Rendering,
        only wanted: [String] = []
    ) -> Value {
        var properties = ValueMap()
        if let source = page.dataSourceID.flatMap({ dataSources[$0] }) {
            let ids = wanted.compactMap { source.property($0)?.id }
            for property in source.properties where wanted.isEmpty || ids.contains(property.id) {
                properties[property.name] = rendered(property, of: page)
            }
        } else {
            let title = page.values["title"] ?? .list([])
            properties["title"] = ["id": "title", "type": "title", "title": title]
        }
        var map: ValueMap = [
            "object": "page", "id": .string(page.id),
            "created_time": .string(NotionTime.minutes(page.createdAt)),
            "last_edited_time": .string(NotionTime.minutes(page.editedAt)),
            "created_by": NotionUser.reference(page.createdBy),
            "last_edited_by": NotionUser.reference(page.editedBy), "cover": page.cover,
            "icon": page.icon, "parent": parent(of: page), "in_trash": .bool(page.isTrashed),
            "is_archived": .bool(page.isArchived), "is_locked": .bool(page.isLocked),
            "properties": .map(properties), "url": .string(NotionWorkspace.url(page.id)),
            "public_url": .null,
        ]
        if rendering.saysArchived { map["archived"] = .bool(page.isTrashed) }
        return .map(map)
    }

    func parent(of page: NotionPage) -> Value {
        guard let id = page.dataSourceID, let source = dataSources[id] else {
            guard let above = page.parentPageID else {
                return ["type": "workspace", "workspace": true]
            }
            return ["type": "page_id", "page_id": .string(above)]
        }
        return [
            "type": "data_source_id", "data_source_id": .string(id),
            "database_id": .string(source.databaseID),
        ]
    }

    /// A property of a page as the page shows it: relations are cut after 25.
    func rendered(_ property: NotionProperty, of page: NotionPage) -> Value {
        var map: ValueMap = [
            "id": .string(property.encodedID), "type": .string(property.type.rawValue),
        ]
        var value = shownValue(property, of: page)
        if property.type == .relation {
            let members = value.listValue ?? []
            map["has_more"] = .bool(members.count > NotionLimits.shownRelationCount)
            value = .list(Array(members.prefix(NotionLimits.shownRelationCount)))
        }
        map[property.type.rawValue] = value
        return .map(map)
    }

    /// What stands under the type, whole.
    func shownValue(_ property: NotionProperty, of page: NotionPage) -> Value {
        let stored = page.values[property.id] ?? property.emptyValue
        switch property.type {
        case .relation:
            return .list((stored.listValue ?? []).map { ["id": $0] })
        case .people:
            let ids = (stored.listValue ?? []).compactMap(\.stringValue)
            return .list(ids.map { user($0)?.rendered() ?? NotionUser.reference($0) })
        case .createdTime: return .string(NotionTime.minutes(page.createdAt))
        case .lastEditedTime: return .string(NotionTime.minutes(page.editedAt))
        case .createdBy: return author(page.createdBy)
        case .lastEditedBy: return author(page.editedBy)
        case .uniqueID:
            return ["prefix": property.config["prefix"] ?? .null, "number": .int(page.number)]
        case .formula: return NotionWorkspace.formula(property.formulaResult)
        case .rollup: return rollup(property, of: page)
        case .title, .richText, .number, .select, .multiSelect, .status, .date, .files, .checkbox,
            .url, .email, .phoneNumber:
            return stored
        }
    }

    private func author(_ id: String) -> Value {
        user(id)?.rendered() ?? NotionUser.reference(id)
    }

    /// Expressions are not evaluated: a formula is empty, in the type that it would have.
    private static func formula(_ result: FieldSchema.FormulaResult) -> Value {
        switch result {
        case .number: ["type": "number", "number": .null]
        case .text: ["type": "string", "string": .null]
        case .checkbox: ["type": "boolean", "boolean": .null]
        case .date: ["type": "date", "date": .null]
        }
    }

    static func url(_ id: String) -> String {
        "https://www.notion.so/" + id.filter { $0 != "-" }
    }
}
