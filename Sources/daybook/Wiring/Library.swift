import Connectors
import Documents
import Foundation
import Projections
import Records

/// The files that come with Daybook, read and checked.
struct Library {
    let home: URL
    let databases: DatabaseCatalogue
    let projections: [ProjectionDefinition]
    let templates: TemplateLibrary

    /// Reads all of it; throws every mistake at once.
    static func load() throws(CommandFailure) -> Library {
        let home = try Installation.home()
        do throws(Problems) {
            return Library(
                home: home,
                databases: try databases(home),
                projections: try projections(home),
                templates: try templates(home)
            )
        } catch {
            throw CommandFailure(error, ExitStatus.badConfiguration)
        }
    }

    /// The databases of `Schemas/databases/`.
    static func databases(_ home: URL) throws(Problems) -> DatabaseCatalogue {
        try DatabaseCatalogueReader.catalogue(
            try texts(home.appendingPathComponent("Schemas/databases"))
        )
    }

    private static func projections(_ home: URL) throws(Problems) -> [ProjectionDefinition] {
        var definitions: [ProjectionDefinition] = []
        for (file, text) in try texts(home.appendingPathComponent("Projections")) {
            definitions.append(try ProjectionDefinition.parse(text, file: file))
        }
        return definitions
    }

    private static func templates(_ home: URL) throws(Problems) -> TemplateLibrary {
        let workflows = home.appendingPathComponent("Workflows")
        let entities = (try? FileManager.default.contentsOfDirectory(atPath: workflows.path)) ?? []
        var files: [(file: String, text: String)] = []
        for entity in entities.sorted() {
            files += try texts(workflows.appendingPathComponent("\(entity)/templates"))
        }
        return try TemplateLibrary.load(texts: files)
    }

    private static func texts(_ folder: URL) throws(Problems) -> [(file: String, text: String)] {
        var files: [(file: String, text: String)] = []
        for url in Installation.yamlFiles(in: folder) {
            files.append((url.path, try read(url)))
        }
        return files
    }

    static func read(_ url: URL) throws(Problems) -> String {
        do {
            return try String(contentsOf: url, encoding: .utf8)
        } catch {
            let place = Place(file: url.path, line: 1, column: 1)
            throw Problems([Problem(at: place, "cannot be read: \(error.localizedDescription)")])
        }
    }
}
