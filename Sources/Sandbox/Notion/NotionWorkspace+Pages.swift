import EventModel
import Records

extension NotionWorkspace {
    /// Who acts, and when.
    struct Act {
        var userID: String
        var now: Timestamp
    }

    /// Creates a row.
    ///
    /// - Parameters:
    ///   - body: what a client sends.
    ///   - act: who creates it, and when.
    ///   - id: the id of a row that was there from the start; nil for a fresh one.
    mutating func createPage(
        _ body: Value,
        _ act: Act,
        id: String? = nil
    ) throws(NotionError) -> NotionPage {
        let parent = body["parent"] ?? .null
        guard parent.mapValue != nil else { throw .body("parent", "defined", body["parent"]) }
        if let above = parent["page_id"]?.stringValue {
            return try createPlainPage(under: above, body, act)
        }
        let sourceID = try dataSourceID(parent)
        var source = try dataSource(sourceID)
        var page = NotionPage(
            id: id ?? newID(),
            dataSourceID: sourceID,
            createdAt: act.now,
            editedAt: act.now,
            createdBy: act.userID,
            editedBy: act.userID,
            number: source.nextNumber
        )
        page.icon = body["icon"] ?? .null
        page.cover = body["cover"] ?? .null
        if let properties = body["properties"] {
            try write(properties, to: &page, in: &source)
        }
        guard pages.count < SandboxLimits.pagesMax else {
            throw NotionError(
                status: 409,
                code: "row_limit_exceeded",
                message: "The sandbox keeps at most \(SandboxLimits.pagesMax) pages."
            )
        }
        source.nextNumber += 1
        source.pageIDs.append(page.id)
        dataSources[sourceID] = source
        store(page, before: nil, source)
        return page
    }

    /// Creates a page that is no row; all it has is a title.
    private mutating func createPlainPage(
        under text: String,
        _ body: Value,
        _ act: Act
    ) throws(NotionError) -> NotionPage {
        guard let above = SandboxIdentities.parse(text) else {
            throw .body("parent.page_id", "a valid uuid", .string(text))
        }
        _ = try page(above)
        var page = NotionPage(
            id: newID(),
            parentPageID: above,
            createdAt: act.now,
            editedAt: act.now,
            createdBy: act.userID,
            editedBy: act.userID
        )
        page.icon = body["icon"] ?? .null
        page.cover = body["cover"] ?? .null
        try writeTitle(body["properties"] ?? [:], to: &page)
        pages[page.id] = page
        return page
    }

    private func writeTitle(
        _ properties: Value,
        to page: inout NotionPage
    ) throws(NotionError) {
        guard let map = properties.mapValue else {
            throw .body("properties", "an object", properties)
        }
        for key in map.stringKeys {
            guard key == "title" else {
                throw .validation("\(key) is not a property that exists.")
            }
            let written = map[key] ?? .null
            page.values["title"] = try NotionText.read(
                written["title"] ?? written,
                path: "properties.title"
            ) { name($0, $1) }
        }
    }

    /// Changes properties, icon, cover and flags of a page.
    mutating func updatePage(
        _ id: String,
        _ body: Value,
        _ act: Act
    ) throws(NotionError) -> NotionPage {
        let before = try page(id)
        var page = before
        page.isTrashed = try flag(body, "in_trash") ?? page.isTrashed
        page.isArchived = try flag(body, "is_archived") ?? page.isArchived
        page.isLocked = try flag(body, "is_locked") ?? page.isLocked
        if let icon = body["icon"] { page.icon = icon }
        if let cover = body["cover"] { page.cover = cover }
        page.editedAt = act.now
        page.editedBy = act.userID
        if let sourceID = page.dataSourceID {
            var source = try dataSource(sourceID)
            if let properties = body["properties"] {
                // A page in the trash can be restored, but not edited.
                guard !before.isTrashed || !page.isTrashed else {
                    throw .validation(
                        "Can't edit block that is archived. You must unarchive the block before "
                            + "editing."
                    )
                }
                try write(properties, to: &page, in: &source)
            }
            dataSources[sourceID] = source
            store(page, before: before, source)
        } else {
            try writeTitle(body["properties"] ?? [:], to: &page)
            pages[id] = page
        }
        return page
    }

    private func flag(_ body: Value, _ key: String) throws(NotionError) -> Bool? {
        guard let value = body[key] else { return nil }
        guard let flag = value.boolValue else { throw .body(key, "a boolean", value) }
        return flag
    }

    /// The data source that a new row goes to.
    private func dataSourceID(_ parent: Value) throws(NotionError) -> String {
        if let text = parent["data_source_id"]?.stringValue {
            guard let id = SandboxIdentities.parse(text) else {
                throw .body("parent.data_source_id", "a valid uuid", .string(text))
            }
            return id
        }
        if let text = parent["database_id"]?.stringValue {
            guard let id = SandboxIdentities.parse(text) else {
                throw .body("parent.database_id", "a valid uuid", .string(text))
            }
            let database = try database(id)
            guard database.dataSourceIDs.count == 1, let only = database.dataSourceIDs.first else {
                throw .validation(
                    "Databases with multiple data sources are not supported in this API version."
                )
            }
            return only
        }
        throw .body("parent.data_source_id", "defined", nil)
    }

    /// Checks all values before it keeps any.
    private mutating func write(
        _ properties: Value,
        to page: inout NotionPage,
        in source: inout NotionDataSource
    ) throws(NotionError) {
        guard let map = properties.mapValue else {
            throw .body("properties", "an object", properties)
        }
        for key in map.stringKeys {
            guard let index = source.index(of: key) else {
                throw .validation("\(key) is not a property that exists.")
            }
            let reader = PropertyValueReader(
                workspace: self,
                path: "properties.\(key)",
                newID: newID()
            )
            let value = try reader.read(map[key] ?? .null, into: &source.properties[index])
            page.values[source.properties[index].id] = value
        }
    }

    /// Keeps the page and carries its two-way relations to the other side.
    private mutating func store(
        _ page: NotionPage,
        before: NotionPage?,
        _ source: NotionDataSource
    ) {
        pages[page.id] = page
        for property in source.properties where property.type == .relation {
            guard let mirror = property.mirrorID else { continue }
            let old = Set(before?.values[property.id]?.listValue ?? [])
            let new = Set(page.values[property.id]?.listValue ?? [])
            for id in old.subtracting(new) { mirrorChange(id, mirror, page.id, isAdded: false) }
            for id in new.subtracting(old) { mirrorChange(id, mirror, page.id, isAdded: true) }
        }
    }

    // Whether Notion counts this as an edit of the other page is not known; here it does not.
    private mutating func mirrorChange(
        _ id: Value,
        _ mirror: String,
        _ pageID: String,
        isAdded: Bool
    ) {
        guard let id = id.stringValue, var other = pages[id] else { return }
        var members = (other.values[mirror]?.listValue ?? []).filter { $0 != .string(pageID) }
        if isAdded { members.append(.string(pageID)) }
        other.values[mirror] = .list(members)
        pages[id] = other
    }
}
