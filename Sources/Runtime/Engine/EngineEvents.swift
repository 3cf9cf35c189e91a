public import EventModel

/// The types of events that the runtime itself appends, for comparison with the catalogue.
public enum RuntimeEvents {
    public static let eventTypes = [
        EventTypeDeclaration(type: WorkflowRegistry.deployedType, category: "workflow"),
        EventTypeDeclaration(type: WebhookEvents.receivedType, category: "webhook"),
        EventTypeDeclaration(type: WebhookEvents.refusedType, category: "webhook"),
        EventTypeDeclaration(type: RequestEvents.receivedType, category: "request"),
        EventTypeDeclaration(type: EngineEvents.startedType, category: "engine"),
        EventTypeDeclaration(type: EngineEvents.stoppedType, category: "engine"),
        EventTypeDeclaration(type: SubjectEvents.erased, category: "subject"),
        EventTypeDeclaration(type: SubjectEvents.holdPlaced, category: "subject"),
        EventTypeDeclaration(type: SubjectEvents.holdReleased, category: "subject"),
        EventTypeDeclaration(type: SubjectEvents.keyStoreMade, category: "keys"),
        EventTypeDeclaration(type: SubjectEvents.keyStoreRewrapped, category: "keys"),
    ]

    /// Those about agents and the work that they do.
    public static let agentEventTypes = AgentEvent.declarations

    /// Those about the circuit breakers of integrations.
    public static let circuitEventTypes = Circuit.declarations
}

/// The events of the stream `engine/main`.
enum EngineEvents {
    static let startedType = "EngineStarted"
    static let stoppedType = "EngineStopped"
    static let stream = StreamName(category: "engine", "main")
}
