/// All databases that `Schemas/databases/` declares.
public struct DatabaseCatalogue: Sendable, Hashable {
    /// In the order in which they are set up.
    public var databases: [DatabaseSchema]

    public init(databases: [DatabaseSchema]) { self.databases = databases }

    /// The database of a key or of one of its aliases, or nil.
    public func database(_ name: String) -> DatabaseSchema? {
        databases.first { $0.key == name }
            ?? databases.first { $0.title == name || $0.aliases.contains(name) }
    }

    /// Columns that every table has beside those of the fields.
    public static let standardColumns = ["id", "notion_page_id", "created_at", "updated_at"]

    /// Fields that the synchronisation itself writes or Notion derives from them; a change of one of
    /// these says nothing about the record.
    public static let bookkeepingFields: Set<String> = [
        "supabase_id", "daybook_id", "last_modified", "last_synced", "needs_sync",
    ]
}
