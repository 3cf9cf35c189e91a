import Documents
import EventModel
import Records
import WorkflowEngine

/// The shape with `trigger`, and `steps` of `action_type` and `config`.
///
/// A step keeps its number as its name, `step_1`, since others speak of it so. What has no
/// counterpart
/// becomes a task for a person, never a guess.
struct ActionsImport {
    let node: Node
    let world: ImportWorld
    var draft = ImportDraft()
    /// The database whose records start the workflow.
    var startingDatabase: DatabaseSchema?
    /// What the steps so far give, by the names that placeholders use.
    var outputs: [String: StepOutput] = [:]
    /// How many conditions and loops are around the step.
    var depth = 0

    /// What placeholders can ask of a step.
    enum StepOutput {
        /// A record of a database, under `record`.
        case record(DatabaseSchema)
        /// Whatever the action gives; what that is called, if it is known.
        case plain([String])
        /// Nothing: a person does it.
        case nothing
    }

    init(_ node: Node, world: ImportWorld) {
        self.node = node
        self.world = world
    }

    mutating func convert() -> ImportedWorkflow {
        let title = node["name"]?.text ?? "unnamed"
        let name = WorkflowNames.name(title)
        var members: [(key: String, value: YAMLDraft)] = [
            ("workflow", .text(name)), ("title", .text(title)),
        ]
        if let text = node["description"]?.text { members.append(("description", .text(text))) }
        if let active = node["is_active"], active.scalar == .bool(false) {
            draft.warn(active, "the workflow was switched off", "deploy it only if it may start")
        }
        if let trigger = trigger() { members.append(("triggers", .list([trigger]))) }
        var steps: [YAMLDraft] = []
        for (index, step) in (node["steps"]?.elements ?? []).enumerated() {
            let number = step["step_number"]?.scalar?.intValue.map(Int.init) ?? index + 1
            steps += convert(step, name: "step_\(number)")
        }
        members.append(("steps", .list(steps)))
        draft.warn(node, "the business entity is not stated", "add 'entity:'")
        return ImportedWorkflow(
            name: name,
            text: draft.text(members, file: node.place.file),
            warnings: draft.warnings
        )
    }

    // MARK: Trigger

    private mutating func trigger() -> YAMLDraft? {
        let trigger = node["trigger"] ?? node
        let type = trigger["type"]?.text ?? node["trigger_type"]?.text ?? "manual"
        let config = trigger["config"] ?? node["trigger_config"] ?? trigger
        switch type {
        case "schedule": return schedule(config)
        case "webhook":
            let source = config["source"]?.text ?? config["path"]?.text ?? "unnamed"
            draft.warn(
                config,
                "no way to verify the webhook is named",
                "declare the source under 'webhooks' in the configuration"
            )
            return .map([("webhook", .text(WorkflowNames.name(source)))])
        case "event": return event(config)
        case "manual": return .text("manual")
        default:
            draft.warn(trigger, "there is no trigger '\(type)'", "the workflow is started by hand")
            return .text("manual")
        }
    }

    private mutating func schedule(_ config: Node) -> YAMLDraft {
        var members: [(key: String, value: YAMLDraft)] = [
            ("schedule", .text(config["cron_expression"]?.text ?? "0 0 * * *"))
        ]
        if let zone = config["timezone"]?.text { members.append(("time_zone", .text(zone))) }
        if config["cron_expression"] == nil {
            draft.warn(config, "the schedule has no 'cron_expression'", "midnight is taken")
        }
        draft.warn(
            config,
            "what becomes of ticks that were missed or overlap is not stated",
            "the defaults hold: the last missed one runs, an overlapping one is skipped"
        )
        return .map(members)
    }

    /// `notion.<database>.<what>` is a change of a record; everything else comes in as a webhook.
    private mutating func event(_ config: Node) -> YAMLDraft {
        let type = config["event_type"]?.text ?? ""
        let parts = type.split(separator: ".").map(String.init)
        if parts.count == 3, parts[0] == "notion", let database = world.database(of: parts[1]) {
            startingDatabase = database
            return recordEvent(parts[2], database, config)
        }
        var members: [(key: String, value: YAMLDraft)] = [
            ("webhook", .text(WorkflowNames.name(parts.first ?? "event"))),
            ("event", .text(parts.dropFirst().joined(separator: "."))),
        ]
        draft.warn(
            config,
            "nothing here makes the event '\(type)'; it is awaited as a webhook",
            "declare the source under 'webhooks' in the configuration, or name an event of the log"
        )
        let (condition, problem) = conditions(config["conditions"], root: "payload")
        if let problem { draft.warn(config, problem, "the condition is false until you write it") }
        if let condition { members.append(("if", .text(problem == nil ? condition : "false"))) }
        return .map(members)
    }

    private mutating func recordEvent(
        _ what: String,
        _ database: DatabaseSchema,
        _ config: Node
    ) -> YAMLDraft {
        let change = ["created": "created", "deleted": "trashed"][what] ?? "updated"
        var parts: [String] = []
        if what.hasSuffix("_changed"),
            let field = world.field(String(what.dropLast("_changed".count)), of: database)
        {
            parts.append("changed(record, '\(field.key)')")
        } else if !["created", "updated", "deleted"].contains(what) {
            draft.warn(config, "'\(what)' is taken for any change of a record")
        }
        let (condition, problem) = conditions(config["conditions"], root: "record")
        if let problem { draft.warn(config, problem, "the condition is false until you write it") }
        if let condition { parts.append(problem == nil ? condition : "false") }
        var members: [(key: String, value: YAMLDraft)] = [
            ("record", .text(database.key)), ("on", .list([.text(change)])),
        ]
        if !parts.isEmpty { members.append(("if", .text(parts.joined(separator: " && ")))) }
        return .map(members)
    }

