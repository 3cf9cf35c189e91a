public import EventModel

/// What a backup, a restore, an export or an import has done.
public struct KeepReport: Sendable, Hashable {
    /// Where the result lies; `-` is standard output.
    public var path: String
    /// The identity of the log.
    public var identity: String
    /// How many events were written.
    public var eventCount: UInt64
    /// The first position; 0 if there is none.
    public var first: Position
    /// The last position; 0 if there is none.
    public var last: Position
    /// How many bytes the events' records have.
    public var recordBytes: UInt64
    /// How many bytes the result has on disk; 0 if that cannot be told.
    public var fileBytes: Int
    /// True if the result was read again after it was written.
    public var isVerified: Bool
    /// What lies beside the log in the result.
    public var others: [String]

    init(path: String, identity: String) {
        self.path = path
        self.identity = identity
        eventCount = 0
        first = .start
        last = .start
        recordBytes = 0
        fileBytes = 0
        isVerified = false
        others = []
    }
}

/// How far a copy has come.
public struct KeepProgress: Sendable, Hashable {
    /// What is being done.
    public enum Phase: String, Sendable, Hashable {
        /// Records are copied.
        case writing
        /// What was written is read again.
        case verifying
    }

    public var phase: Phase
    /// How many events are done.
    public var done: UInt64
    /// How many there are.
    public var total: UInt64
    /// How many bytes the records so far have.
    public var byteCount: UInt64
}
