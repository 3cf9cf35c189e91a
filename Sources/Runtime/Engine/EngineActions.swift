import EventModel
public import WorkflowEngine

/// The actions that an engine brings along, because they need the engine itself.
public enum EngineActions {
    /// Their descriptions, for commands that check or list; they cannot be called.
    public static let describing: [any ActionHandler] = [
        AgentRun.description, WorkflowStart.description,
    ].map { DescribedAction(descriptor: $0) }
}

/// An action that is only described.
private struct DescribedAction: ActionHandler {
    let descriptor: ActionDescriptor

    func perform(
        _ request: ActionRequest,
        services: any ActionServices
    ) async throws(ActionFailure) -> Value {
        throw ActionFailure(
            code: "unavailable",
            message: "\(descriptor.name) can only be called by a running engine",
            isRetryable: false
        )
    }
}
