import EventModel

/// Who the token belongs to.
public struct NotionIdentity: Sendable, Hashable {
    /// The connection's own user id: changes by it are our own writes.
    public var userID: String
    public var name: String
    public var workspaceName: String
}

/// A database: a container of data sources.
struct NotionDatabase: Sendable, Hashable {
    struct Source: Sendable, Hashable {
        var id: String
        var name: String
    }

    var id: String
    var title: String
    var dataSources: [Source]
    var isTrashed: Bool

    init(_ value: Value) throws(NotionError) {
        id = try value.requiredText("id", of: "database")
        title = RichText.plain(value["title"])
        isTrashed = value["in_trash"]?.boolValue ?? false
        dataSources = (value["data_sources"]?.listValue ?? []).compactMap { source in
            guard let id = source["id"]?.stringValue else { return nil }
            return Source(id: id, name: source["name"]?.stringValue ?? "")
        }
    }
}

/// A data source: the table with its columns.
struct NotionDataSource: Sendable, Hashable {
    var id: String
    var databaseID: String?
    var title: String
    var isTrashed: Bool
    var properties: [NotionProperty]

    init(_ value: Value) throws(NotionError) {
        id = try value.requiredText("id", of: "data source")
        databaseID = value[path: "parent", "database_id"]?.stringValue
        title = RichText.plain(value["title"])
        isTrashed = value["in_trash"]?.boolValue ?? false
        let members = value["properties"]?.mapValue ?? ValueMap()
        properties = members.stringKeys.compactMap { name in
            guard let config = members[name] else { return nil }
            return NotionProperty(name: name, config: config)
        }
    }

    func property(named name: String) -> NotionProperty? {
        properties.first { $0.name == name }
    }
}

/// One column of a data source.
struct NotionProperty: Sendable, Hashable {
    /// Notion's short id, percent-encoded as Notion gives it; stays when staff rename the property.
    var id: String
    var name: String
    /// As Notion spells it; types newer than this code included.
    var type: String
    /// The names of the options of a select, multi-select or status.
    var options: [String]

    init?(name: String, config: Value) {
        guard let id = config["id"]?.stringValue, let type = config["type"]?.stringValue else {
            return nil
        }
        self.id = id
        self.name = name
        self.type = type
        let list = config[type]?["options"]?.listValue ?? []
        options = list.compactMap { $0["name"]?.stringValue }
    }
}

/// A page, as far as Daybook looks at it.
struct NotionPage: Sendable, Hashable {
    var id: String
    var createdAt: Timestamp
    /// Floored to the minute by Notion.
    var editedAt: Timestamp
    var editedBy: String
    var isTrashed: Bool
    var isArchived: Bool
    var dataSourceID: String?
    /// Property id to value, as Notion sent it: `{id, type, <type>: …}`.
    var properties: [String: Value]

    init(_ value: Value) throws(NotionError) {
        id = try value.requiredText("id", of: "page")
        let created = try value.requiredText("created_time", of: "page")
        let edited = try value.requiredText("last_edited_time", of: "page")
        guard let createdAt = NotionTime.parse(created), let editedAt = NotionTime.parse(edited)
        else {
            throw NotionError(.malformedAnswer, "page \(id) has an edit time '\(edited)'")
        }
        self.createdAt = createdAt
        self.editedAt = editedAt
        editedBy = value[path: "last_edited_by", "id"]?.stringValue ?? ""
        isTrashed = (value["in_trash"] ?? value["archived"])?.boolValue ?? false
        isArchived = value["is_archived"]?.boolValue ?? false
        dataSourceID = value[path: "parent", "data_source_id"]?.stringValue
        properties = [:]
        for entry in value["properties"]?.mapValue?.entries ?? [] {
            guard let id = entry.value["id"]?.stringValue else { continue }
            properties[id] = entry.value
        }
    }
}

/// Some pages of a query.
struct NotionPageList: Sendable {
    var pages: [NotionPage]
    var nextCursor: String?
    /// False if Notion stopped at its limit of 10,000 results.
    var isComplete: Bool
}

extension Value {
    /// A member that the API promises.
    func requiredText(_ key: String, of what: String) throws(NotionError) -> String {
        guard let text = self[key]?.stringValue else {
            throw NotionError(.malformedAnswer, "Notion answered with a \(what) without '\(key)'")
        }
        return text
    }
}
