import CEL
import Documents
import EventModel

extension DefinitionParser {
    mutating func parseTrigger(_ node: Node) -> Trigger? {
        if node.text == "manual" { return .manual }
        var reader = MappingReader(node, what: "a trigger")
        // A webhook has an `event` as well, which is then no kind of its own.
        let kinds = TriggerKind.allCases.filter { kind in
            node[kind.rawValue] != nil && !(kind == .event && node["webhook"] != nil)
        }
        guard let kind = kinds.first, kinds.count == 1 else {
            let words = kinds.map(\.rawValue)
            let message =
                kinds.isEmpty
                ? "the trigger does not say what starts the workflow"
                : "a trigger has one kind, but here are \(words.joined(separator: " and "))"
            let all = TriggerKind.allCases.map(\.rawValue).joined(separator: ", ")
            problems.append(
                Problem(
                    at: node.place,
                    message,
                    remedy: "write 'webhook: <source>', 'record: <database>', "
                        + "'schedule: <cron expression>', 'every: <duration>' or 'manual: true'; "
                        + "there are: \(all)"
                )
            )
            return nil
        }
        let trigger: Trigger?
        switch kind {
        case .webhook: trigger = webhook(&reader)
        case .record: trigger = record(&reader)
        case .schedule, .every: trigger = schedule(&reader)
        case .event: trigger = event(&reader)
        case .task: trigger = task(&reader)
        case .request: trigger = request(&reader)
        case .workflow: trigger = workflowEnd(&reader)
        case .manual:
            trigger = .manual
            if reader.boolean("manual") == false {
                reader.report(
                    Problem(
                        at: node.place,
                        "'manual: false' starts nothing",
                        remedy: "leave it out"
                    )
                )
            }
        }
        problems += reader.finish()
        return trigger
    }

    /// The key that says what a trigger looks at.
    enum TriggerKind: String, CaseIterable {
        case webhook, record, schedule, every, task, request, workflow, event, manual
    }

    private mutating func webhook(_ reader: inout MappingReader) -> Trigger? {
        let source = reader.requiredText("webhook") ?? ""
        let event = reader.text("event")
        let secrets = reader.texts("secrets") ?? []
        let condition = reader.node("if").flatMap { triggerCondition($0, names: ["payload"]) }
        return .webhook(
            WebhookTrigger(source: source, event: event, condition: condition, secrets: secrets)
        )
    }

    private mutating func record(_ reader: inout MappingReader) -> Trigger? {
        let database = reader.requiredText("record") ?? ""
        var changes: [RecordTrigger.Change] = []
        let words = RecordTrigger.Change.allCases.map(\.rawValue)
        let nodes = reader.node("on").map { $0.elements ?? [$0] } ?? []
        for node in nodes {
            if let change = node.text.flatMap(RecordTrigger.Change.init(rawValue:)) {
                changes.append(change)
            } else {
                let shown = node.text ?? node.kind
                problems.append(
                    Problem(
                        at: node.place,
                        "'\(shown)' is nothing that happens to a record",
                        remedy: Suggestion.remedy(for: shown, among: words)
                    )
                )
            }
        }
        if nodes.isEmpty {
            let remedy = "write 'on: [created]'; there are: \(words.joined(separator: ", "))"
            problems.append(
                Problem(at: reader.place, "the trigger lacks 'on'", remedy: remedy)
            )
        }
        let names = ["record", "before", "after", "changes"]
        let condition = reader.node("if").flatMap { triggerCondition($0, names: names) }
        return .record(RecordTrigger(database: database, changes: changes, condition: condition))
    }

    mutating func triggerCondition(_ node: Node, names: [String]) -> Expression? {
        guard let condition = condition(node) else { return nil }
        for reference in condition.expression.references {
            guard let name = reference.first, !names.contains(name) else { continue }
            problems.append(
                Problem(
                    at: node.place,
                    "a trigger's condition does not know '\(name)'",
                    remedy: Suggestion.remedy(for: name, among: names)
                )
            )
        }
        return condition.expression
    }

    mutating func parseInput(_ node: Node) -> [InputField] {
        guard let members = node.members else {
            problems.append(
                Problem(
                    at: node.place,
                    "'input' must be a mapping from names to types, not a \(node.kind)",
                    remedy: "write 'booking_id: {type: string, required: true}'"
                )
            )
            return []
        }
        return members.map { member in
            let key = Node(.scalar(.string(member.key)), at: member.keyPlace)
            let name = name(key, what: "an input's name")
            if let text = member.node.text {
                let kind = kind(text, at: member.node.place)
                return InputField(name: name, kind: kind, isRequired: false, description: "")
            }
            var reader = MappingReader(member.node, what: "the input '\(name)'")
            let word = reader.node("type")
            let kind = word.map { self.kind($0.text ?? $0.kind, at: $0.place) } ?? .any
            let field = InputField(
                name: name,
                kind: kind,
                isRequired: reader.boolean("required") ?? false,
                description: reader.text("description") ?? ""
            )
            problems += reader.finish()
            return field
        }
    }

    private mutating func kind(_ word: String, at place: Place) -> ActionField.Kind {
        if let kind = ActionField.Kind(rawValue: word) { return kind }
        let words = ActionField.Kind.allCases.map(\.rawValue)
        problems.append(
            Problem(
                at: place,
                "'\(word)' is no type",
                remedy: Suggestion.remedy(for: word, among: words)
            )
        )
        return .any
    }
}
