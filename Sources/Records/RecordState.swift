public import EventModel

/// What the log knows of one record: the fold of its stream.
public struct RecordState: Sendable, Hashable {
    public var fields: ValueMap
    public var isTrashed: Bool
    /// The latest edit that the source reported.
    public var editedAt: Timestamp

    public init(fields: ValueMap, isTrashed: Bool, editedAt: Timestamp) {
        self.fields = fields
        self.isTrashed = isTrashed
        self.editedAt = editedAt
    }

    /// The state after one more event; nil before the first.
    public static func evolve(_ state: RecordState?, _ event: RecordEvent) -> RecordState {
        var next =
            state
            ?? RecordState(fields: ValueMap(), isTrashed: false, editedAt: event.editedAt)
        next.editedAt = event.editedAt
        switch event.kind {
        case .created(let fields):
            next.fields = fields
            next.isTrashed = false
        case .updated(let changes):
            for (key, change) in changes {
                let after: Value? = change.after.isNull ? .none : change.after
                next.fields[key] = after
            }
        case .trashed:
            next.isTrashed = true
        case .restored:
            next.isTrashed = false
        }
        return next
    }

    /// What happened since: the events that lead from the known state to the one that the source has.
    ///
    /// Our own writes come back as no difference and give no event. A record first seen in the trash
    /// is created and trashed; one that was edited while in the trash is restored and then updated.
    ///
    /// - Parameters:
    ///   - state: what the log knows; nil if it never saw the record.
    ///   - record: what the source has.
    ///   - schema: the database of the record.
    public static func events(
        from state: RecordState?,
        to record: SourceRecord,
        in schema: DatabaseSchema
    ) -> [RecordEvent] {
        var kinds: [RecordEvent.Kind] = []
        if let state {
            if state.isTrashed, !record.isTrashed { kinds.append(.restored) }
            let changes = RecordDiff.changes(
                from: state.fields,
                to: record.fields,
                in: schema
            )
            if !changes.isEmpty { kinds.append(.updated(changes: changes)) }
            if !state.isTrashed, record.isTrashed { kinds.append(.trashed) }
        } else {
            kinds.append(.created(fields: recorded(record.fields, in: schema)))
            if record.isTrashed { kinds.append(.trashed) }
        }
        return kinds.map { kind in
            RecordEvent(
                database: schema.key,
                sourceID: record.sourceID,
                kind: kind,
                editedAt: record.editedAt
            )
        }
    }

    /// Computed values stay out of the log: they change without an edit.
    private static func recorded(_ fields: ValueMap, in schema: DatabaseSchema) -> ValueMap {
        var result = ValueMap()
        for field in CanonicalRecord.comparedFields(of: schema) {
            if let value = fields[field.key], !value.isNull { result[field.key] = value }
        }
        return result
    }
}
