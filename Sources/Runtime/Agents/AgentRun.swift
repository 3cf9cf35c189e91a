import EventModel
import WorkflowEngine

/// An action whose call is handed over to somebody who reports its result later by himself.
///
/// It holds none of the dispatcher's places while it waits.
protocol HandedOverAction: ActionHandler {
    /// Takes the call over; called again for the same attempt after every start of the engine.
    ///
    /// - Throws: ``ActionFailure`` if the attempt has failed at once.
    func take(_ request: ActionRequest) async throws(ActionFailure)
}

/// `agent.run`: work for an agent outside the engine.
struct AgentRun: HandedOverAction {
    let desk: AgentDesk

    var descriptor: ActionDescriptor { AgentRun.description }

    static let description = ActionDescriptor(
        name: "agent.run",
        aliases: ["deploy_entity_agents", "agent.work"],
        summary: "Lets an agent outside the engine do the step.",
        discussion: """
            An agent is a program that registered over HTTP with its capabilities (docs/agents.md). \
            The step waits until one that has the capability and works for the entity asks for work; \
            of several the healthy and least loaded gets it. If the agent vanishes or is slower than \
            finish_within, another one gets the step, up to `assignments` of them; a late result is \
            refused. The output is what the agent gives back.
            """,
        inputs: [
            ActionField("capability", .string, required: true, "what the agent must be able to do"),
            ActionField("input", .map, "what it is given"),
            ActionField("entity", .string, "whom it must work for; the step's own if not given"),
            ActionField(
                "start_within",
                .duration,
                "how long to wait for an agent; then no_agent, which is tried again"
            ),
            ActionField(
                "finish_within",
                .duration,
                "how long one agent may take before another gets the step"
            ),
            ActionField(
                "assignments",
                .integer,
                "how many agents may try it, one after the other: 1 to 20, 3 if not given"
            ),
        ],
        outputs: [],
        effect: .atLeastOnce
    )

    func take(_ request: ActionRequest) async throws(ActionFailure) {
        try await desk.take(request)
    }

    func perform(
        _ request: ActionRequest,
        services: any ActionServices
    ) async throws(ActionFailure) -> Value {
        throw ActionFailure(
            code: "unavailable",
            message: "agent.run is handed over, not called; this is a mistake in the engine",
            isRetryable: true
        )
    }
}
