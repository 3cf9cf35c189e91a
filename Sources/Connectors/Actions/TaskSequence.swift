public import EventModel
public import WorkflowEngine

/// `task.sequence`: several tasks at once, one after the other.
public struct TaskSequence: ActionHandler {
    static let tasksMax = 100

    private let create = TaskCreate()

    public init() {}

    public let descriptor = ActionDescriptor(
        name: "task.sequence",
        aliases: [
            "create_task_sequence", "create_project_structure", "generate_next_phase_tasks",
            "initiate_review_process",
        ],
        summary: "Creates several tasks with dates counted from a start.",
        discussion: """
            Each task is a map like the input of task.create with `title`; `after` (a duration such \
            as 2d, negative ones with a minus) counts its due date from `starts_at`. `assignees` are \
            given out by turns to tasks that name none. A task's number within the list is in its \
            description. At most 100 tasks; a repeat creates nothing.
            """,
        inputs: [
            ActionField("tasks", .list, required: true, "what is to be done, in order"),
            ActionField("starts_at", .timestamp, "where `after` counts from; now if not given"),
            ActionField("assignees", .any, "who does those that name nobody, by turns"),
            ActionField("tags", .any, "tags of all of them"),
        ],
        outputs: [
            ActionField("tasks", .list, required: true, "for each task_id, reference, title"),
            ActionField("count", .integer, required: true, "how many"),
        ],
        effect: .once
    )

    public func perform(
        _ request: ActionRequest,
        services: any ActionServices
    ) async throws(ActionFailure) -> Value {
        let input = ActionInput(request)
        let tasks = try input.optionalList("tasks") ?? []
        guard (1...Self.tasksMax).contains(tasks.count) else {
            throw ActionInput.invalid(
                "tasks",
                "has \(tasks.count) tasks",
                remedy: "give 1 to \(Self.tasksMax)"
            )
        }
        let start = try input.optionalTimestamp("starts_at") ?? services.now
        let assignees = try input.optionalTexts("assignees") ?? []
        let tags = try input.optionalTexts("tags")
        var singles: [ActionRequest] = []
        for (index, task) in tasks.enumerated() {
            let title = task.stringValue ?? task["title"]?.stringValue
            guard let title, !title.isEmpty else {
                throw ActionInput.invalid(
                    "tasks",
                    "has no title at \(index + 1)",
                    remedy: "give texts, or maps with title"
                )
            }
            var members = task.mapValue ?? ValueMap()
            members["title"] = .string(title)
            if let after = members["after"], !after.isNull {
                members["due"] = .timestamp(start + (try Self.length(after, index)))
            }
            members["after"] = .none
            if members["assignee"] == nil, !assignees.isEmpty {
                members["assignee"] = .string(assignees[index % assignees.count])
            }
            if members["tags"] == nil, let tags { members["tags"] = .list(tags.map(Value.string)) }
            var single = request
            // A task's id follows from its step, so each has one of its own.
            single.step = "\(request.step)#\(index + 1)"
            single.input = .map(members)
            singles.append(single)
        }
        var created: [Value] = []
        for single in singles {
            created.append(try await create.perform(single, services: services))
        }
        return ["tasks": .list(created), "count": .int(Int64(created.count))]
    }

    private static func length(_ value: Value, _ index: Int) throws(ActionFailure) -> Duration {
        if let length = value.durationValue { return length }
        if let text = value.stringValue {
            let isBefore = text.hasPrefix("-")
            if let length = try? DurationText.parse(isBefore ? String(text.dropFirst()) : text) {
                return isBefore ? .zero - length : length
            }
        }
        throw ActionInput.invalid(
            "tasks",
            "has no duration as 'after' at \(index + 1)",
            remedy: "write 2d or 4h"
        )
    }
}
