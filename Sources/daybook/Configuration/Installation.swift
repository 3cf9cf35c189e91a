import Foundation

/// Where the files that come with Daybook are: `Schemas/`, `Workflows/`, `Projections/`.
enum Installation {
    /// The folder, from `DAYBOOK_HOME`, from above the program, or from above the working folder.
    static func home() throws(CommandFailure) -> URL {
        let environment = ProcessInfo.processInfo.environment
        if let named = environment["DAYBOOK_HOME"], !named.isEmpty {
            let folder = URL(fileURLWithPath: named)
            guard isHome(folder) else {
                throw CommandFailure(
                    "DAYBOOK_HOME is \(named), which has no Schemas/databases; "
                        + "set it to the folder that holds Schemas, Workflows and Projections",
                    ExitStatus.badConfiguration
                )
            }
            return folder
        }
        let program = (Bundle.main.executableURL ?? URL(fileURLWithPath: CommandLine.arguments[0]))
            .resolvingSymlinksInPath()
        let working = URL(fileURLWithPath: FileManager.default.currentDirectoryPath)
        for start in [program.deletingLastPathComponent(), working] {
            if let found = ancestor(of: start) { return found }
        }
        throw CommandFailure(
            "cannot find the folder with Schemas, Workflows and Projections; set DAYBOOK_HOME to it",
            ExitStatus.badConfiguration
        )
    }

    private static func ancestor(of start: URL) -> URL? {
        var folder = start
        while true {
            if isHome(folder) { return folder }
            let parent = folder.deletingLastPathComponent()
            guard parent.path != folder.path else { return nil }
            folder = parent
        }
    }

    private static func isHome(_ folder: URL) -> Bool {
        let schemas = folder.appendingPathComponent("Schemas/databases").path
        return FileManager.default.fileExists(atPath: schemas)
    }

    /// The YAML files directly in a folder, sorted; an absent folder has none.
    ///
    /// Files of test cases are left out.
    static func yamlFiles(in folder: URL) -> [URL] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }
            .filter { !WorkflowFiles.isTest($0) }.sorted()
            .map { folder.appendingPathComponent($0) }
    }
}
