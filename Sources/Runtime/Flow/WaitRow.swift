import EventModel
import WorkflowEngine

/// A step that waits for something outside, as the views hold it: what comes finds all who wait for
/// its kind by one prefix.
struct WaitRow: Sendable, Hashable {
    var instance: EventID
    var step: String
    var event: AwaitedEvent
    /// What stands at or before this position in the log is not waited for.
    var position: Position

    var key: [UInt8] {
        WaitRow.prefix(event.kind, event.name) + instance.bytes
            + Digest.sha256(step.utf8).bytes.prefix(16)
    }

    static func prefix(_ kind: AwaitedEvent.Kind, _ name: String) -> [UInt8] {
        Array(Digest.sha256("\(kind.rawValue)/\(name)".utf8).bytes.prefix(16))
    }

    var value: Value {
        [
            "instance": .bytes(instance.bytes), "step": .string(step),
            "kind": .string(event.kind.rawValue), "name": .string(event.name),
            "words": .list(event.words.map(Value.string)), "match": .map(event.match),
            "position": .uint(position.value),
        ]
    }

    init(instance: EventID, step: String, event: AwaitedEvent, position: Position) {
        self.instance = instance
        self.step = step
        self.event = event
        self.position = position
    }

    init?(_ value: Value) {
        guard let instance = value["instance"]?.bytesValue.flatMap({ Identifier(bytes: $0) }),
            let step = value["step"]?.stringValue,
            let kind = value["kind"]?.stringValue.flatMap(AwaitedEvent.Kind.init(rawValue:)),
            let name = value["name"]?.stringValue,
            let position = value["position"]?.intValue
        else { return nil }
        self.init(
            instance: instance,
            step: step,
            event: AwaitedEvent(
                kind: kind,
                name: name,
                words: value["words"]?.listValue?.compactMap(\.stringValue) ?? [],
                match: value["match"]?.mapValue ?? ValueMap()
            ),
            position: Position(UInt64(position))
        )
    }
}
