/// Events in the form of CloudEvents 1.0 (structured mode, JSON format).
public enum CloudEvent {
    /// The members of an event as CloudEvents names them.
    ///
    /// `source` is the category's path, `subject` the stream, `time` when it occurred (the metadata's
    /// `occurred_at`, else when it was recorded). The extensions are `sequence` (the position, 20
    /// digits so that texts sort as numbers do), `revision`, `schemaversion`, `actor`, `entity`,
    /// `correlationid`, `causationid` and the distributed tracing extension's `traceparent`. Numbers
    /// beyond 32 bits are texts, since a CloudEvents integer has no more.
    public static func value(of event: Event) -> Value {
        let position = String(event.position.value)
        let zeros = String(repeating: "0", count: max(0, 20 - position.utf8.count))
        var members: ValueMap = [
            "specversion": "1.0",
            "id": .string(event.id.text),
            "source": .string("/daybook/\(event.stream.category)"),
            "type": .string("daybook.\(event.type)"),
            "subject": .string(event.stream.text),
            "time": .timestamp(event.metadata["occurred_at"]?.timestampValue ?? event.recordedAt),
            "datacontenttype": "application/json",
            "sequence": .string(zeros + position),
            "revision": .string(String(event.revision)),
            "schemaversion": .string(String(event.schema)),
            "actor": .string(event.actor),
            "correlationid": .string(event.correlation.text),
            "data": event.data,
        ]
        members["entity"] = event.entity.map(Value.string)
        members["causationid"] = event.causation.map { .string($0.text) }
        if case .string(let traceparent)? = event.metadata["traceparent"] {
            members["traceparent"] = .string(traceparent)
        }
        return .map(members)
    }
}

extension Event {
    /// All of the event as one value, its members named as everywhere in Daybook's JSON.
    public var value: Value {
        .map([
            "position": .uint(position.value).asInt,
            "id": .string(id.text),
            "stream": .string(stream.text),
            "revision": .uint(revision).asInt,
            "type": .string(type),
            "schema": .int(Int64(schema)),
            "recorded_at": .timestamp(recordedAt),
            "entity": entity.map(Value.string) ?? .null,
            "actor": .string(actor),
            "correlation": .string(correlation.text),
            "causation": causation.map { .string($0.text) } ?? .null,
            "data": data,
            "metadata": .map(metadata),
        ])
    }
}

extension Value {
    /// A uint as an int where it fits, as JSON and CBOR readers would give it.
    fileprivate var asInt: Value { intValue.map(Value.int) ?? self }
}
