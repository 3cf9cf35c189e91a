import Documents
import EventModel
public import Records
import Synchronization
import WorkflowEngine

/// Finds the databases of the catalogue in Notion and remembers them with their properties.
public final class NotionDirectory: Sendable {
    /// Where to look, most certain first.
    public struct Configuration: Sendable, Hashable {
        /// Database key to the id of its Notion database or data source.
        public var databaseIDs: [String: String]
        /// A page under which the databases lie; nil searches by title.
        public var parentPageID: String?
        /// After this the properties of a database are asked for again.
        public var lifetime: Duration

        public init(
            databaseIDs: [String: String] = [:],
            parentPageID: String? = nil,
            lifetime: Duration = .seconds(600)
        ) {
            self.databaseIDs = databaseIDs
            self.parentPageID = parentPageID
            self.lifetime = lifetime
        }
    }

    private struct Known {
        var table: NotionTable
        /// Nil if it must be asked for again.
        var readAt: Timestamp?
    }

    let client: NotionClient
    let catalogue: DatabaseCatalogue
    private let configuration: Configuration
    private let known = Mutex<[String: Known]>([:])

    /// Takes a client and what the databases are; asks nothing yet.
    public init(
        client: NotionClient,
        catalogue: DatabaseCatalogue,
        configuration: Configuration = Configuration()
    ) {
        self.client = client
        self.catalogue = catalogue
        self.configuration = configuration
    }

    /// Compares a database in Notion with its declaration, asking Notion anew.
    ///
    /// - Parameter database: its key, title or alias.
    /// - Throws: if the database cannot be found.
    public func check(_ database: String) async throws(NotionError) -> NotionSchemaReport {
        forget(database)
        return try await table(database).report
    }

    /// The database's declaration.
    func schema(_ name: String) throws(NotionError) -> DatabaseSchema {
        if let schema = catalogue.database(name) { return schema }
        let remedy = Suggestion.remedy(for: name, among: catalogue.databases.map(\.key))
        throw NotionError(
            .databaseMissing,
            "there is no database '\(name)'; \(remedy)",
            field: "database"
        )
    }

    /// The database with its properties.
    func table(_ name: String) async throws(NotionError) -> NotionTable {
        let schema = try schema(name)
        let now = client.core.time.now
        let remembered = known.withLock { $0[schema.key] }
        if let remembered, let readAt = remembered.readAt,
            now - readAt < configuration.lifetime
        {
            return remembered.table
        }
        let source: NotionDataSource
        if let remembered {
            source = try await client.dataSource(remembered.table.source.id)
        } else {
            source = try await find(schema)
        }
        let table = NotionTable(schema: schema, source: source, earlier: remembered?.table)
        known.withLock { $0[schema.key] = Known(table: table, readAt: now) }
        return table
    }

    /// Asks for a database's properties again next time, such as after Notion refused one of them.
    func forget(_ name: String) {
        guard let key = catalogue.database(name)?.key else { return }
        known.withLock { $0[key]?.readAt = nil }
    }

    private func find(_ schema: DatabaseSchema) async throws(NotionError) -> NotionDataSource {
        if let id = configuration.databaseIDs[schema.key], !id.isEmpty {
            return try await configured(schema, id)
        }
        if let page = configuration.parentPageID {
            let children = try await client.childDatabases(of: page)
            let matching = children.filter { NotionDirectory.isTitle($0.title, of: schema) }
            if let child = matching.first { return try await source(of: child.id, schema) }
        }
        return try await searched(schema)
    }

    private func configured(
        _ schema: DatabaseSchema,
        _ id: String
    ) async throws(NotionError) -> NotionDataSource {
        do throws(NotionError) {
            return try await source(of: id, schema)
        } catch {
            guard error.code == .notFound else { throw error }
        }
        do throws(NotionError) {
            return try await client.dataSource(id)
        } catch {
            guard error.code == .notFound else { throw error }
            throw missing(schema, "\(id) (\(schema.environmentVariable))")
        }
    }

    private func source(
        of database: String,
        _ schema: DatabaseSchema
    ) async throws(NotionError) -> NotionDataSource {
        let found = try await client.database(database)
        let titled = found.dataSources.first { NotionDirectory.isTitle($0.name, of: schema) }
        guard let source = titled ?? (found.dataSources.count == 1 ? found.dataSources[0] : nil)
        else {
            let names = found.dataSources.map { "'\($0.name)' (\($0.id))" }
            throw NotionError(
                .databaseMissing,
                "the database '\(found.title)' has several data sources: "
                    + names.joined(separator: ", ")
                    + "; set \(schema.environmentVariable) to the id of the one that is meant",
                field: "database"
            )
        }
        return try await client.dataSource(source.id)
    }

    private func searched(_ schema: DatabaseSchema) async throws(NotionError) -> NotionDataSource {
        let sources = try await client.searchDataSources(schema.title)
        var matching = sources.filter { !$0.isTrashed && $0.title == schema.title }
        if matching.isEmpty {
            matching = sources.filter {
                !$0.isTrashed && NotionDirectory.isTitle($0.title, of: schema)
            }
        }
        guard let source = matching.first else { throw missing(schema, nil) }
        guard matching.count == 1 else {
            let ids = matching.map(\.id).joined(separator: ", ")
            throw NotionError(
                .databaseMissing,
                "several databases are called '\(schema.title)' (\(ids)); "
                    + "set \(schema.environmentVariable) to the id of the one that is meant",
                field: "database"
            )
        }
        // A search gives an older picture than the data source itself.
        return try await client.dataSource(source.id)
    }

    private func missing(_ schema: DatabaseSchema, _ id: String?) -> NotionError {
        let name = id.map { " \($0)" } ?? ""
        return NotionError(
            .databaseMissing,
            "database '\(schema.title)'\(name) is not shared with the connection; "
                + "share it or set \(schema.environmentVariable)",
            field: "database"
        )
    }

    private static func isTitle(_ title: String, of schema: DatabaseSchema) -> Bool {
        let names = [schema.title] + schema.aliases
        return names.contains { $0.lowercased() == title.lowercased() }
    }
}
