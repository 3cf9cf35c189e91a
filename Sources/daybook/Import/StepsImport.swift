import Documents
import EventModel
import Records
import WorkflowEngine

/// The shape with `workflow_name`, `trigger` and `automation_steps`.
///
/// Its actions are names without inputs. Those that this installation has are called, and what they
/// need besides becomes the workflow's input; the others become tasks for a person.
struct StepsImport {
    /// What conditions read from the input, and what is said of it.
    private var conditionInputs: [String: String] = [:]
    private let node: Node
    private let world: ImportWorld
    private var draft = ImportDraft()
    /// Whether the input is a record, to which nothing can be added.
    private var isStartedByRecords = false

    init(_ node: Node, world: ImportWorld) {
        self.node = node
        self.world = world
    }

    private static let known = [
        "workflow_name", "trigger", "automation_steps", "error_handling", "description", "title",
        "data_transformations", "quality_gates", "analytics_tracking", "scalability_features",
    ]

    mutating func convert() -> ImportedWorkflow {
        let name = WorkflowNames.name(node["workflow_name"]?.text ?? "")
        var members: [(key: String, value: YAMLDraft)] = [("workflow", .text(name))]
        for key in ["title", "description"] {
            if let text = node[key]?.text { members.append((key, .text(text))) }
        }
        let trigger = trigger()
        if let trigger { members.append(("triggers", .list([trigger]))) }
        let steps = (node["automation_steps"]?.elements ?? []).map { step($0) }
        if steps.isEmpty { draft.warn(node, "the workflow has no steps") }
        noteRest()
        if !draft.inputs.isEmpty {
            var inputs = draft.inputs.map { input in
                (
                    key: input.name,
                    value: YAMLDraft.map([
                        ("type", .text(input.kind)), ("required", .scalar(true)),
                        ("description", .text(input.about)),
                    ])
                )
            }
            for (name, about) in conditionInputs.sorted(by: { $0.key < $1.key })
            where !draft.inputs.contains(where: { $0.name == name }) {
                let members = [("type", YAMLDraft.text("any")), ("description", .text(about))]
                inputs.append((key: name, value: .map(members)))
            }
            members.append(("input", .map(inputs)))
        }
        members.append(("steps", .list(steps)))
        return ImportedWorkflow(
            name: name,
            text: draft.text(members, file: node.place.file),
            warnings: draft.warnings
        )
    }

    // MARK: Trigger

    private mutating func trigger() -> YAMLDraft? {
        guard let trigger = node["trigger"], let type = trigger["type"]?.text else {
            draft.warn(node, "nothing is said of what starts the workflow", "it is started by hand")
            return nil
        }
        switch type {
        case "database_record_create": return recordTrigger(trigger, on: "created")
        case "database_record_update": return recordTrigger(trigger, on: "updated")
        case "database_record_delete": return recordTrigger(trigger, on: "trashed")
        case "api_webhook", "webhook":
            var members: [(key: String, value: YAMLDraft)] = [
                ("webhook", .text(trigger["source"]?.text ?? "unnamed"))
            ]
            if let event = trigger["event"]?.text { members.append(("event", .text(event))) }
            let secrets = secrets()
            if !secrets.isEmpty { members.append(("secrets", .list(secrets.map { .text($0) }))) }
            draft.warn(
                trigger,
                "the webhook's verification is not stated",
                "declare the source under 'webhooks' in the configuration"
            )
            return .map(members)
        case "task_completion":
            var members: [(key: String, value: YAMLDraft)] = [("task", .text("completed"))]
            if let node = trigger["condition"] { members += taskCondition(node) }
            return .map(members)
        case "cross_entity_request":
            if let rule = trigger["validation"] {
                draft.warn(
                    rule,
                    "the validation '\(rule.shown)' has no counterpart",
                    "name the entities that may ask under 'from'"
                )
            }
            return .map([("request", .text("cross_entity_request"))])
        case "manual": return .text("manual")
        default:
            draft.warn(
                trigger,
                "the trigger '\(type)' has no counterpart",
                "the workflow is started by hand until you give it one"
            )
            return .text("manual")
        }
    }

