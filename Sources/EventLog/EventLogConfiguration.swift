public import EventModel
import Glibc

/// How a log is opened.
public struct EventLogConfiguration: Sendable {
    /// What a process wants to do with the log.
    public enum Mode: Sendable, Hashable {
        /// To write and to read; makes the folder if it is missing. One process at a time.
        case readWrite
        /// To read, also beside a process that writes.
        case readOnly
    }

    /// What to open it for.
    public var mode: Mode
    /// The clock that stamps events.
    public var now: @Sendable () -> Timestamp
    /// Hears what an operator should know and nobody needs to act on, such as an index that is
    /// rebuilt.
    public var notice: @Sendable (String) -> Void
    /// How large an event may be as it is stored, in bytes.
    public var eventBytesMax: Int
    /// How large the events of one append may be together, in bytes.
    public var appendBytesMax: Int
    /// How many events one commit takes at the most (a single append may exceed it); later appends
    /// wait for the next commit.
    public var inboxEventsMax: Int
    /// How large each of the journal's two files is, in bytes; smaller if the disk has little room.
    ///
    /// What the two hold is what appends can be ahead of the table.
    public var journalBytes: Int
    /// How much address space to reserve, in bytes; no disk is used, and it grows by itself.
    public var mapBytes: Int
    /// How many events wait in memory before they are written to the index together, as a segment.
    public var indexBatchEventsMax: Int
    /// How many segments of the index of about the same size are merged into one; 2 or more.
    public var indexMergeFactor: Int
    /// How many events a segment of the index has at the most.
    public var indexSegmentEventsMax: Int
    /// How many of the last records are checked when the log is opened.
    public var tailRecordsChecked: Int
    /// How often a subscription of a read-only log looks for new events.
    public var pollMilliseconds: Int

    /// Makes a configuration; the defaults are those of a server.
    public init(
        mode: Mode = .readWrite,
        now: @escaping @Sendable () -> Timestamp = EventLogConfiguration.systemClock,
        notice: @escaping @Sendable (String) -> Void = { _ in },
        eventBytesMax: Int = Limits.eventBytesMax,
        appendBytesMax: Int = 64 << 20,
        inboxEventsMax: Int = 16_384,
        journalBytes: Int = 16 << 20,
        mapBytes: Int = 64 << 30,
        indexBatchEventsMax: Int = 65_536,
        indexMergeFactor: Int = 16,
        indexSegmentEventsMax: Int = 8 << 20,
        tailRecordsChecked: Int = 1024,
        pollMilliseconds: Int = 100
    ) {
        self.mode = mode
        self.now = now
        self.notice = notice
        self.eventBytesMax = eventBytesMax
        self.appendBytesMax = appendBytesMax
        self.inboxEventsMax = inboxEventsMax
        self.journalBytes = journalBytes
        self.mapBytes = mapBytes
        self.indexBatchEventsMax = indexBatchEventsMax
        self.indexMergeFactor = indexMergeFactor
        self.indexSegmentEventsMax = indexSegmentEventsMax
        self.tailRecordsChecked = tailRecordsChecked
        self.pollMilliseconds = pollMilliseconds
    }

    /// The machine's wall clock.
    public static let systemClock: @Sendable () -> Timestamp = {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(seconds: Int64(time.tv_sec), nanoseconds: Int32(time.tv_nsec))
    }
}
