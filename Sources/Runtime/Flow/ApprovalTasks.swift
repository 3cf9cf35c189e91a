import EventLog
import EventModel
import Logging
import WorkflowEngine

/// Makes a task for people of every approval that a workflow asks for, so that it shows where they
/// work.
struct ApprovalTasks: Sendable {
    static let follower = "approvals"
    static let types: Set<String> = ["ApprovalRequested"]

    let context: EngineContext
    let processor: InstanceProcessor

    func apply(_ batch: EventSubscription.Batch) async throws {
        for event in batch.events {
            guard let instance = InstanceStream.instance(of: event.stream),
                case .approvalRequested(let request)? = try? InstanceEvent(
                    type: event.type,
                    data: event.data
                )
            else { continue }
            try await make(request, of: instance, because: event)
        }
    }

    private func make(
        _ request: InstanceEvent.ApprovalRequested,
        of instance: EventID,
        because event: Event
    ) async throws {
        let task = Identifier.derived(from: event.id, "task")
        let workflow: String
        do throws(CommandError) {
            workflow = try processor.load(instance).state.workflow
        } catch {
            guard error.isOfInstance else { throw error }
            return context.logger.error(
                "an approval got no task",
                metadata: ["instance": "\(instance)", "error": "\(error)"]
            )
        }
        var data: ValueMap = [
            "task_id": .string(task.text), "reference": .string(ApprovalTasks.reference(task.text)),
            "title": .string(request.title),
            "description": .string(description(request, instance)), "priority": "High",
            "status": "To Do", "source": "Workflow", "database": "master_tasks",
            "workflow": .string(workflow), "instance": .string(instance.text),
            "step": .string(request.step), "created_by": .string("workflow:\(workflow)"),
            "kind": "approval",
        ]
        if let deadline = request.deadline { data["due"] = .timestamp(deadline) }
        if let who = request.who.first { data["assignee"] = .string(who) }
        let created = ProposedEvent(
            id: Identifier.derived(from: task, "created"),
            type: "TaskCreated",
            entity: event.entity,
            actor: context.configuration.actor,
            correlation: event.correlation,
            causation: event.id,
            data: .map(data)
        )
        do throws(EventLogError) {
            _ = try await context.store.append([
                StreamWrite(
                    stream: StreamName(category: "task", task.text),
                    expected: .none,
                    events: [created]
                )
            ])
        } catch {
            // The task was made before a stop.
            guard error.code == .wrongExpectedRevision else { throw error }
        }
    }

    /// The readable number that the projection of tasks gives the task, too.
    private static func reference(_ task: String) -> String {
        "TASK-" + ShortCode.of(task)
    }

    private func description(
        _ request: InstanceEvent.ApprovalRequested,
        _ instance: EventID
    ) -> String {
        let how =
            "Answer with: daybook instance approve \(instance.text) --step '\(request.step)', "
            + "or instance reject."
        let asked = request.who.isEmpty ? "" : "For: \(request.who.joined(separator: ", ")). "
        return request.text.isEmpty ? asked + how : "\(request.text)\n\n\(asked)\(how)"
    }
}
