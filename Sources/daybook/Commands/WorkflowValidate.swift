import ArgumentParser
import Documents
import EventModel
import WorkflowEngine

extension WorkflowCommands {
    struct Validate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Report every mistake of workflow files, with line, column and remedy.",
            discussion: """
                Finds what deploying would refuse: unknown keys, steps and actions, references to \
                steps that have not run, misspelt fields of databases, wrong types, steps that are \
                never reached, mistakes in schemas, schedules and expressions. Of a folder it \
                checks every workflow in it and below. Nothing is changed and no service is called.

                EXAMPLES:
                  daybook workflow validate my_workflow.yaml
                  daybook workflow validate Workflows
                  daybook workflow validate Workflows --json

                \(ExitStatus.help)
                """
        )

        @OptionGroup var output: OutputOptions
        @Argument(help: "Workflow files, or folders of them.")
        var files: [String]

        func run() async throws {
            let checked = try WorkflowFiles()
            var results: [WorkflowVerdict] = []
            for file in try WorkflowFiles.find(files) {
                let text = try Library.read(file)
                do throws(Problems) {
                    let definition = try checked.parse(text, file: file)
                    results.append(WorkflowVerdict(file: file, definition: definition))
                } catch {
                    results.append(WorkflowVerdict(file: file, problems: error.list))
                }
            }
            let problems = results.flatMap(\.problems)
            if output.json {
                let value: Value = [
                    "ok": .bool(problems.isEmpty), "workflows": .list(results.map(\.value)),
                ]
                Terminal.out(try JSON.text(value, layout: .pretty))
                guard problems.isEmpty else { throw ExitStatus.badInput }
                return
            }
            for result in results {
                guard let definition = result.definition else { continue }
                let hash = definition.hash.hexadecimal.prefix(12)
                Terminal.out("\(result.file): \(definition.name) is in order (\(hash))")
            }
            guard problems.isEmpty else {
                throw CommandFailure(Problems(problems), ExitStatus.badInput)
            }
        }
    }
}

/// What came of checking one file.
struct WorkflowVerdict {
    var file: String
    var definition: WorkflowDefinition?
    var problems: [Problem] = []

    init(file: String, definition: WorkflowDefinition) {
        self.file = file
        self.definition = definition
    }

    init(file: String, problems: [Problem]) {
        self.file = file
        self.problems = problems
    }

    /// For programs.
    var value: Value {
        [
            "file": .string(file),
            "workflow": definition.map { .string($0.name) } ?? .null,
            "hash": definition.map { .string($0.hash.hexadecimal) } ?? .null,
            "problems": .list(problems.map(\.value)),
        ]
    }
}

extension Problem {
    /// For programs.
    var value: Value {
        [
            "file": .string(place.file), "line": .int(Int64(place.line)),
            "column": .int(Int64(place.column)), "message": .string(message),
            "remedy": .string(remedy),
        ]
    }
}
