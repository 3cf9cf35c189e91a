import ArgumentParser
import EventLog
import EventModel
import HTTPClient
import Projections
import Runtime

/// `daybook projection`: the tables that are folded from the log.
struct ProjectionCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "projection",
        abstract: "List, show and rebuild projections.",
        discussion: """
            EXAMPLES:
              daybook projection list
              daybook projection show workflow_instances
              daybook projection rebuild tasks
            """,
        subcommands: [List.self, Show.self, Rebuild.self]
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List projections: rows, how far behind the log, what their sinks still owe."
        )

        @OptionGroup var options: ConfigurationOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let folder = try DataFolder(options)
            let library = try Library.load()
            let log = try folder.openLog()
            guard let views = try folder.openViews() else {
                let sentence = "No engine has run on \(folder.path) yet, so there are no rows."
                Terminal.out(output.json ? "[]" : sentence)
                return
            }
            let keeper = ProjectionKeeper(store: log, views: views)
            let statuses = try keeper.status(of: library.projections)
            if output.json {
                Terminal.out(try JSON.text(.list(statuses.map { $0.value(head: log.head) })))
                return
            }
            var table = Table(["projection", "rows", "position", "lag", "owed to sinks", "remark"])
            for status in statuses {
                let debts = status.debts.filter { isConfigured($0.kind, folder.configuration) }
                    .map { "\($0.kind) \($0.rowCount)" }.joined(separator: ", ")
                table.add([
                    status.name, String(status.rowCount), status.position.description,
                    String(log.head.value - status.position.value), debts,
                    remark(status),
                ])
            }
            table.print()
        }

        // What a sink that is not configured would get is no debt to anybody yet.
        private func isConfigured(_ kind: String, _ configuration: Configuration) -> Bool {
            switch kind {
            case "notion": configuration.notion.token != nil
            case "postgres": configuration.postgres != nil
            default: true
            }
        }

        private func remark(_ status: ProjectionStatus) -> String {
            guard status.isOutdated else { return "" }
            return status.position == .start
                ? "not built yet; 'daybook serve' builds it" : "of another definition; rebuild it"
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show the rows of a projection.")

        @OptionGroup var options: ConfigurationOptions
        @OptionGroup var output: OutputOptions
        @Argument(help: "The projection's name.")
        var name: String
        @Option(help: "How many rows at the most.")
        var limit = 50

        func validate() throws {
            guard limit > 0 else { throw ValidationError("--limit must be at least 1") }
        }

        func run() async throws {
            let folder = try DataFolder(options)
            let library = try Library.load()
            guard let definition = library.projections.first(where: { $0.name == name }) else {
                throw CommandFailure(
                    "there is no projection '\(name)'; "
                        + Suggest.remedy(for: name, among: library.projections.map(\.name))
                )
            }
            _ = try folder.openLog()
            let rows =
                try folder.openViews().map {
                    try ProjectionTables(views: $0).rows(definition.name, limit: limit)
                } ?? []
            if output.json {
                Terminal.out(try JSON.text(.list(rows.map { .map($0.columns) })))
                return
            }
            guard let first = rows.first else {
                Terminal.out("No rows yet; 'daybook projection list' shows how far it is.")
                return
            }
            let columns = first.columns.stringKeys.sorted()
            var table = Table(["key", "position"] + columns)
            for row in rows {
                let cells = columns.map { (row.columns[$0]?.plainText ?? "").cut(90) }
                table.add([row.key, String(row.position.value)] + cells)
            }
            for line in table.blocks() { Terminal.out(line) }
        }
    }

    struct Rebuild: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Fold a projection again from the first event; needs a running engine.",
            discussion: """
                The new table is built beside the old one and takes its place in one transaction; only \
                rows that differ are pushed to the sinks.
                """
        )

        @OptionGroup var options: ConfigurationOptions
        @Argument(help: "The projection's name.")
        var name: String

        func run() async throws {
            let endpoint = try DataFolder(options).endpoint()
            let client = HTTPClient()
            let path = "/api/projections/\(name)/rebuild"
            let answer = try await endpoint.call("POST", path, body: [:], client: client)
            await client.shutdown()
            let names = ["added", "changed", "removed"]
            let counts = names.map { "\(answer.text($0)) \($0)" }.joined(separator: ", ")
            Terminal.out("\(name) is rebuilt: \(counts)")
        }
    }
}

extension ProjectionStatus {
    func value(head: Position) -> Value {
        [
            "name": .string(name), "rows": .int(Int64(rowCount)),
            "position": .uint(position.value), "lag": .uint(head.value - position.value),
            "outdated": .bool(isOutdated),
            "debts": .list(
                debts.map {
                    [
                        "kind": .string($0.kind), "target": .string($0.target),
                        "rows": .int(Int64($0.rowCount)),
                    ]
                }
            ),
        ]
    }
}
