public import EventLog
public import EventModel
public import Schedules

/// The schedules, as the views hold them; they trail the log by the time of one fold.
public struct ScheduleDirectory: Sendable {
    private static let pageRows = 500

    private let views: TableStore

    /// Looks into the views.
    public init(views: TableStore) { self.views = views }

    /// One schedule.
    public struct Entry: Sendable, Hashable {
        public var id: String
        public var state: ScheduleState

        public init(id: String, state: ScheduleState) {
            self.id = id
            self.state = state
        }
    }

    /// Schedules by name, those that were removed too.
    ///
    /// - Parameter limit: how many at the most.
    public func entries(limit: Int = .max) throws -> [Entry] {
        var entries: [Entry] = []
        var from: [UInt8]?
        while entries.count < limit {
            let page = try views.rows(
                ViewTables.schedules,
                from: from,
                limit: min(ScheduleDirectory.pageRows, limit - entries.count)
            )
            for row in page {
                let value = try Value(canonicalBytes: row.value)
                guard let loaded = LoadedSchedule(value["loaded"] ?? .null) else { continue }
                let id = String(decoding: row.key, as: UTF8.self)
                entries.append(Entry(id: id, state: loaded.state))
            }
            guard let last = page.last, page.count == ScheduleDirectory.pageRows else { break }
            from = last.key + [0]
        }
        return entries
    }

    /// How many schedules have a tick to come.
    public var dueCount: Int { get throws { try views.rowCount(ViewTables.scheduleDues) } }

    /// When the next tick of all runs; nil if none is to come.
    public var next: Timestamp? {
        get throws {
            try views.rows(ViewTables.scheduleDues, from: nil, limit: 1).first
                .map { ScheduleFold.due(of: $0.key) }
        }
    }
}
