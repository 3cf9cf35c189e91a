import EventLog
import EventModel
import Logging
import Records

/// Folds the streams of records into the views: what the log knows of each.
struct RecordFold: Sendable {
    static let follower = "records"
    static let filter = EventFilter(categories: ["record", SubjectEvents.category])
    private static let pageEvents = 500
    static let tables = [ViewTables.records]

    let context: EngineContext
    let databases: DatabaseCatalogue

    func apply(_ batch: EventSubscription.Batch, _ changes: inout ViewChanges) throws {
        for event in batch.events {
            guard event.stream.category != SubjectEvents.category else {
                for subject in SubjectEvents.erasedSubjects(event) {
                    try foldAgain(subject, &changes)
                }
                continue
            }
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

    /// Folds an erased record anew, so that the views say what a replay says, and takes what was pushed of
    /// it out of the memory of pushes.
    private func foldAgain(_ subject: Subject, _ changes: inout ViewChanges) throws {
        guard let record = subject.record else { return }
        let key = RecordRow.key(database: record.database, sourceID: record.sourceID)
        if let known = try changes.value(ViewTables.records, key).flatMap(RecordRow.init) {
            let stream = RecordEvent.stream(
                database: record.database,
                sourceID: record.sourceID
            )
            var row: RecordRow?
            while (row?.count ?? 0) < known.count {
                let next = row?.count ?? 0
                let page = try context.store.readStream(
                    stream,
                    from: next,
                    direction: .forward,
                    limit: Int(min(known.count - next, UInt64(RecordFold.pageEvents)))
                )
                guard !page.isEmpty else { break }
                for event in page {
                    let happened = try RecordEvent(type: event.type, data: event.data)
                    row = RecordRow.evolve(row, happened, event)
                }
            }
            if let row { changes.put(ViewTables.records, key, row.value) }
        }
        let pushed = try changes.value(ViewTables.pushed, key).flatMap(PushedRow.init)
        guard var pushed, let schema = databases.database(record.database) else { return }
        for field in schema.fields where field.isPersonal {
            guard let value = pushed.fields[field.key], !value.isNull else { continue }
            pushed.fields[field.key] = .erased
        }
        changes.put(ViewTables.pushed, key, pushed.value)
    }
}
