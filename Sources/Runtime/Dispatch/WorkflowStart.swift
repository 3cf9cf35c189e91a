import Documents
import EventLog
import EventModel
import WorkflowEngine

/// `workflow.start`: another workflow, which runs on its own.
struct WorkflowStart: ActionHandler {
    let registry: SharedRegistry
    let processor: InstanceProcessor
    let actor: String

    var descriptor: ActionDescriptor { Self.description }

    static let description = ActionDescriptor(
        name: "workflow.start",
        aliases: ["start_workflow"],
        summary: "Starts another workflow and goes on.",
        discussion: """
            The new instance belongs to the same story (its correlation) and lives on its own: nobody \
            waits for it, and its end changes nothing here. Its id follows from the step, so a repeat \
            starts nothing.
            """,
        inputs: [
            ActionField("workflow", .string, required: true, "its name"),
            ActionField("input", .map, "what it begins with"),
        ],
        outputs: [
            ActionField("instance", .string, required: true, "the new instance"),
            ActionField("workflow", .string, required: true, "its workflow"),
        ],
        effect: .once
    )

    func perform(
        _ request: ActionRequest,
        services: any ActionServices
    ) async throws(ActionFailure) -> Value {
        let name = request.input["workflow"]?.stringValue ?? ""
        let input = request.input["input"] ?? .map(ValueMap())
        let definition = try definition(name)
        let problems = definition.inputProblems(input)
        guard problems.isEmpty else {
            throw ActionFailure(
                code: "invalid_input",
                message: "'\(name)' does not take this input: " + problems.joined(separator: "; "),
                isRetryable: false
            )
        }
        let instance = Identifier.derived(
            from: request.instance,
            "start/\(request.idempotencyKey)/\(name)"
        )
        let start = InstanceCommand.Start(
            workflow: name,
            definition: definition.hash,
            input: input,
            entity: definition.entity ?? request.entity,
            trigger: [
                "kind": "workflow", "instance": .string(request.instance.text),
                "workflow": .string(request.workflow), "step": .string(request.step),
            ]
        )
        do throws(CommandError) {
            try await processor.execute(
                .start(start),
                on: instance,
                origin: InstanceProcessor.Origin(
                    actor: actor,
                    causation: request.causation,
                    correlation: request.correlation
                )
            )
        } catch {
            let isThere = if case .rejected(let why) = error { why.code == .exists } else { false }
            guard isThere else {
                throw ActionFailure(
                    code: "unavailable",
                    message: "'\(name)' cannot be started: \(error)",
                    isRetryable: true
                )
            }
        }
        return ["instance": .string(instance.text), "workflow": .string(name)]
    }

    private func definition(_ name: String) throws(ActionFailure) -> WorkflowDefinition {
        let current: WorkflowRegistry
        do {
            current = try registry.current()
        } catch {
            throw ActionFailure(code: "unavailable", message: "\(error)", isRetryable: true)
        }
        guard let definition = try? current.active(name)?.definition.get() else {
            throw ActionFailure(
                code: "not_found",
                message: "there is no workflow '\(name)'; "
                    + Suggestion.remedy(for: name, among: current.names),
                isRetryable: false
            )
        }
        return definition
    }
}
