import CEL
import Documents
import EventModel

extension DefinitionParser {
    mutating func event(_ reader: inout MappingReader) -> Trigger? {
        let type = reader.requiredText("event") ?? ""
        let condition = reader.node("if").flatMap {
            triggerCondition($0, names: EventTrigger.names)
        }
        return .event(EventTrigger(type: type, condition: condition))
    }

    mutating func task(_ reader: inout MappingReader) -> Trigger? {
        let change = reader.choice("task", of: TaskTrigger.Change.self)
        let condition = reader.node("if").flatMap {
            triggerCondition($0, names: ["task", "before"])
        }
        guard let change else { return nil }
        return .task(TaskTrigger(change: change, condition: condition))
    }

    mutating func request(_ reader: inout MappingReader) -> Trigger? {
        let name = reader.node("request").map { self.name($0, what: "a request's name") } ?? ""
        let entities = reader.texts("from") ?? []
        let condition = reader.node("if").flatMap {
            triggerCondition($0, names: ["request", "payload"])
        }
        return .request(RequestTrigger(name: name, entities: entities, condition: condition))
    }

    mutating func workflowEnd(_ reader: inout MappingReader) -> Trigger? {
        let node = reader.node("workflow")
        let name = node.map { self.name($0, what: "a workflow's name") } ?? ""
        let ends = words("on", of: WorkflowTrigger.End.self, &reader)
        let outcomes = reader.texts("outcome") ?? []
        let condition = reader.node("if").flatMap {
            triggerCondition($0, names: ["ended"])
        }
        if let node, name == workflowName {
            problems.append(
                Problem(
                    at: node.place,
                    "'\(name)' would start itself without end",
                    remedy: "use a 'for_each' or a schedule"
                )
            )
        }
        return .workflow(
            WorkflowTrigger(
                workflow: name,
                ends: ends.isEmpty ? [.completed] : ends,
                outcomes: outcomes,
                condition: condition
            )
        )
    }

    /// Reads one word or a list of words.
    mutating func words<Word: RawRepresentable & CaseIterable>(
        _ key: String,
        of type: Word.Type,
        _ reader: inout MappingReader
    ) -> [Word] where Word.RawValue == String {
        let nodes = reader.node(key).map { $0.elements ?? [$0] } ?? []
        return nodes.compactMap { node in
            if let word = node.text.flatMap(Word.init(rawValue:)) { return word }
            let shown = node.text ?? node.kind
            problems.append(
                Problem(
                    at: node.place,
                    "'\(shown)' is not known under '\(key)'",
                    remedy: Suggestion.remedy(for: shown, among: Word.allCases.map(\.rawValue))
                )
            )
            return nil
        }
    }
}
