import EventLog
import EventModel
import Logging
import Schedules
import WorkflowEngine

/// Folds the streams of schedules into the views: states, the order in which they are due, and who
/// waits for which instance.
///
/// It is the single writer of these tables. The table of due times is ordered, so that only its first
/// rows are ever looked at, however many schedules there are.
struct ScheduleFold: Sendable {
    static let follower = "schedule_states"
    static let filter = EventFilter(categories: [ScheduleStream.category])
    static let tables = [
        ViewTables.schedules, ViewTables.scheduleDues, ViewTables.scheduleWaits,
    ]

    let context: EngineContext
    let zones: any TimeZoneRules

    func apply(_ batch: EventSubscription.Batch, _ changes: inout ViewChanges) throws {
        var touched: [String: LoadedSchedule] = [:]
        for event in batch.events {
            let id = event.stream.identifier
            var loaded = try touched[id] ?? load(id, before: event, changes)
            // After a stop between two batches the same events may come again.
            if event.revision >= loaded.count { try loaded.take(event) }
            touched[id] = loaded
        }
        for (id, loaded) in touched { try write(id, loaded, &changes) }
    }

    private func load(
        _ id: String,
        before event: Event,
        _ changes: ViewChanges
    ) throws -> LoadedSchedule {
        guard event.revision > 0 else { return .absent }
        let row = try changes.value(ViewTables.schedules, ViewKey.text(id))
        if let loaded = row.flatMap({ LoadedSchedule($0["loaded"] ?? .null) }) { return loaded }
        var loaded = LoadedSchedule.absent
        try ScheduleStream.fold(&loaded, of: id, from: context.store)
        return loaded
    }

    private func write(
        _ id: String,
        _ loaded: LoadedSchedule,
        _ changes: inout ViewChanges
    ) throws {
        let key = ViewKey.text(id)
        if let old = try changes.value(ViewTables.schedules, key) {
            if let due = old["due"]?.bytesValue { changes.delete(ViewTables.scheduleDues, due) }
            for instance in old["waits_for"]?.listValue ?? [] {
                guard let bytes = instance.bytesValue else { continue }
                changes.delete(ViewTables.scheduleWaits, bytes)
            }
        }
        var row: ValueMap = ["loaded": loaded.value]
        if let due = dueKey(id, loaded.state) {
            row["due"] = .bytes(due)
            changes.put(ViewTables.scheduleDues, due, .string(id))
        }
        if !loaded.state.queue.isEmpty {
            let instances = loaded.state.active.map(\.instance.bytes)
            row["waits_for"] = .list(instances.map(Value.bytes))
            for instance in instances {
                changes.put(ViewTables.scheduleWaits, instance, .string(id))
            }
        }
        changes.put(ViewTables.schedules, key, .map(row))
    }

    /// When the schedule must be looked at; nil if not by itself.
    private func dueKey(_ id: String, _ state: ScheduleState) -> [UInt8]? {
        guard state.isLive, let definition = state.definition else { return nil }
        // Without the zone's data the worker says so each time it tries.
        guard let zone = ScheduleZone(definition.timeZone, rules: zones) else {
            return ScheduleFold.key(state.decidedThrough ?? Timestamp(seconds: 0), id)
        }
        guard let next = state.next(id: id, in: zone) else { return nil }
        return ScheduleFold.key(next.runs, id)
    }

    static func key(_ due: Timestamp, _ id: String) -> [UInt8] {
        // LMDB keys end at 511 bytes.
        ViewKey.instant(due) + Digest.sha256(id.utf8).bytes.prefix(16)
    }

    static func due(of key: [UInt8]) -> Timestamp {
        let bits = key.prefix(8).reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
        return Timestamp(microseconds: Int64(bitPattern: bits ^ (1 << 63)))
    }
}
