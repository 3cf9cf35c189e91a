import EventModel

/// The variable `event` of a projection's expressions.
struct EventVariables: Sendable, Hashable {
    /// The members that an event has.
    static let members = [
        "type", "id", "position", "stream", "category", "key", "revision", "recorded_at", "entity",
        "actor", "correlation", "causation", "data",
    ]

    /// The members that are asked for; making all of them for each event would cost more than the
    /// expressions do.
    private let wanted: [String]

    /// - Parameter references: free names with the paths behind them, as expressions give them.
    init(references: [[String]]) {
        let asked = references.filter { $0.first == "event" }
        let asksForAll = asked.contains { $0.count == 1 }
        let names = Set(asked.compactMap { $0.dropFirst().first })
        wanted = asksForAll ? EventVariables.members : EventVariables.members.filter(names.contains)
    }

    func value(of event: Event) -> Value {
        .map(ValueMap(wanted.map { ($0, EventVariables.member($0, of: event)) }))
    }

    private static func member(_ name: String, of event: Event) -> Value {
        switch name {
        case "type": .string(event.type)
        case "id": .string(event.id.text)
        case "position": .int(Int64(clamping: event.position.value))
        case "stream": .string(event.stream.text)
        case "category": .string(event.stream.category)
        case "key": .string(event.stream.identifier)
        case "revision": .int(Int64(clamping: event.revision))
        case "recorded_at": .timestamp(event.recordedAt)
        case "entity": event.entity.map(Value.string) ?? .null
        case "actor": .string(event.actor)
        case "correlation": .string(event.correlation.text)
        case "causation": event.causation.map { .string($0.text) } ?? .null
        case "data": event.data
        default: .null
        }
    }
}
