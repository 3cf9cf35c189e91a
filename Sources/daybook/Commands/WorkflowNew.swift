import ArgumentParser
import EventModel
import Foundation

extension WorkflowCommands {
    struct New: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write a new workflow from a template, with test cases beside it.",
            discussion: """
                Writes NAME.yaml and NAME.test.yaml. Both work as they are: validate and test them, \
                then change what you need.

                TEMPLATES:
                \(WorkflowTemplate.allCases.map { "  \($0.rawValue): \($0.summary)" }
                    .joined(separator: "\n"))

                EXAMPLES:
                  daybook workflow new greet_visitors --template webhook
                  daybook workflow new weekly_leads --template schedule --folder Workflows/the_7_space

                \(ExitStatus.help)
                """
        )

        @Option(help: "What to begin with.")
        var template = WorkflowTemplate.manual
        @Option(help: ArgumentHelp("Where to write it.", valueName: "path"))
        var folder = "."
        @Flag(help: "Overwrite files that exist.")
        var force = false
        @OptionGroup var output: OutputOptions
        @Argument(help: "The workflow's name: lower-case letters, digits and underscores.")
        var name: String

        func run() async throws {
            let plain = WorkflowNames.name(name)
            guard plain == name else {
                throw CommandFailure(
                    "'\(name)' is no name of a workflow; did you mean '\(plain)'?",
                    ExitStatus.wrongArguments
                )
            }
            let base = (folder as NSString).appendingPathComponent(name)
            let files = ["\(base).yaml", "\(base).test.yaml"]
            for file in files where !force && FileManager.default.fileExists(atPath: file) {
                throw CommandFailure(
                    "\(file) is there already; take another name or add --force",
                    ExitStatus.badInput
                )
            }
            try WorkflowFiles.write(template.workflow(name), to: files[0], force: true)
            try WorkflowFiles.write(template.tests(name), to: files[1], force: true)
            if output.json {
                let value: Value = ["files": .list(files.map { .string($0) })]
                Terminal.out(try JSON.text(value))
                return
            }
            Terminal.out("wrote \(files[0]) and \(files[1])")
            Terminal.out("check it with: daybook workflow validate \(files[0])")
            Terminal.out("test it with:  daybook workflow test \(files[0])")
        }
    }
}
