import EventModel
import Records

extension SandboxState {
    /// Sets up the databases of the catalogue and fills them.
    mutating func furnish() throws(SandboxError) {
        let now = configuration.now()
        let act = NotionWorkspace.Act(userID: NotionUser.botID, now: now)
        workspace.install(configuration.catalogue, act)
        switch configuration.organisation {
        case .empty: return
        case .demonstration: break
        }
        let organisation = DemonstrationOrganisation(now: now, baseURL: baseURL)
        workspace.users += organisation.users
        calendars = organisation.calendars
        // Rows come first without relations, since these may lead anywhere.
        var written: [(SeedRow, String)] = []
        for row in organisation.rows {
            guard configuration.catalogue.database(row.database) != nil else { continue }
            let id = SeedRow.identifier(row.database, row.name)
            try write(row, id: id, isRelation: false)
            written.append((row, id))
        }
        for (row, id) in written { try write(row, id: id, isRelation: true) }
    }

    private mutating func write(
        _ row: SeedRow,
        id: String,
        isRelation: Bool
    ) throws(SandboxError) {
        guard let schema = configuration.catalogue.database(row.database),
            let source = workspace.dataSource(key: schema.key)
        else { return }
        var fields = ValueMap()
        for key in row.fields.stringKeys {
            guard let field = schema.field(key) else {
                throw SandboxError("\(row.database) has no field '\(key)' (row \(row.name))")
            }
            if (field.type == .relation) == isRelation { fields[key] = row.fields[key] }
        }
        guard !fields.isEmpty else { return }
        let author = workspace.users.last?.id ?? NotionUser.botID
        let act = NotionWorkspace.Act(userID: author, now: row.createdAt)
        do throws(NotionError) {
            let properties = Value.map(try RowCodec(schema: schema).properties(fields))
            if isRelation {
                _ = try workspace.updatePage(id, ["properties": properties], act)
            } else {
                let body: Value = [
                    "parent": ["data_source_id": .string(source.id)], "properties": properties,
                ]
                _ = try workspace.createPage(body, act, id: id)
            }
        } catch {
            throw SandboxError("\(row.database), row \(row.name): \(error.message)")
        }
    }
}

/// A row to put into a database, by Daybook's field keys; relations name rows by their ids.
struct SeedRow {
    var database: String
    /// Unique in the database; the id of the page is made from it.
    var name: String
    var createdAt: Timestamp
    var fields: ValueMap

    static func identifier(_ database: String, _ name: String) -> String {
        SandboxIdentities.identifier("row/\(database)/\(name)")
    }
}

extension NotionWorkspace {
    /// Creates the databases that a catalogue declares, with ids that are always the same.
    mutating func install(_ catalogue: DatabaseCatalogue, _ act: Act) {
        for schema in catalogue.databases {
            let databaseID = SandboxIdentities.identifier("database/\(schema.key)")
            let sourceID = SandboxIdentities.identifier("data_source/\(schema.key)")
            let title = Value.list([NotionText.plain(schema.title)])
            databases[databaseID] = NotionDatabase(
                id: databaseID,
                key: schema.key,
                title: title,
                description: .list([NotionText.plain(schema.purpose)]),
                parent: ["type": "page_id", "page_id": .string(NotionWorkspace.rootPageID)],
                createdAt: act.now,
                editedAt: act.now,
                dataSourceIDs: [sourceID]
            )
            databaseOrder.append(databaseID)
            dataSources[sourceID] = NotionDataSource(
                id: sourceID,
                databaseID: databaseID,
                title: title,
                createdAt: act.now,
                editedAt: act.now,
                createdBy: act.userID,
                editedBy: act.userID,
                properties: schema.fields.map { property($0, schema) }
            )
        }
        for schema in catalogue.databases { completeRollups(schema, catalogue) }
    }

    static func propertyID(_ database: String, _ field: FieldSchema) -> String {
        field.type == .title ? "title" : SandboxIdentities.propertyID("\(database)/\(field.key)")
    }

    private func property(_ field: FieldSchema, _ schema: DatabaseSchema) -> NotionProperty {
        var property = NotionProperty(
            id: NotionWorkspace.propertyID(schema.key, field),
            name: field.notionName,
            type: field.type,
            config: [:]
        )
        switch field.type {
        case .number: property.config["format"] = .string(numberFormat(field))
        case .select, .multiSelect, .status:
            property.options = field.options.enumerated().map { index, name in
                [
                    "id": .string(
                        SandboxIdentities.identifier("option/\(schema.key)/\(field.key)/\(name)")
                    ),
                    "name": .string(name),
                    "color": .string(NotionProperty.colors[index % NotionProperty.colors.count]),
                    "description": .null,
                ]
            }
        case .formula:
            property.config["expression"] = .string(
                SandboxJSON.text(.string(field.calculation ?? ""))
            )
            property.formulaResult = field.formulaResult ?? .text
        case .relation:
            let target = field.relation?.target ?? ""
            let id = SandboxIdentities.identifier("data_source/\(target)")
            property.config["data_source_id"] = .string(id)
            property.mirrorID = field.relation?.inverse.map {
                SandboxIdentities.propertyID("\(target)/\($0)")
            }
        case .uniqueID: property.config["prefix"] = .null
        case .title, .richText, .date, .people, .files, .checkbox, .url, .email, .phoneNumber,
            .rollup, .createdTime, .lastEditedTime, .createdBy, .lastEditedBy:
            break
        }
        return property
    }

    private func numberFormat(_ field: FieldSchema) -> String {
        field.numberFormat == "us_dollar" ? "dollar" : field.numberFormat ?? "number"
    }

    private mutating func completeRollups(
        _ schema: DatabaseSchema,
        _ catalogue: DatabaseCatalogue
    ) {
        let sourceID = SandboxIdentities.identifier("data_source/\(schema.key)")
        for field in schema.fields {
            guard let rollup = field.rollup, let relation = schema.field(rollup.relation),
                let target = relation.relation.flatMap({ catalogue.database($0.target) }),
                let shown = target.field(rollup.property),
                let index = dataSources[sourceID]?.index(of: field.notionName)
            else { continue }
            dataSources[sourceID]?.properties[index].config = [
                "relation_property_id": .string(NotionWorkspace.propertyID(schema.key, relation)),
                "rollup_property_id": .string(NotionWorkspace.propertyID(target.key, shown)),
                "function": .string(rollup.function),
            ]
        }
    }
}
