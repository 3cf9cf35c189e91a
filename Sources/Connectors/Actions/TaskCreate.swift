public import EventModel
public import WorkflowEngine

/// `task.create`: a task for a person.
///
/// The task is a fact of the log; the projection of the tasks brings it to Notion.
public struct TaskCreate: ActionHandler {
    public init() {}

    private static let type = "TaskCreated"
    private static let priorities = ["Low", "Medium", "High", "Urgent"]

    /// The type of event that it appends, for the check against `Schemas/events/`.
    public static let declarations = [EventTypeDeclaration(type: type, category: "task")]

    public let descriptor = ActionDescriptor(
        name: "task.create",
        aliases: ["create_task"],
        summary: "Creates a task for a person.",
        discussion: """
            The task is appended to the log, and the projection of the tasks shows it in the tasks \
            database. Its id follows from the step, so a repeat creates nothing.
            """,
        inputs: [
            ActionField("title", .string, required: true, "what is to be done, in a line"),
            ActionField("description", .string, "all that whoever does it must know"),
            ActionField("priority", .string, choices: priorities, "Medium if not given"),
            ActionField("due", .timestamp, "until when"),
            ActionField("kind", .string, "the task type, such as human_intervention_required"),
            ActionField("assignee", .string, "who should do it, such as a person's id"),
            ActionField("database", .string, "where it is shown; master_tasks if not given"),
            ActionField("contact", .string, "id of the contact that it is about"),
            ActionField("tags", .list, "tags of the task"),
        ],
        outputs: [
            ActionField("task_id", .string, required: true, "the task's id"),
            ActionField("reference", .string, required: true, "its readable number, TASK-…"),
            ActionField("title", .string, required: true, "its title"),
        ],
        effect: .once
    )

    public func perform(
        _ request: ActionRequest,
        services: any ActionServices
    ) async throws(ActionFailure) -> Value {
        let input = ActionInput(request)
        let title = try input.text("title")
        let id = Identifier.derived(from: request.instance, "\(request.step)/task")
        let reference = "TASK-" + RecordDefaults.code(id.text)
        var data: ValueMap = [
            "task_id": .string(id.text),
            "reference": .string(reference),
            "title": .string(title),
            "description": .string(try input.optionalText("description") ?? ""),
            "priority": .string(
                try input.choice("priority", of: TaskCreate.priorities) ?? "Medium"
            ),
            "status": "To Do",
            "source": "Workflow",
            "database": .string(try input.optionalText("database") ?? "master_tasks"),
            "workflow": .string(request.workflow),
            "instance": .string(request.instance.text),
            "step": .string(request.step),
            "created_by": .string("workflow:" + request.workflow),
        ]
        if let due = try input.optionalTimestamp("due") { data["due"] = .timestamp(due) }
        for key in ["kind", "assignee", "contact"] {
            if let text = try input.optionalText(key) { data[key] = .string(text) }
        }
        if let tags = try input.optionalTexts("tags") {
            data["tags"] = .list(tags.map { .string($0) })
        }
        let event = ActionEvents.proposed(
            TaskCreate.type,
            id: Identifier.derived(from: id, "created"),
            data: .map(data),
            request: request
        )
        let stream = StreamName(category: "task", id.text)
        // A task that exists is this step's own, from an earlier try.
        if try await services.read(stream).isEmpty {
            try await services.append([
                ActionWrite(stream: stream, expectedCount: 0, events: [event])
            ])
        }
        return [
            "task_id": .string(id.text), "reference": .string(reference), "title": .string(title),
        ]
    }
}
