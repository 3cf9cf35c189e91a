public import Documents
import EventModel

/// Reads the files of `Schemas/databases/`, one database a file.
public enum DatabaseCatalogueReader {
    /// Reads one database and checks what one file can tell: unique keys, one title, known words.
    ///
    /// - Parameters:
    ///   - text: the YAML document.
    ///   - file: its name, for messages.
    /// - Throws: every mistake of the file with its place.
    public static func parse(_ text: String, file: String) throws(Problems) -> DatabaseSchema {
        try DatabaseDocument(text: text, file: file).schema
    }

    /// Reads all databases and checks them against each other.
    ///
    /// A relation's target and inverse must exist and agree, a roll-up must follow a relation to a
    /// field that is there, and no two databases may share a key, table, variable or alias.
    ///
    /// - Parameter files: the name and the text of each file, in any order.
    /// - Returns: the databases in the order in which they are set up.
    /// - Throws: every mistake of every file with its place.
    public static func catalogue(
        _ files: [(file: String, text: String)]
    ) throws(Problems) -> DatabaseCatalogue {
        var documents: [DatabaseDocument] = []
        var problems: [Problem] = []
        for (file, text) in files {
            do throws(Problems) {
                documents.append(try DatabaseDocument(text: text, file: file))
            } catch {
                problems += error.list
            }
        }
        problems += CatalogueChecker(documents: documents).problems()
        guard problems.isEmpty else { throw Problems(problems) }
        let databases = documents.map(\.schema).sorted {
            ($0.setupOrder, $0.key) < ($1.setupOrder, $1.key)
        }
        return DatabaseCatalogue(databases: databases)
    }
}
