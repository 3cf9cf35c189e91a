import EventLog
import EventModel
import Records
import WorkflowEngine

/// What a record's event changed, with the whole record before and after it.
struct RecordChange: Sendable {
    private static let pageEvents = 500

    var database: String
    var sourceID: String
    var kind: RecordTrigger.Change
    /// The fields before; null for a new record.
    var before: Value
    /// The fields after; null for a trashed one.
    var after: Value
    /// For each changed field `{before, after}`.
    var changes: Value

    /// What an instance gets as its input: the record's fields with its id.
    var input: Value {
        var fields = (after.isNull ? before : after).mapValue ?? ValueMap()
        fields["id"] = .string(sourceID)
        return .map(fields)
    }

    /// Folds the record's stream up to the event; nil if the event is none of a record.
    init?(_ event: Event, store: any EventStore) throws {
        guard let happened = try? RecordEvent(type: event.type, data: event.data) else {
            return nil
        }
        database = happened.database
        sourceID = happened.sourceID
        var earlier: RecordState?
        var next: Revision = 0
        while next < event.revision {
            let page = try store.readStream(
                event.stream,
                from: next,
                direction: .forward,
                limit: min(RecordChange.pageEvents, Int(event.revision - next))
            )
            guard !page.isEmpty else { break }
            for event in page {
                if let past = try? RecordEvent(type: event.type, data: event.data) {
                    earlier = RecordState.evolve(earlier, past)
                }
            }
            next += UInt64(page.count)
        }
        let later = RecordState.evolve(earlier, happened)
        before = earlier.map { .map($0.fields) } ?? .null
        after = .map(later.fields)
        var differences = ValueMap()
        switch happened.kind {
        case .created(let fields):
            kind = .created
            for key in fields.stringKeys {
                differences[key] = ["before": .null, "after": fields[key] ?? .null]
            }
        case .restored:
            // Who watches for new records wants those that came back as well.
            kind = .created
        case .updated(let fields):
            kind = .updated
            for (key, change) in fields {
                differences[key] = ["before": change.before, "after": change.after]
            }
        case .trashed:
            kind = .trashed
            after = .null
        }
        changes = .map(differences)
    }
}
