import EventModel
import Foundation
import Records

/// All that the local Notion holds.
struct NotionWorkspace {
    /// The page under which the databases stand.
    static let rootPageID = "5a4db0b0-0000-4000-8000-000000000002"

    var databases: [String: NotionDatabase] = [:]
    /// In the order of their creation.
    var databaseOrder: [String] = []
    var dataSources: [String: NotionDataSource] = [:]
    var pages: [String: NotionPage] = [:]
    var users: [NotionUser] = [.bot]
    /// Rows that a query pages through at most.
    var queryResultsMax: Int
    private var identities: SandboxIdentities

    /// An empty workspace with its root page.
    ///
    /// - Parameters:
    ///   - nonce: what the ids of everything created later are made from.
    ///   - now: when the root page was created.
    init(nonce: String, queryResultsMax: Int, now: Timestamp) {
        identities = SandboxIdentities(nonce: nonce)
        self.queryResultsMax = queryResultsMax
        pages[NotionWorkspace.rootPageID] = NotionPage(
            id: NotionWorkspace.rootPageID,
            createdAt: now,
            editedAt: now,
            createdBy: NotionUser.botID,
            editedBy: NotionUser.botID,
            values: ["title": .list([NotionText.plain("The organisation")])]
        )
    }

    /// A fresh id of UUID form.
    mutating func newID() -> String { identities.next() }

    func user(_ id: String) -> NotionUser? { users.first { $0.id == id } }

    /// The page of an id, or Notion's answer to an unknown one.
    func page(_ id: String) throws(NotionError) -> NotionPage {
        guard let page = pages[id] else { throw .notFound("page", id) }
        return page
    }

    func dataSource(_ id: String) throws(NotionError) -> NotionDataSource {
        guard let source = dataSources[id] else { throw .notFound("data_source", id) }
        return source
    }

    func database(_ id: String) throws(NotionError) -> NotionDatabase {
        guard let database = databases[id] else { throw .notFound("database", id) }
        return database
    }

    /// The data source of a database of the catalogue.
    func dataSource(key: String) -> NotionDataSource? {
        databases.values.first { $0.key == key }?.dataSourceIDs.first.flatMap { dataSources[$0] }
    }

    /// What readers see of a page: its title.
    func title(of page: NotionPage) -> String {
        let id = page.dataSourceID.flatMap { dataSources[$0]?.titleProperty?.id } ?? "title"
        return NotionText.plainText(page.values[id])
    }

    /// The visible text of a mention.
    func name(_ kind: String, _ id: String) -> String? {
        switch kind {
        case "user": user(id)?.name
        case "page": pages[id].map(title)
        case "database": databases[id].map { NotionText.plainText($0.title) }
        default: nil
        }
    }
}

/// Makes ids that look like Notion's: UUIDs of version 4.
struct SandboxIdentities {
    private let nonce: String
    private var count = 0

    init(nonce: String) { self.nonce = nonce }

    mutating func next() -> String {
        count += 1
        return SandboxIdentities.identifier("\(nonce)/\(count)")
    }

    /// The id that belongs to a name, always the same one.
    static func identifier(_ name: String) -> String {
        var bytes = Array(Digest.sha256(name.utf8).bytes.prefix(16))
        bytes[6] = bytes[6] & 0x0F | 0x40
        bytes[8] = bytes[8] & 0x3F | 0x80
        return Identifier(bytes: bytes)?.text ?? name
    }

    /// A property id: four visible characters that belong to a name.
    static func propertyID(_ name: String) -> String {
        let alphabet = Array(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789:;<>?@[]^_`{}~|=".utf8
        )
        let bytes = Digest.sha256(name.utf8).bytes.prefix(4)
        let characters = bytes.map { alphabet[Int($0) % alphabet.count] }
        return String(decoding: characters, as: UTF8.self)
    }

    /// Reads an id of a request, dashed or not; nil if it is no UUID of RFC 9562.
    static func parse(_ text: String) -> String? {
        var dashed = text
        if text.utf8.count == 32 {
            let digits = Array(text.utf8)
            let groups = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map {
                String(decoding: digits[$0], as: UTF8.self)
            }
            dashed = groups.joined(separator: "-")
        }
        guard let identifier = Identifier(dashed), (1...8).contains(identifier.version),
            identifier.low >> 62 == 2
        else { return nil }
        return identifier.text
    }
}
