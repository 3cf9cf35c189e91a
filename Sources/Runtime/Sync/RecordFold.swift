import EventLog
import EventModel
import Logging
import Records

/// Folds the streams of records into the views: what the log knows of each.
struct RecordFold: Sendable {
    static let follower = "records"
    static let filter = EventFilter(categories: ["record"])
    static let tables = [ViewTables.records]

    let context: EngineContext

    func apply(_ batch: EventSubscription.Batch, _ changes: inout ViewChanges) throws {
        for event in batch.events {
            let happened: RecordEvent
            do throws(RecordEventError) {
                happened = try RecordEvent(type: event.type, data: event.data)
            } catch {
                // One unreadable event must not hold up all other records.
                context.logger.error(
                    "a record's event cannot be folded",
                    metadata: ["position": "\(event.position)", "error": "\(error)"]
                )
                continue
            }
            let key = RecordRow.key(
                database: happened.database,
                sourceID: happened.sourceID
            )
            let row = try changes.value(ViewTables.records, key).flatMap(RecordRow.init)
            guard row.map({ $0.position < event.position }) ?? true else { continue }
            changes.put(
                ViewTables.records,
                key,
                RecordRow.evolve(row, happened, event).value
            )
        }
    }
}
