import EventModel
import Records

/// What the log knows of a record, as the views hold it.
struct RecordRow: Sendable {
    var state: RecordState
    /// Where the last event stands that set a field.
    var fieldPositions: [String: Position]
    /// How many events were folded; the revision of the next one.
    var count: UInt64
    var position: Position

    static func key(database: String, sourceID: String) -> [UInt8] {
        prefix(database: database) + Array(sourceID.utf8.prefix(300))
    }

    static func prefix(database: String) -> [UInt8] { Array(database.utf8) + [0] }

    /// The row after one more event of the record's stream.
    static func evolve(_ row: RecordRow?, _ happened: RecordEvent, _ event: Event) -> RecordRow {
        var positions = row?.fieldPositions ?? [:]
        switch happened.kind {
        case .created(let fields):
            for key in fields.stringKeys { positions[key] = event.position }
        case .updated(let changes):
            for key in changes.keys { positions[key] = event.position }
        case .trashed, .restored:
            break
        }
        return RecordRow(
            state: RecordState.evolve(row?.state, happened),
            fieldPositions: positions,
            count: event.revision + 1,
            position: event.position
        )
    }

    var value: Value {
        .map([
            "fields": .map(state.fields),
            "is_trashed": .bool(state.isTrashed),
            "edited_at": .timestamp(state.editedAt),
            "positions": .map(ValueMap(fieldPositions.map { ($0.key, .uint($0.value.value)) })),
            "count": .uint(count),
            "position": .uint(position.value),
        ])
    }

    init(
        state: RecordState,
        fieldPositions: [String: Position],
        count: UInt64,
        position: Position
    ) {
        self.state = state
        self.fieldPositions = fieldPositions
        self.count = count
        self.position = position
    }

    /// Reads the form back; nil if it is none.
    init?(_ value: Value) {
        guard let fields = value["fields"]?.mapValue,
            let isTrashed = value["is_trashed"]?.boolValue,
            let editedAt = value["edited_at"]?.timestampValue,
            let positions = value["positions"]?.mapValue,
            let count = value["count"]?.intValue,
            let position = value["position"]?.intValue
        else { return nil }
        state = RecordState(fields: fields, isTrashed: isTrashed, editedAt: editedAt)
        fieldPositions = [:]
        for key in positions.stringKeys {
            guard let number = positions[key]?.intValue else { continue }
            fieldPositions[key] = Position(UInt64(number))
        }
        self.count = UInt64(count)
        self.position = Position(UInt64(position))
    }
}
