import ArgumentParser
import Documents
import EventLog
import Runtime

/// The command line.
@main
struct Daybook: AsyncParsableCommand {
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "daybook",
        abstract: "An event-sourced workflow engine for Notion and Supabase.",
        discussion: """
            Everything that happens is appended to one log; everything else is folded from it. Start \
            with 'daybook demo', which needs nothing; 'daybook serve' is the same engine for real work.

            \(ExitStatus.help)
            """,
        version: version,
        groupedSubcommands: [
            CommandGroup(
                name: "Run",
                subcommands: [Demo.self, Serve.self, RunSandbox.self, StandbyCommands.self]
            ),
            CommandGroup(
                name: "Work",
                subcommands: [
                    WorkflowCommands.self, InstanceCommands.self, ScheduleCommands.self,
                    AgentCommands.self,
                    SyncCommands.self,
                ]
            ),
            CommandGroup(
                name: "Look",
                subcommands: [
                    Events.self, ReplayCommand.self, WhatIfCommand.self, BacktestCommand.self,
                    ProjectionCommands.self, LogCommands.self,
                    SubjectCommands.self, Actions.self, Integrations.self,
                    ExpressionCommands.self, Doctor.self,
                ]
            ),
        ]
    )

    static func main() async {
        let arguments = Array(CommandLine.arguments.dropFirst())
        do {
            try CommandNames.check(arguments, in: Daybook.self)
            var command = try parseAsRoot(arguments)
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch let failure as CommandFailure {
            let mark = failure.hasPlaces ? "" : Terminal.mark("error:", .red) + " "
            Terminal.error(mark + failure.message)
            exit(withError: failure.status)
        } catch let problems as Problems {
            Terminal.error(problems.description)
            exit(withError: ExitStatus.badInput)
        } catch let error as KeyStoreError {
            Terminal.error("\(Terminal.mark("error:", .red)) \(error.message)")
            exit(withError: ExitStatus.inputOutput)
        } catch let error as EventLogError {
            Terminal.error("\(Terminal.mark("error:", .red)) \(error.message)")
            exit(withError: ExitStatus.inputOutput)
        } catch {
            exit(withError: error)
        }
    }
}
