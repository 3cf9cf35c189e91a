import EventModel
import Records

/// Finds what somebody else changed in a record: what the source has, against what the log knows and what
/// we ourselves wrote there since.
struct RecordComparison: Sendable {
    let schema: DatabaseSchema
    /// How long after a push an older value may still be a stale answer of the source.
    let settling: Duration

    /// The events that lead from what is known to what the source has; none if nothing changed.
    ///
    /// For each field the newest of the log's value and the pushed value is what is known. A field that
    /// shows the value from before a recent push is left for the next look: the source's queries lag
    /// behind its writes, and the overlap of the looks brings it again.
    ///
    /// A row that the log has never seen is created in it, also if it was we who made it there: that it
    /// exists, and under which id, is news.
    func events(
        known: RecordRow?,
        pushed: PushedRow?,
        record: SourceRecord,
        now: Timestamp
    ) -> [RecordEvent] {
        var record = record
        if let known, record.editedAt < known.state.editedAt, !record.isTrashed,
            !known.state.isTrashed
        {
            return []
        }
        guard let known, let pushed else {
            if let known { keepErased(known.state, &record) }
            return RecordState.events(from: known?.state, to: record, in: schema)
        }
        var state = known.state
        let isSettled = now - pushed.pushedAt > settling
        for key in pushed.fields.stringKeys {
            guard let field = schema.field(key), let own = pushed.fields[key] else { continue }
            // A relation goes out as Daybook's id of the other row and comes back as the source's, so
            // what was pushed says nothing about what stands there.
            if field.type == .relation { continue }
            if let position = known.fieldPositions[key], position > pushed.position { continue }
            let earlier = state.fields[key] ?? .null
            let there = record.fields[key] ?? .null
            let isStale =
                !isSettled && !isSame(there, own, field) && isSame(there, earlier, field)
            state.fields[key] = own.isNull ? nil : own
            if isStale { record.fields[key] = own.isNull ? nil : own }
        }
        keepErased(state, &record)
        return RecordState.events(from: state, to: record, in: schema)
    }

    /// What was erased stays so in the log, whatever the source still shows: to take it for a change would
    /// record it again.
    private func keepErased(_ state: RecordState, _ record: inout SourceRecord) {
        for field in schema.fields where field.isPersonal {
            guard state.fields[field.key] == .erased else { continue }
            record.fields[field.key] = .erased
        }
    }

    private func isSame(_ left: Value, _ right: Value, _ field: FieldSchema) -> Bool {
        CanonicalRecord.value(left, of: field) == CanonicalRecord.value(right, of: field)
    }
}
