import Documents
import EventLog
public import EventModel
import WorkflowEngine

/// A request of one business entity to others.
public struct EntityRequest: Sendable {
    /// The name that workflows wait for under `request`.
    public var name: String
    /// The entity that asks, such as `am_consulting`.
    public var from: String?
    /// The entities that are asked.
    public var entities: [String]
    public var payload: Value
    public var actor: String
    /// The same key takes a request in once; nil takes each in.
    public var idempotencyKey: String?

    public init(
        name: String,
        from: String?,
        entities: [String],
        payload: Value,
        actor: String,
        idempotencyKey: String? = nil
    ) {
        self.name = name
        self.from = from
        self.entities = entities
        self.payload = payload
        self.actor = actor
        self.idempotencyKey = idempotencyKey
    }
}

extension Engine {
    /// Takes a request between entities in; the workflows that wait for it start from the log.
    ///
    /// - Returns: the id of the request's event and its position.
    /// - Throws: ``CommandError/unknownWorkflow(_:remedy:)`` if no active workflow takes requests of
    ///   this name; why the log did not take it.
    public func receive(
        _ request: EntityRequest
    ) async throws -> (event: EventID, position: Position) {
        try await onOwnThreads {
            let registry = try registry.current()
            let names = registry.names.flatMap { name in
                (try? registry.active(name)?.definition.get())?.requestTriggers.map(\.name) ?? []
            }
            guard names.contains(request.name) else {
                throw CommandError.unknownRequest(
                    request.name,
                    remedy: Suggestion.remedy(for: request.name, among: names)
                )
            }
            let id =
                request.idempotencyKey.map {
                    DerivedIdentity.request(name: request.name, key: $0)
                } ?? RandomIdentity.next(at: context.time.now)
            var data: ValueMap = [
                "request": .string(request.name),
                "entities": .list(request.entities.map(Value.string)),
                "payload": request.payload,
            ]
            if let from = request.from { data["from"] = .string(from) }
            let event = ProposedEvent(
                id: id,
                type: RequestEvents.receivedType,
                entity: request.from,
                actor: request.actor,
                data: .map(data)
            )
            let result = try await context.store.append([
                StreamWrite(
                    stream: RequestEvents.stream(request.name),
                    expected: .any,
                    events: [event]
                )
            ])
            return (id, result.lastPosition)
        }
    }
}
