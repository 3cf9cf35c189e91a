import Connectors
import Documents
import EventModel
import Foundation
import Runtime
import WorkflowEngine

/// Workflow files as an author has them, and what they are checked against.
struct WorkflowFiles {
    let actions: ActionCatalogue
    private let library: Library

    init() throws(CommandFailure) {
        actions = try ActionList.describing()
        library = try Library.load()
    }

    /// Reads a workflow and checks it as deploying it would.
    ///
    /// - Throws: every mistake at once.
    func parse(_ text: String, file: String) throws(Problems) -> WorkflowDefinition {
        let definition = try WorkflowDefinition.parse(
            text,
            file: file,
            actions: actions,
            databases: DatabaseShapes(library.databases),
            functions: .workflows
        )
        let problems = DeploymentCheck.problems(
            of: definition,
            file: file,
            databases: library.databases
        )
        let all = problems + definition.steps.flatMap { templateProblems($0) }
        guard all.isEmpty else { throw Problems(all) }
        return definition
    }

    /// Notification templates that do not exist, in a step and those inside it.
    private func templateProblems(_ step: StepDefinition) -> [Problem] {
        let inside = step.children.flatMap { templateProblems($0) }
        guard case .action(let call) = step.body,
            actions[call.name]?.descriptor.name == "notify.send",
            case .map(let members) = call.input,
            let member = members.first(where: { $0.key == "template" }),
            case .literal(.string(let name)) = member.template,
            library.templates.templates[name] == nil
        else { return inside }
        let problem = Problem(
            at: member.place,
            "there is no notification template '\(name)'",
            remedy: Suggestion.remedy(for: name, among: library.templates.names)
        )
        return [problem] + inside
    }

    /// What older workflows are matched with.
    var importWorld: ImportWorld {
        ImportWorld(
            actions: actions,
            databases: library.databases,
            templates: Set(library.templates.names)
        )
    }

    /// Writes a file; one that is there is left alone unless it may be overwritten.
    static func write(_ text: String, to path: String, force: Bool) throws(CommandFailure) {
        guard force || !FileManager.default.fileExists(atPath: path) else {
            throw CommandFailure(
                "\(path) is there already; name another file or add --force",
                ExitStatus.badInput
            )
        }
        do {
            try text.write(toFile: path, atomically: true, encoding: .utf8)
        } catch {
            throw CommandFailure(
                "cannot write \(path): \(error.localizedDescription)",
                ExitStatus.inputOutput
            )
        }
    }

    /// The workflow files that paths name; of a folder, all in it and below.
    ///
    /// - Throws: that a path names nothing, or a folder without workflows.
    static func find(_ paths: [String]) throws(CommandFailure) -> [String] {
        var files: [String] = []
        for path in paths {
            var isFolder: ObjCBool = false
            let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
            guard exists, isFolder.boolValue else {
                files.append(path)
                continue
            }
            let found = inside(path)
            guard !found.isEmpty else {
                throw CommandFailure("no workflow is in \(path)", ExitStatus.badInput)
            }
            files += found
        }
        return files
    }

    /// What in a folder says of itself that it is a workflow: a key `workflow` at the left margin.
    private static func inside(_ folder: String) -> [String] {
        let paths = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String }
        return (paths ?? []).sorted().filter { path in
            path.hasSuffix(".yaml") || path.hasSuffix(".yml")
        }
        .filter { !isTest($0) }
        .map { (folder as NSString).appendingPathComponent($0) }
        .filter { file in
            guard let text = try? String(contentsOfFile: file, encoding: .utf8) else {
                return false
            }
            return text.hasPrefix("workflow:") || text.contains("\nworkflow:")
        }
    }

    /// Whether a file holds test cases, `….test.yaml`.
    static func isTest(_ file: String) -> Bool {
        file.hasSuffix(".test.yaml") || file.hasSuffix(".test.yml")
    }
}
