/// What a look at the record source found.
public struct SyncReport: Sendable, Hashable {
    public var databases: [DatabaseReport]

    /// One database's part.
    public struct DatabaseReport: Sendable, Hashable {
        public var database: String
        /// True if all rows were read, not only those that were edited lately.
        public var isFull: Bool
        public var pageCount = 0
        public var recordCount = 0
        public var createdCount = 0
        public var updatedCount = 0
        public var trashedCount = 0
        public var restoredCount = 0
        /// False if the source cut the result short.
        public var isComplete = true

        init(database: String, isFull: Bool) {
            self.database = database
            self.isFull = isFull
        }

        /// How many events the look appended.
        public var eventCount: Int {
            createdCount + updatedCount + trashedCount + restoredCount
        }
    }

    init(databases: [DatabaseReport] = []) { self.databases = databases }

    /// How many events the look appended.
    public var eventCount: Int { databases.reduce(0) { $0 + $1.eventCount } }
}
