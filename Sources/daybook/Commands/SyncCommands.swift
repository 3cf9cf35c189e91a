import ArgumentParser
import EventModel
import HTTPClient

/// `daybook sync`: have the databases read now.
struct SyncCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync",
        abstract: "Read the databases of Notion now instead of at the next poll.",
        discussion: """
            EXAMPLES:
              daybook sync run
              daybook sync run --database contacts_profiles --database master_tasks
            """,
        subcommands: [Run.self]
    )

    struct Run: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Poll databases once and wait for the result; needs a running engine."
        )

        @OptionGroup var options: ConfigurationOptions
        @OptionGroup var output: OutputOptions
        @Option(help: "Only these databases, by their keys.")
        var database: [String] = []

        func run() async throws {
            let endpoint = try DataFolder(options).endpoint()
            let client = HTTPClient()
            let body: Value =
                database.isEmpty ? [:] : ["databases": .list(database.map(Value.string))]
            let answer = try await endpoint.call("POST", "/api/sync", body: body, client: client)
            await client.shutdown()
            if output.json {
                Terminal.out(try JSON.text(answer))
                return
            }
            var table = Table([
                "database", "read", "created", "updated", "trashed", "restored", "complete",
            ])
            for row in answer["databases"]?.listValue ?? [] {
                table.add(
                    ["database", "read", "created", "updated", "trashed", "restored", "complete"]
                        .map { row.text($0) }
                )
            }
            table.print()
        }
    }
}
