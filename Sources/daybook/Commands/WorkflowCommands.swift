import ArgumentParser
import CEL
import Documents
import EventLog
import EventModel
import Foundation
import HTTPClient
import Runtime
import WorkflowEngine

/// `daybook workflow`: make, check, test, deploy, look at and start workflows.
struct WorkflowCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "workflow",
        abstract: "Make, check, test, deploy, show and start workflows.",
        discussion: """
            EXAMPLES:
              daybook workflow validate Workflows/the_7_space/wellness_booking_automation.yaml
              daybook workflow new my_workflow --template webhook
              daybook workflow test my_workflow.yaml
              daybook workflow deploy my_workflow.yaml
              daybook workflow list
              daybook workflow show my_workflow
              daybook workflow run my_workflow --input '{"name": "Ana"}'
            """,
        subcommands: [
            New.self, Validate.self, Test.self, Import.self, Deploy.self, List.self, Show.self,
            Run.self,
        ]
    )

    struct Deploy: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Deploy workflow files; running instances keep the version they began with.",
            discussion:
                "Speaks to the engine that runs on the data folder, or opens it if none does."
        )

        @OptionGroup var options: ConfigurationOptions
        @Argument(help: "Workflow files.")
        var files: [String]

        func run() async throws {
            let control = try await Control.open(options)
            for file in files {
                do {
                    let text = try Library.read(file)
                    let answer = try await control.deploy(text: text, file: file)
                    let hash = answer.text("definition").prefix(12)
                    let isNew = answer["is_new"]?.boolValue == true
                    Terminal.out(
                        "\(answer.text("name")) \(hash) \(isNew ? "deployed" : "unchanged")"
                    )
                } catch {
                    await control.close()
                    throw error
                }
            }
            await control.close()
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List deployed workflows.")

        @OptionGroup var options: ConfigurationOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let folder = try DataFolder(options)
            let log = try folder.openLog()
            let registry = try folder.reading { () throws(EventLogError) in
                try WorkflowRegistry(store: log)
            }
            let active = registry.names.compactMap { registry.active($0) }
            if output.json {
                Terminal.out(try JSON.text(.list(active.map(\.value))))
                return
            }
            guard !active.isEmpty else {
                Terminal.out(
                    "No workflow is deployed; deploy one with: daybook workflow deploy FILE"
                )
                return
            }
            var table = Table([
                "workflow", "version", "versions", "deployed (UTC)", "by", "title",
            ])
            for version in active {
                table.add([
                    version.name, String(version.hash.hexadecimal.prefix(12)),
                    String(registry.versions(of: version.name).count),
                    version.deployedAt.shown, version.deployedBy,
                    (try? version.definition.get())?.title ?? "cannot be read by this version",
                ])
            }
            table.print()
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the source of a deployed workflow."
        )

        @OptionGroup var options: ConfigurationOptions
        @Argument(help: "The workflow's name.")
        var name: String

        func run() async throws {
            let folder = try DataFolder(options)
            let log = try folder.openLog()
            let registry = try folder.reading { () throws(EventLogError) in
                try WorkflowRegistry(store: log)
            }
            guard let workflow = registry.active(name) else {
                throw CommandFailure(
                    "no workflow '\(name)' is deployed; "
                        + Suggest.remedy(for: name, among: registry.names)
                )
            }
            Terminal.out(workflow.source)
        }
    }

    struct Run: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Start a workflow by hand; needs a running engine."
        )

        @OptionGroup var options: ConfigurationOptions
        @Argument(help: "The workflow's name.")
        var name: String
        @Option(help: ArgumentHelp("Its input, as JSON; @FILE reads a file.", valueName: "json"))
        var input: String = "{}"
        @Option(help: "Starting twice with one key starts one instance.")
        var idempotencyKey: String?

        func run() async throws {
            let text: String
            if input.hasPrefix("@") {
                text = try Library.read(String(input.dropFirst()))
            } else {
                text = input
            }
            let value: Value
            do {
                value = try JSON.parse(bytes: Array(text.utf8))
            } catch {
                throw CommandFailure("the input is no JSON: \(error)", ExitStatus.badInput)
            }
            let endpoint = try DataFolder(options).endpoint()
            var body: ValueMap = ["input": value, "actor": .string(Control.actor)]
            if let idempotencyKey { body["idempotency_key"] = .string(idempotencyKey) }
            let client = HTTPClient()
            let path = "/api/workflows/\(name)/run"
            let answer = try await endpoint.call("POST", path, body: .map(body), client: client)
            await client.shutdown()
            Terminal.out(answer.text("instance"))
        }
    }
}

extension WorkflowRegistry.Version {
    var value: Value {
        [
            "name": .string(name), "definition": .string(hash.hexadecimal),
            "position": .uint(position.value), "deployed_at": .timestamp(deployedAt),
            "deployed_by": .string(deployedBy), "file": .string(file),
        ]
    }
}