    private mutating func recordTrigger(_ trigger: Node, on change: String) -> YAMLDraft {
        let name = trigger["database"]?.text ?? ""
        guard let database = world.databases.database(name) else {
            draft.warn(trigger, "there is no database '\(name)'", "the workflow is started by hand")
            return .text("manual")
        }
        isStartedByRecords = true
        var members: [(key: String, value: YAMLDraft)] = [
            ("record", .text(database.key)), ("on", .list([.text(change)])),
        ]
        if let node = trigger["condition"] {
            var reader = ConditionReader(world: world, database: database, root: "record")
            let condition = reader.read(node.text ?? "")
            draft.warnings += reader.doubts.map { Problem(at: node.place, $0) }
            members.append(("if", .text(condition ?? "false")))
            if condition == nil {
                draft.warn(
                    node,
                    "the condition '\(node.shown)' cannot be read",
                    "it is false until you write it as an expression over 'record'"
                )
            }
        }
        return .map(members)
    }

    private mutating func taskCondition(_ node: Node) -> [(key: String, value: YAMLDraft)] {
        var reader = ConditionReader(world: world, database: nil, root: "task")
        guard let condition = reader.read(node.text ?? "") else {
            draft.warn(
                node,
                "the condition '\(node.shown)' cannot be read",
                "it is false until you write it as an expression over 'task'"
            )
            return [("if", .text("false"))]
        }
        return [("if", .text(condition))]
    }

