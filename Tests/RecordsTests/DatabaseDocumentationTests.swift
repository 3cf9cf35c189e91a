import Foundation
import Records
import Testing

@Suite struct DatabaseDocumentationTests {
    @Test func listsEveryDatabaseAsItIs() throws {
        let text = try String(contentsOfFile: "docs/databases.md", encoding: .utf8)
        let rows = text.split(separator: "\n").filter { $0.hasPrefix("| `") }
        let catalogue = try DatabaseCatalogueReader.catalogue(schemaFiles())
        let expected = catalogue.databases.map { database in
            let title = database.title + (database.isOptional ? " (optional)" : "")
            return "| `\(database.key)` | \(title) | \(database.fields.count) | "
                + "`\(database.table)` | `\(database.environmentVariable)` | \(database.purpose) |"
        }
        #expect(Array(rows.prefix(expected.count)).map(String.init) == expected)
    }
}
