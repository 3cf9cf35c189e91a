import ArgumentParser
import Documents
import EventModel
import Foundation
import WorkflowEngine

extension WorkflowCommands {
    struct Test: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Run a workflow's test cases in simulated time, without a network.",
            discussion: """
                The cases of NAME.yaml stand beside it in NAME.test.yaml: what starts the \
                workflow, what its calls give, and what must come of it. The kernel is the real \
                one; waits take no time. Of a folder every file of test cases in it and below is \
                run. docs/workflows.md describes the file.

                EXAMPLES:
                  daybook workflow test my_workflow.yaml
                  daybook workflow test Workflows
                  daybook workflow test my_workflow.test.yaml --case "nobody is free"

                \(ExitStatus.help)
                """
        )

        @Option(
            name: .customLong("case"),
            help: ArgumentHelp("Run only the cases whose name contains this.", valueName: "text")
        )
        var filter: String?
        @OptionGroup var output: OutputOptions
        @Argument(help: "Workflow files, files of test cases, or folders of them.")
        var files: [String]

        func run() async throws {
            let checked = try WorkflowFiles()
            var results: [(file: String, verdicts: [WorkflowTestRun.Verdict])] = []
            var problems: [Problem] = []
            for file in try WorkflowFiles.tests(files) {
                do throws(Problems) {
                    results.append((file, try verdicts(file, checked)))
                } catch {
                    problems += error.list
                }
            }
            let verdicts = results.flatMap(\.verdicts)
            if output.json {
                let value: Value = [
                    "files": .list(
                        results.map { ["file": .string($0), "cases": .list($1.map(\.value))] }
                    ),
                    "problems": .list(problems.map(\.value)),
                ]
                Terminal.out(try JSON.text(value, layout: .pretty))
            } else {
                for (file, verdicts) in results { show(file, verdicts) }
                let passed = verdicts.filter(\.passes).count
                Terminal.out("\(passed) of \(verdicts.count) cases pass")
            }
            guard problems.isEmpty else {
                throw CommandFailure(Problems(problems), ExitStatus.badInput)
            }
            guard verdicts.allSatisfy(\.passes) else { throw ExitStatus.checkFailed }
            guard !verdicts.isEmpty else {
                throw CommandFailure("no case is called that", ExitStatus.wrongArguments)
            }
        }

        private func verdicts(
            _ file: String,
            _ checked: WorkflowFiles
        ) throws(Problems) -> [WorkflowTestRun.Verdict] {
            let tests = try WorkflowTestFile.parse(
                try Library.read(URL(fileURLWithPath: file)),
                file: file
            )
            let folder = (file as NSString).deletingLastPathComponent
            let name =
                tests.workflow.isEmpty
                ? WorkflowFiles.workflow(of: file)
                : (folder as NSString).appendingPathComponent(tests.workflow)
            let text = try Library.read(URL(fileURLWithPath: name))
            let run = WorkflowTestRun(definition: try checked.parse(text, file: name))
            let cases = tests.cases.filter { filter.map($0.name.contains) ?? true }
            let problems = cases.flatMap { run.problems(of: $0) }
            guard problems.isEmpty else { throw Problems(problems) }
            return cases.map { run.run($0) }
        }

        private func show(_ file: String, _ verdicts: [WorkflowTestRun.Verdict]) {
            Terminal.out(Terminal.styled(file, .bold))
            for verdict in verdicts {
                let mark =
                    verdict.passes ? Terminal.styled("✓", .green) : Terminal.styled("✗", .red)
                Terminal.out("  \(mark) \(verdict.name)")
                for line in verdict.differences {
                    let trimmed = line.drop { $0 == " " }
                    let style: Terminal.Style? =
                        trimmed.hasPrefix("- ") ? .red : trimmed.hasPrefix("+ ") ? .green : nil
                    Terminal.out("      " + (style.map { Terminal.styled(line, $0) } ?? line))
                }
            }
        }
    }
}

extension WorkflowFiles {
    /// The workflow whose cases a file holds: `x.test.yaml` is beside `x.yaml`.
    static func workflow(of test: String) -> String {
        for ending in ["yaml", "yml"] where test.hasSuffix(".test.\(ending)") {
            return test.dropLast(".test.\(ending)".count) + ".\(ending)"
        }
        return test
    }

    /// The files of test cases that paths name: beside a workflow, or in a folder and below.
    static func tests(_ paths: [String]) throws(CommandFailure) -> [String] {
        var files: [String] = []
        for path in paths {
            var isFolder: ObjCBool = false
            let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
            if exists, isFolder.boolValue {
                let inside =
                    FileManager.default.enumerator(atPath: path)?
                    .compactMap { $0 as? String } ?? []
                let found = inside.filter(isTest).sorted()
                guard !found.isEmpty else {
                    throw CommandFailure(
                        "no file of test cases (….test.yaml) is in \(path)",
                        ExitStatus.badInput
                    )
                }
                files += found.map { (path as NSString).appendingPathComponent($0) }
            } else if isTest(path) {
                files.append(path)
            } else {
                let base = (path as NSString).deletingPathExtension
                let test = "\(base).test.\((path as NSString).pathExtension)"
                guard FileManager.default.fileExists(atPath: test) else {
                    throw CommandFailure(
                        "\(path) has no test cases; write them in \(test)",
                        ExitStatus.badInput
                    )
                }
                files.append(test)
            }
        }
        return files
    }
}
