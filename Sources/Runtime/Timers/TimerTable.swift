public import EventLog
public import EventModel
public import WorkflowEngine

/// The timers that are set, over all instances, as the views hold them.
public enum TimerTable {
    /// A timer and whose it is.
    public struct Waiting: Sendable, Hashable {
        public var instance: EventID
        public var timer: String
        public var step: String
        public var purpose: InstanceEvent.TimerSet.Purpose
        public var due: Timestamp
    }

    /// The timers that are due first, in order.
    ///
    /// - Parameters:
    ///   - views: where the engine keeps its views.
    ///   - limit: how many at the most.
    public static func waiting(views: TableStore, limit: Int = 100) throws -> [Waiting] {
        try views.rows(ViewTables.timers, from: nil, limit: limit).compactMap { row in
            TimerEntry(try Value(canonicalBytes: row.value)).map { entry in
                Waiting(
                    instance: entry.instance,
                    timer: entry.timer,
                    step: entry.step,
                    purpose: entry.purpose,
                    due: entry.due
                )
            }
        }
    }

    /// How many timers are set.
    public static func count(views: TableStore) throws -> Int {
        try views.rowCount(ViewTables.timers)
    }
}
