import EventModel
import WorkflowEngine

/// Makes the events that actions append.
enum ActionEvents {
    static func proposed(
        _ type: String,
        id: EventID,
        data: Value,
        request: ActionRequest
    ) -> ProposedEvent {
        ProposedEvent(
            id: id,
            type: type,
            entity: request.entity,
            actor: "system",
            correlation: request.correlation,
            causation: request.causation,
            data: data,
            metadata: [
                "idempotency_key": .string(request.idempotencyKey),
                "instance": .string(request.instance.text),
                "step": .string(request.step),
            ]
        )
    }
}
