import EventModel
import WorkflowEngine

/// An instance's live state as the views hold it.
struct InstanceRow: Sendable {
    var state: InstanceState
    /// The digest of the state when it was kept.
    var digest: Digest
    /// How many events were folded.
    var count: UInt64
    var correlation: EventID?
    var entity: String?
    var firstPosition: Position
    var lastPosition: Position
    /// Why an event of the instance could not be folded; the state is then the one before it.
    var problem: String?

    var loaded: LoadedInstance {
        LoadedInstance(
            state: state,
            count: count,
            correlation: correlation,
            entity: entity,
            position: lastPosition
        )
    }

    var value: Value {
        .map([
            "state": state.value,
            "digest": .bytes(digest.bytes),
            "count": .uint(count),
            "correlation": correlation.map { .bytes($0.bytes) } ?? .null,
            "entity": entity.map(Value.string) ?? .null,
            "first_position": .uint(firstPosition.value),
            "last_position": .uint(lastPosition.value),
            "problem": problem.map(Value.string) ?? .null,
        ])
    }

    init(
        _ loaded: LoadedInstance,
        firstPosition: Position,
        problem: String?
    ) {
        state = loaded.state
        digest = loaded.state.digest
        count = loaded.count
        correlation = loaded.correlation
        entity = loaded.entity
        self.firstPosition = firstPosition
        lastPosition = loaded.position
        self.problem = problem
    }

    /// Reads the form back; nil if it is none.
    init?(_ value: Value) {
        guard let state = value["state"].flatMap({ try? InstanceState(value: $0) }),
            let digest = value["digest"]?.bytesValue.flatMap({ Digest(bytes: $0) }),
            let count = value["count"]?.intValue,
            let first = value["first_position"]?.intValue,
            let last = value["last_position"]?.intValue
        else { return nil }
        self.state = state
        self.digest = digest
        self.count = UInt64(count)
        firstPosition = Position(UInt64(first))
        lastPosition = Position(UInt64(last))
        correlation = value["correlation"]?.bytesValue.flatMap { Identifier(bytes: $0) }
        entity = value["entity"]?.stringValue
        problem = value["problem"]?.stringValue
    }
}
