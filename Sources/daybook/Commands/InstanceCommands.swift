import ArgumentParser
import EventLog
import EventModel
import HTTPClient
import Runtime
import WorkflowEngine

/// `daybook instance`: executions of workflows.
struct InstanceCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "instance",
        abstract: "List, show, cancel and resume instances of workflows.",
        discussion: """
            EXAMPLES:
              daybook instance list --status paused
              daybook instance show 018f…
              daybook instance show 018f --at 12
              daybook instance history 018f… --timeline
              daybook instance diff 018f… 4 9
              daybook instance why 018f… client_lookup
              daybook instance cancel 018f… --reason "booked by telephone"
              daybook instance resume 018f…
            """,
        subcommands: [
            List.self, Show.self, History.self, Diff.self, Why.self, Cancel.self, Resume.self,
        ]
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List instances, newest first.")

        @OptionGroup var options: ConfigurationOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var reading: ReadingOptions
        @Option(help: "Only this status: running, waiting, paused, completed, failed, cancelled.")
        var status: String?
        @Option(help: "Only this workflow.")
        var workflow: String?
        @Option(help: "Only this business entity.")
        var entity: String?
        @Option(help: "How many at the most.")
        var limit = 50

        func validate() throws {
            guard limit > 0 else { throw ValidationError("--limit must be at least 1") }
        }

        func run() async throws {
            let folder = try DataFolder(options)
            let reader = InstanceReader(store: try await folder.openStore(reading))
            let filter = InstanceFilter(
                workflow: workflow,
                statuses: try statuses(),
                entity: entity,
                limit: limit
            )
            let summaries = try reader.summaries(filter)
            if output.json {
                Terminal.out(try JSON.text(.list(summaries.map(\.value))))
                return
            }
            guard !summaries.isEmpty else {
                let isFiltered = status != nil || workflow != nil || entity != nil
                Terminal.out(
                    isFiltered
                        ? "No instance fits; 'daybook instance list' alone lists all."
                        : "No instance yet; webhooks, Notion changes and 'daybook workflow run' "
                            + "start them."
                )
                return
            }
            var table = Table([
                "instance", "workflow", "status", "started (UTC)", "events", "result",
            ])
            for summary in summaries {
                table.add([
                    summary.instance.description, summary.workflow, summary.status.rawValue,
                    summary.startedAt?.shown ?? "",
                    String(summary.eventCount),
                    summary.failure.map { "\(summary.failedStep ?? ""): \($0.message.cut(60))" }
                        ?? summary.outcome ?? "",
                ])
            }
            table.print()
        }

        private func statuses() throws(CommandFailure) -> Set<InstanceState.Status> {
            guard let status else { return [] }
            if let status = InstanceState.Status(rawValue: status) { return [status] }
            let words = InstanceState.Status.allCases.map(\.rawValue)
            throw CommandFailure(
                "'\(status)' is no status; \(Suggest.remedy(for: status, among: words))",
                ExitStatus.badInput
            )
        }
    }

    struct Cancel: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "End an instance for good; needs a running engine."
        )

        @OptionGroup var options: ConfigurationOptions
        @Argument(help: "The instance's id.")
        var id: String
        @Option(help: "Why; it is kept in the log.")
        var reason: String

        func run() async throws {
            let body: Value = ["reason": .string(reason), "actor": .string(Control.actor)]
            try await InstanceCommands.post("cancel", id, body, options)
            Terminal.out("\(id) is cancelled")
        }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Try the failed step of a paused instance again; needs a running engine."
        )

        @OptionGroup var options: ConfigurationOptions
        @Argument(help: "The instance's id.")
        var id: String

        func run() async throws {
            try await InstanceCommands.post(
                "resume",
                id,
                ["actor": .string(Control.actor)],
                options
            )
            Terminal.out("\(id) goes on")
        }
    }

    static func post(
        _ verb: String,
        _ id: String,
        _ body: Value,
        _ options: ConfigurationOptions
    ) async throws {
        let instance = try DataFolder.identifier(id)
        let endpoint = try DataFolder(options).endpoint()
        let client = HTTPClient()
        let path = "/api/instances/\(instance.description)/\(verb)"
        _ = try await endpoint.call("POST", path, body: body, client: client)
        await client.shutdown()
    }
}
