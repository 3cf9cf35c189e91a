import ArgumentParser
import Documents
import EventModel
import Foundation

extension WorkflowCommands {
    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Convert a workflow of an older shape and say what it leaves open.",
            discussion: """
                Takes YAML with 'workflow_name' and 'automation_steps', and JSON with 'trigger' and \
                steps of 'action_type' and 'config'. Actions that this installation has are \
                called; what has no counterpart becomes a task for a person, with a warning at its \
                line in the older file. The result is checked as by 'workflow validate'.

                EXAMPLES:
                  daybook workflow import old.yaml
                  daybook workflow import old.json --output Workflows/act
                  daybook workflow import old.json --json

                \(ExitStatus.help)
                """
        )

        @Option(
            name: [.short, .customLong("output")],
            help: ArgumentHelp(
                "Where to write: a file, or a folder for files named as the workflows.",
                valueName: "path"
            )
        )
        var path: String?
        @Flag(help: "Overwrite files that exist.")
        var force = false
        @OptionGroup var output: OutputOptions
        @Argument(help: "The older file.")
        var file: String

        func run() async throws {
            let files = try WorkflowFiles()
            let text = try Library.read(file)
            let imported: [ImportedWorkflow]
            do throws(Problems) {
                imported = try WorkflowImport.convert(text, file: file, world: files.importWorld)
            } catch {
                throw CommandFailure(error, ExitStatus.badInput)
            }
            var problems: [Problem] = []
            for workflow in imported {
                do throws(Problems) {
                    _ = try files.parse(workflow.text, file: "\(workflow.name).yaml")
                } catch {
                    problems += error.list
                }
            }
            if output.json {
                let value: Value = [
                    "workflows": .list(imported.map(\.value)),
                    "problems": .list(problems.map(\.value)),
                ]
                Terminal.out(try JSON.text(value, layout: .pretty))
            } else {
                for workflow in imported {
                    try write(workflow, isAlone: imported.count == 1)
                    for warning in workflow.warnings { Terminal.error("\(warning)") }
                }
            }
            guard problems.isEmpty else {
                throw CommandFailure(Problems(problems), ExitStatus.badInput)
            }
        }

        private func write(_ workflow: ImportedWorkflow, isAlone: Bool) throws(CommandFailure) {
            guard let path else {
                Terminal.out(workflow.text)
                return
            }
            var isFolder: ObjCBool = false
            let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
            let target: String
            if exists, isFolder.boolValue {
                target = (path as NSString).appendingPathComponent(workflow.name + ".yaml")
            } else {
                guard isAlone else {
                    throw CommandFailure(
                        "\(file) holds several workflows; name a folder",
                        ExitStatus.wrongArguments
                    )
                }
                target = path
            }
            try WorkflowFiles.write(workflow.text, to: target, force: force)
            Terminal.out("\(target): \(workflow.name), \(workflow.warnings.count) points left open")
        }
    }
}
