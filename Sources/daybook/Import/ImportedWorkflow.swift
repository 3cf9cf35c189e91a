import Documents
import EventModel

/// What came of an older workflow: our own form of it, and what it left open.
struct ImportedWorkflow {
    /// The workflow's name.
    var name: String
    /// The YAML document.
    var text: String
    /// What an author must look at, at the places of the older document.
    var warnings: [Problem]

    var value: Value {
        [
            "workflow": .string(name), "source": .string(text),
            "warnings": .list(warnings.map(\.value)),
        ]
    }
}

/// Reads the older shapes of workflows.
enum WorkflowImport {
    /// Converts all workflows of a document.
    ///
    /// - Parameters:
    ///   - text: YAML or JSON: one workflow, or a list of them.
    ///   - file: its name, for messages.
    /// - Throws: that it is neither of the shapes that are known.
    static func convert(
        _ text: String,
        file: String,
        world: ImportWorld
    ) throws(Problems) -> [ImportedWorkflow] {
        let root: Node
        do throws(Problem) {
            root = try YAML.parse(text, file: file)
        } catch {
            throw Problems([error])
        }
        var found: [ImportedWorkflow] = []
        for node in root.elements ?? [root] {
            if node["automation_steps"] != nil || node["workflow_name"] != nil {
                var importer = StepsImport(node, world: world)
                found.append(importer.convert())
            } else if let steps = node["steps"]?.elements,
                steps.contains(where: { $0["action_type"] != nil }) || node["trigger_type"] != nil
            {
                var importer = ActionsImport(node, world: world)
                found.append(importer.convert())
            } else {
                let isOurs = node["workflow"] != nil
                let problem = Problem(
                    at: node.place,
                    isOurs
                        ? "this is a workflow of Daybook already"
                        : "this is no workflow of a known older shape",
                    remedy: isOurs
                        ? "check it with: daybook workflow validate \(file)"
                        : "it has 'workflow_name' and 'automation_steps', or 'trigger' and 'steps' "
                            + "with 'action_type'"
                )
                throw Problems([problem])
            }
        }
        return found
    }
}
