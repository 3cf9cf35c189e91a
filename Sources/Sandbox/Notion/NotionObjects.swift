import EventModel
import Records

/// A database: a container of data sources.
struct NotionDatabase {
    var id: String
    /// Daybook's key, where the catalogue declares the database.
    var key: String?
    var title: Value
    var description: Value = .list([])
    var parent: Value
    var isInline = false
    var isLocked = false
    var isTrashed = false
    var icon: Value = .null
    var cover: Value = .null
    var createdAt: Timestamp
    var editedAt: Timestamp
    var dataSourceIDs: [String]
}

/// A data source: the table with its columns.
struct NotionDataSource {
    var id: String
    var databaseID: String
    var title: Value
    var isTrashed = false
    var icon: Value = .null
    var cover: Value = .null
    var createdAt: Timestamp
    var editedAt: Timestamp
    var createdBy: String
    var editedBy: String
    var properties: [NotionProperty]
    /// The rows, oldest first, trashed ones too.
    var pageIDs: [String] = []
    /// The next number of a unique id.
    var nextNumber: Int64 = 1

    var titleProperty: NotionProperty? { properties.first { $0.type == .title } }

    /// The property of a name or of an id, encoded once, twice or not at all.
    func property(_ key: String) -> NotionProperty? {
        properties.first { $0.name == key }
            ?? properties.first { $0.id == key || $0.encodedID == key }
            ?? properties.first { NotionProperty.encoded($0.encodedID) == key }
    }

    func index(of key: String) -> Int? {
        guard let id = property(key)?.id else { return nil }
        return properties.firstIndex { $0.id == id }
    }
}

/// A page: a row of a data source, or a page outside.
struct NotionPage {
    var id: String
    /// Nil for a page that is no row.
    var dataSourceID: String?
    /// The page above a page that is no row; nil at the top of the workspace.
    var parentPageID: String?
    var createdAt: Timestamp
    var editedAt: Timestamp
    var createdBy: String
    var editedBy: String
    var isTrashed = false
    var isArchived = false
    var isLocked = false
    var icon: Value = .null
    var cover: Value = .null
    /// The number of a unique id.
    var number: Int64 = 0
    /// By property id, in the form in which Notion answers; relations as a list of ids, people too.
    var values: [String: Value] = [:]
}
