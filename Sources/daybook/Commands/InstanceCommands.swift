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
        abstract: "List, show and steer instances of workflows.",
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
              daybook instance pause 018f… --reason "the client asked"
              daybook instance terminate 018f… --reason "a mistake"
              daybook instance retry 018f…
              daybook instance approve 018f… --comment "go ahead"
              daybook instance reject 018f… --comment "not yet"
              daybook instance migrate 018f… --reason "a mistake is mended"
              daybook instance reset 018f… --to 12 --reason "the price was wrong"
            """,
        subcommands: [
            List.self, Show.self, History.self, Diff.self, Why.self, Pause.self, Resume.self,
            Cancel.self, Terminate.self, Retry.self, Skip.self, Approve.self, Reject.self,
            Signal.self, Reset.self, Fork.self, Migrate.self,
        ]
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List instances, newest first.")

        @OptionGroup var options: ConfigurationOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var reading: ReadingOptions
        @Option(help: "Only this status, such as running, queued, paused, suspended or failed.")
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
            abstract: "End an instance in order, undoing what it did; needs a running engine.",
            discussion: "Steps that have a 'compensate' are undone first, the newest first."
        )

        @OptionGroup var instance: InstanceOptions
        @Option(help: "Why; it is kept in the log.")
        var reason: String

        func run() async throws {
            try await instance.send("cancel", ["reason": .string(reason)]) { answer in
                "\(answer["instance"]?.stringValue ?? instance.id) is cancelled"
            }
        }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let an instance that stands still go on, or try its failed step again.",
            discussion: "Needs a running engine."
        )

        @OptionGroup var instance: InstanceOptions

        func run() async throws {
            try await instance.send("resume", [:]) { answer in
                "\(answer["instance"]?.stringValue ?? instance.id) goes on"
            }
        }
    }

    /// Sends a command about an instance to the running engine.
    static func post(
        _ verb: String,
        _ id: String,
        _ body: Value,
        _ options: ConfigurationOptions
    ) async throws -> Value {
        guard id.utf8.allSatisfy({ $0 == 0x2D || Character(UnicodeScalar($0)).isHexDigit }) else {
            throw CommandFailure(
                "'\(id)' is no id; ids are hexadecimal digits, as 'daybook instance list' shows",
                ExitStatus.badInput
            )
        }
        let endpoint = try DataFolder(options).endpoint()
        let client = HTTPClient()
        let path = "/api/instances/\(id)/\(verb)"
        let answer: Value
        do {
            answer = try await endpoint.call("POST", path, body: body, client: client)
        } catch {
            await client.shutdown()
            throw error
        }
        await client.shutdown()
        return answer
    }
}