    /// Notes what a condition reads from the input: once anything is declared, all has to be.
    private mutating func noteInputs(of condition: String, _ node: Node) {
        var rest = condition[...]
        while let start = rest.firstRange(of: "input.") {
            rest = rest[start.upperBound...]
            let name = String(rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" })
            guard !name.isEmpty, conditionInputs[name] == nil else { continue }
            conditionInputs[name] = "what the condition '\(node.shown)' reads"
        }
    }

    /// Data that is to be encrypted and kept as a reference.
    private func secrets() -> [String] {
        (node["data_transformations"]?.elements ?? []).flatMap { $0.members ?? [] }
            .filter { $0.node.text == "encrypt_and_store_reference" }.map(\.key)
    }

    // MARK: Steps

    private mutating func step(_ node: Node) -> YAMLDraft {
        let title = node["step"]?.text ?? node["name"]?.text ?? "step"
        let name = draft.unique(title)
        var members: [(key: String, value: YAMLDraft)] = [("name", .text(name))]
        var rest: [String] = []
        let call = call(node, name, &rest)
        if !rest.isEmpty {
            members.append(
                ("description", .text("In the older form: \(rest.joined(separator: "; "))"))
            )
        }
        if let condition = node["condition"] { members += stepCondition(condition) }
        members += call
        if let failure = node["failure"]?.text, failure != "proceed" {
            let reaction = reaction(failure, name, node)
            members.append(
                ("on_failure", .map([("steps", .list([reaction])), ("then", .text("continue"))]))
            )
        } else if let handler = errorHandler(name) {
            members.append(("on_failure", handler))
        }
        return .map(members)
    }

    private mutating func stepCondition(_ node: Node) -> [(key: String, value: YAMLDraft)] {
        var reader = ConditionReader(world: world, database: nil, root: "input")
        if isStartedByRecords, let name = self.node["trigger"]?["database"]?.text {
            reader.database = world.databases.database(name)
        }
        let condition = reader.read(node.text ?? "")
        draft.warnings += reader.doubts.map { Problem(at: node.place, $0) }
        guard let condition else {
            draft.warn(
                node,
                "the condition '\(node.shown)' cannot be read, so the step always runs",
                "write it as an expression under 'if'"
            )
            return []
        }
        noteInputs(of: condition, node)
        return [("if", .text(condition))]
    }

    /// Whether a text is one of those that an input takes, if it takes only some.
    private func isChoice(_ node: Node, of field: ActionField) -> Bool {
        guard !field.choices.isEmpty, let text = node.text else { return true }
        return field.choices.contains(text)
    }

    /// The action with its inputs, or a task for a person in its place.
    private mutating func call(
        _ node: Node,
        _ name: String,
        _ rest: inout [String]
    ) -> [(key: String, value: YAMLDraft)] {
        let action = node["action"]?.text ?? ""
        let others = (node.members ?? []).filter {
            !["step", "name", "action", "condition", "success", "failure"].contains($0.key)
        }
        let descriptor = world.actions[action]?.descriptor
        let inputs = descriptor?.inputs ?? []
        var with: [(key: String, value: YAMLDraft)] = []
        for member in others {
            if let field = inputs.first(where: { $0.name == member.key }),
                isChoice(member.node, of: field), let value = value(of: member, for: field)
            {
                with.append((member.key, value))
            } else {
                rest.append("\(member.key): \(member.node.shown)")
            }
        }
        let missing = inputs.filter { field in
            field.isRequired && !with.contains { $0.key == field.name }
        }
        guard descriptor != nil, missing.isEmpty || !isStartedByRecords else {
            draft.warn(
                node,
                descriptor == nil
                    ? "there is no action '\(action)', so a person gets a task"
                    : "'\(action)' needs more than the older form says "
                        + "(\(missing.map(\.name).joined(separator: ", "))), so a person gets a task",
                "call an action of `daybook actions list`"
            )
            let details = others.map { "\($0.key): \($0.node.shown)" }.joined(separator: "; ")
            rest = []
            let task = draft.task(
                name,
                title: "\(name): \(action)",
                description: details.isEmpty ? "Do what '\(action)' did." : details
            )
            guard case .map(let members) = task else { return [] }
            return Array(members.dropFirst())
        }
        for field in missing { with.append((field.name, addInput(field, of: action, name, node))) }
        if !rest.isEmpty {
            draft.warn(node, "'\(action)' has no input for \(rest.joined(separator: "; "))")
        }
        return with.isEmpty
            ? [("action", .text(action))] : [("action", .text(action)), ("with", .map(with))]
    }

    private func value(of member: Node.Member, for field: ActionField) -> YAMLDraft? {
        if member.key == "database" {
            return member.node.text.flatMap { world.databases.database($0) }.map { .text($0.key) }
        }
        let value = member.node.value
        switch field.kind {
        case .any: return YAMLDraft(value)
        case .string: return value.stringValue == nil ? nil : YAMLDraft(value)
        case .integer, .number: return value.doubleValue == nil ? nil : YAMLDraft(value)
        case .boolean: return value.boolValue == nil ? nil : YAMLDraft(value)
        case .list: return value.listValue == nil ? nil : YAMLDraft(value)
        case .map: return value.mapValue == nil ? nil : YAMLDraft(value)
        case .timestamp, .duration: return nil
        }
    }

    /// Lets the workflow be given what an action needs and the older form does not say.
    private mutating func addInput(
        _ field: ActionField,
        of action: String,
        _ step: String,
        _ node: Node
    ) -> YAMLDraft {
        let name = "\(step)_\(field.name)"
        let about = "\(field.name) of \(action): \(field.summary)"
        draft.inputs.append((name, field.kind.rawValue, about))
        draft.warn(
            node,
            "'\(action)' needs '\(field.name)', which the older form does not give",
            "it is taken from the input '\(name)' now"
        )
        return .text("{{ input.\(name) }}")
    }

    // MARK: Errors and the rest

    private mutating func reaction(_ action: String, _ step: String, _ node: Node) -> YAMLDraft {
        let name = draft.unique("\(step)_\(action)")
        draft.warn(node, "the reaction '\(action)' became a task for a person")
        return draft.task(
            name,
            title: "\(step): \(action)",
            description: "The step failed: {{ error.code }}: {{ error.message }}"
        )
    }

    private mutating func errorHandler(_ step: String) -> YAMLDraft? {
        let pairs = (node["error_handling"]?.elements ?? []).flatMap { $0.members ?? [] }
        guard !pairs.isEmpty else { return nil }
        let reactions = pairs.map { "\($0.key): \($0.node.shown)" }.joined(separator: "; ")
        let task = draft.task(
            draft.unique("\(step)_trouble"),
            title: "Trouble in \(step): {{ error.code }}",
            description: "{{ error.message }} What to do: \(reactions)"
        )
        return .map([
            ("on", .list(pairs.map { .text($0.key) })), ("steps", .list([task])),
            ("then", .text("fail")),
        ])
    }

    /// Warns about everything that stands beside the steps.
    private mutating func noteRest() {
        if let errors = node["error_handling"] {
            draft.warn(
                errors,
                "which step can meet which error is not stated",
                "each step hands all of them to a person; leave to each what it can meet"
            )
        }
        let isKept = Set(secrets())
        let remedies = [
            "data_transformations": "transform with `set` before the step that needs it",
            "quality_gates": "let a person or a condition open the gate before the next step",
            "analytics_tracking": "record it with an action of your analytics",
            "scalability_features": "the engine's configuration is where this belongs",
        ]
        for (key, remedy) in remedies.sorted(by: { $0.key < $1.key }) {
            for member in (node[key]?.elements ?? []).flatMap({ $0.members ?? [] })
            where !(key == "data_transformations" && isKept.contains(member.key)) {
                draft.warn(
                    member.node,
                    "'\(member.key): \(member.node.shown)' of \(key) is left out",
                    remedy
                )
            }
        }
        draft.warn(node, "the business entity is not stated", "add 'entity:'")
        for member in node.members ?? [] where !Self.known.contains(member.key) {
            draft.warn(member.node, "the key '\(member.key)' has no counterpart and is left out")
        }
    }
}