    // MARK: Steps

    /// One step as one or more of ours.
    mutating func convert(_ step: Node, name: String) -> [YAMLDraft] {
        let type = step["action_type"]?.text ?? ""
        let config = step["config"] ?? step["action_config"] ?? step
        let unique = draft.unique(name)
        var bodies: [[(key: String, value: YAMLDraft)]]
        switch type {
        case "control.wait": bodies = [wait(config)]
        case "control.condition": bodies = choice(config, unique) ?? [task(step, unique)]
        default: bodies = calls(type, config, unique) ?? [task(step, unique)]
        }
        let isAction = bodies.contains { $0.contains { $0.key == "action" } }
        let isTask = bodies.contains { $0.contains { $0.value.value == "task.create" } }
        if isTask {
            outputs[name] = .nothing
        } else if outputs[name] == nil {
            let action = bodies.compactMap { body in
                body.first { $0.key == "action" }?.value.value.stringValue
            }.first
            let known = action.flatMap { world.actions[$0]?.descriptor.outputs.map(\.name) }
            outputs[name] = .plain(known ?? [])
        }
        for index in bodies.indices {
            if isAction, !isTask { bodies[index] += patience(step) }
        }
        let head = head(step)
        return bodies.enumerated().map { index, body in
            let own = index == 0 ? unique : draft.unique("\(unique)_\(index + 1)")
            return .map([("name", .text(own))] + head + body)
        }
    }

    private mutating func head(_ step: Node) -> [(key: String, value: YAMLDraft)] {
        guard let node = step["condition"], node.scalar != .null else { return [] }
        let (condition, problem) = conditions(node, root: "input")
        if let problem {
            draft.warn(node, problem, "the step is left out until you write its 'if'")
            return [("if", .text("false"))]
        }
        return condition.map { [("if", .text($0))] } ?? []
    }

    /// Retries and the time that a step may take, with the older engine's defaults.
    private func patience(_ step: Node) -> [(key: String, value: YAMLDraft)] {
        let config = step["retry_config"]
        let retries = config?["max_retries"]?.scalar?.intValue ?? 3
        let delay = config?["retry_delay"]?.scalar?.intValue ?? 1_000
        let factor = config?["backoff_multiplier"]?.scalar ?? 2
        var members: [(key: String, value: YAMLDraft)] = [
            (
                "retry",
                .map([
                    ("attempts", .scalar(.int(min(100, max(0, retries) + 1)))),
                    ("delay", .text(DurationText.short(.milliseconds(max(0, delay))))),
                    ("backoff", .scalar(factor)),
                ])
            )
        ]
        if let seconds = step["timeout_seconds"]?.scalar?.intValue, seconds > 0 {
            members.append(("timeout", .text("\(seconds)s")))
        }
        return members
    }

    private func wait(_ config: Node) -> [(key: String, value: YAMLDraft)] {
        let seconds = config["duration_seconds"]?.scalar?.doubleValue ?? 0
        let length = Duration.milliseconds(max(1, Int64(seconds * 1_000)))
        return [("wait", .map([("for", .text(DurationText.short(length)))]))]
    }

    private mutating func choice(
        _ config: Node,
        _ name: String
    ) -> [[(key: String, value: YAMLDraft)]]? {
        let (condition, problem) = conditions(config["conditions"], root: "input")
        guard problem == nil, let condition, depth < 8 else {
            draft.warn(config, problem ?? "the condition is empty")
            return nil
        }
        depth += 1
        defer { depth -= 1 }
        var members: [(key: String, value: YAMLDraft)] = [("if", .text(condition))]
        for (old, new) in [("then_actions", "then"), ("else_actions", "else")] {
            let actions = config[old]?.elements ?? []
            var steps: [YAMLDraft] = []
            for (index, action) in actions.enumerated() {
                steps += convert(action, name: "\(name)_\(new)_\(index + 1)")
            }
            if !steps.isEmpty || new == "then" {
                let none = YAMLDraft.map([
                    ("name", .text(draft.unique("\(name)_nothing"))),
                    ("set", .map([("nothing", .scalar(true))])),
                ])
                members.append((new, .list(steps.isEmpty ? [none] : steps)))
            }
        }
        return [members]
    }

    /// A task for a person that says what the older step would have done.
    private mutating func task(_ step: Node, _ name: String) -> [(key: String, value: YAMLDraft)] {
        let type = step["action_type"]?.text ?? ""
        let config = step["config"] ?? step["action_config"] ?? step
        draft.warn(step, "'\(type)' became a task for a person", "call an action that does it")
        let shown = interpolated(config).draft.value
        let text = (try? JSON.text(shown)) ?? ""
        guard
            case .map(let members) = draft.task(
                name,
                title: "\(name): \(type)",
                description: "Do what '\(type)' did with \(text)"
            )
        else { return [] }
        return Array(members.dropFirst())
    }
}
