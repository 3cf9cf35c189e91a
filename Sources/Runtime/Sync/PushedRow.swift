import EventModel

/// What a sink last put into a row of the record source: how our own writes are recognised when they
/// come back as changes.
struct PushedRow: Sendable {
    var fields: ValueMap
    /// The head of the log when the push returned.
    var position: Position
    var pushedAt: Timestamp

    static func key(database: String, remoteID: String) -> [UInt8] {
        RecordRow.key(database: database, sourceID: remoteID)
    }

    var value: Value {
        .map([
            "fields": .map(fields),
            "position": .uint(position.value),
            "pushed_at": .timestamp(pushedAt),
        ])
    }

    init(fields: ValueMap, position: Position, pushedAt: Timestamp) {
        self.fields = fields
        self.position = position
        self.pushedAt = pushedAt
    }

    init?(_ value: Value) {
        guard let fields = value["fields"]?.mapValue,
            let position = value["position"]?.intValue,
            let pushedAt = value["pushed_at"]?.timestampValue
        else { return nil }
        self.init(
            fields: fields,
            position: Position(UInt64(position)),
            pushedAt: pushedAt
        )
    }
}
