public import EventModel

/// The log as everything above it sees it; nothing there may know what keeps it.
///
/// ``EventLog`` keeps it in LMDB; tests keep it in memory.
public protocol EventStore: Sendable {
    /// The position of the last event that is durable; ``Position/start`` if there is none.
    var head: Position { get }

    /// Adds events to one or more streams, all or none, and returns when they are durable.
    ///
    /// An append whose events are all in the log already is answered as the first time, whatever
    /// it expects and on whatever condition.
    ///
    /// - Parameters:
    ///   - writes: the events and what is expected of their streams.
    ///   - condition: what must not have happened since; nil for none.
    /// - Throws: ``EventLogError``; nothing was added.
    func append(
        _ writes: [StreamWrite],
        unless condition: AppendCondition?
    ) async throws(EventLogError) -> AppendResult

    /// Events of one stream.
    ///
    /// - Parameters:
    ///   - stream: its name; a stream that does not exist is empty.
    ///   - revision: where to begin, inclusive; nil begins at the first, or backward at the last.
    ///   - direction: the order.
    ///   - limit: how many at the most.
    func readStream(
        _ stream: StreamName,
        from revision: Revision?,
        direction: ReadDirection,
        limit: Int
    ) throws(EventLogError) -> [Event]

    /// Events of the whole log.
    ///
    /// - Parameters:
    ///   - position: where to begin, inclusive; nil begins at the first, or backward at the last.
    ///   - direction: the order.
    ///   - limit: how many to return at the most.
    ///   - filter: which events are wanted; the others are passed over without counting.
    func read(
        from position: Position?,
        direction: ReadDirection,
        limit: Int,
        filter: EventFilter
    ) throws(EventLogError) -> [Event]

    /// How many events a stream holds; the revision of its last event is one less.
    func eventCount(of stream: StreamName) throws(EventLogError) -> UInt64

    /// Follows the log: first what is there after a position, then what comes, no gap and no
    /// repeat.
    ///
    /// Each element is the next events in order, with the position up to which the log was looked
    /// through; it has no events if a stretch of the log held none that are wanted. A slow reader
    /// costs nobody else anything: events wait in the log, not in memory. The sequence ends when
    /// the log is closed, and throws `CancellationError` when its task is cancelled.
    func subscribe(after position: Position, filter: EventFilter) -> EventSubscription

    /// Returns when everything up to a position can be read here.
    ///
    /// - Throws: `CancellationError` if the task is cancelled; ``EventLogError`` if the log is
    ///   closed before.
    func waitUntilVisible(_ position: Position) async throws
}

extension EventStore {
    /// Returns when everything up to a position can be read here, by following the log.
    public func waitUntilVisible(_ position: Position) async throws {
        guard position > head else { return }
        let before = Position(position.value - 1)
        var iterator = subscribe(after: before, filter: .all).makeAsyncIterator()
        guard try await iterator.next() != nil else {
            throw EventLogError(.closed, "the log is closed; it ends before event \(position)")
        }
    }

    /// Waits until everything up to a position can be read here, for so long at the most.
    ///
    /// - Returns: whether it can.
    public func waitUntilVisible(
        _ position: Position,
        atMost duration: Duration
    ) async throws -> Bool {
        guard position > head else { return true }
        return try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await waitUntilVisible(position)
                return true
            }
            group.addTask {
                try await Task.sleep(for: duration)
                return false
            }
            defer { group.cancelAll() }
            return try await group.next() ?? false
        }
    }

    /// Adds events to one or more streams, on no condition but what their streams must look like.
    ///
    /// - Throws: ``EventLogError``; nothing was added.
    public func append(_ writes: [StreamWrite]) async throws(EventLogError) -> AppendResult {
        try await append(writes, unless: nil)
    }
}

/// What makes an append fail: that an event came which whoever decided on it did not know.
///
/// It fails with ``EventLogError/Code/conditionFailed`` if an event that the filter wants lies
/// after the position.
public struct AppendCondition: Sendable, Hashable {
    /// Which events stand against the append.
    public var filter: EventFilter
    /// Up to where the log was known when the append was decided on.
    public var after: Position

    public init(filter: EventFilter, after: Position) {
        self.filter = filter
        self.after = after
    }
}

/// What to add to one stream.
public struct StreamWrite: Sendable {
    public var stream: StreamName
    public var expected: ExpectedRevision
    public var events: [ProposedEvent]

    public init(stream: StreamName, expected: ExpectedRevision, events: [ProposedEvent]) {
        self.stream = stream
        self.expected = expected
        self.events = events
    }
}

/// What a stream must look like for an append to go through (optimistic concurrency).
public enum ExpectedRevision: Sendable, Hashable {
    /// Anything goes.
    case any
    /// The stream must not exist.
    case none
    /// The stream must exist.
    case exists
    /// The stream's last event must have this revision.
    case exact(Revision)
}

/// Where an append's events stand.
public struct AppendResult: Sendable, Hashable {
    /// The places of the events, in the order in which they were given.
    public var places: [Place]
    /// True if all the ids were in the log before, so that nothing was added.
    public var isRepeat: Bool

    /// One event's place.
    public struct Place: Sendable, Hashable {
        public var position: Position
        public var revision: Revision

        public init(position: Position, revision: Revision) {
            self.position = position
            self.revision = revision
        }
    }

    public init(places: [Place], isRepeat: Bool) {
        self.places = places
        self.isRepeat = isRepeat
    }

    /// The highest position; ``Position/start`` for an append of nothing.
    public var lastPosition: Position { places.map(\.position).max() ?? .start }
}

/// The order of a read.
public enum ReadDirection: Sendable, Hashable {
    case forward
    case backward
}

/// A follower's view of the log: see ``EventStore/subscribe(after:filter:)``.
public struct EventSubscription: AsyncSequence, Sendable {
    /// The next events in order.
    public struct Batch: Sendable {
        /// The wanted events; empty if a stretch of the log held none.
        public var events: [Event]
        /// The log was looked through up to here: the cursor to keep.
        public var position: Position

        public init(events: [Event], position: Position) {
            self.events = events
            self.position = position
        }
    }

    /// Asks for the next batch; nil at the end.
    public typealias Next = @Sendable () async throws -> Batch?

    private let makeNext: @Sendable () -> Next

    public init(_ makeNext: @escaping @Sendable () -> Next) { self.makeNext = makeNext }

    public func makeAsyncIterator() -> Iterator { Iterator(step: makeNext()) }

    /// The same subscription with every batch changed on its way to the reader.
    public func map(_ change: @escaping @Sendable (Batch) throws -> Batch) -> EventSubscription {
        EventSubscription { [makeNext] in
            let next = makeNext()
            return {
                guard let batch = try await next() else { return nil }
                return try change(batch)
            }
        }
    }

    /// Walks along the log.
    public struct Iterator: AsyncIteratorProtocol {
        let step: Next

        public mutating func next() async throws -> Batch? { try await step() }
    }
}

/// Why the log did not do what was asked.
public struct EventLogError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of failure it is.
    public enum Code: String, Sendable, Hashable {
        /// A stream is not at its expected revision; read it again and decide anew.
        case wrongExpectedRevision = "wrong_expected_revision"
        /// An event came that the append's condition names; read again and decide anew.
        case conditionFailed = "condition_failed"
        /// Some ids of the append are in the log and some are not, or with another stream.
        case identityConflict = "identity_conflict"
        /// An event is larger than the limit, or a text of its envelope is.
        case tooLarge = "too_large"
        /// An envelope or an argument makes no sense.
        case invalid
        /// The disk has no room; nothing was written, reads go on.
        case diskFull = "disk_full"
        /// The operating system or LMDB reported a failure.
        case inputOutput = "input_output"
        /// Stored bytes are not what was written; the message says where.
        case corrupt
        /// Another process has the folder open for writing.
        case locked
        /// A checkpoint would contradict one that was signed before; the message says what to do.
        case signingRefused = "signing_refused"
        /// The folder was made by a newer version.
        case newerFormat = "newer_format"
        /// The log is closed, or was opened for reading only.
        case closed
        /// There is no log in the folder.
        case missing
        /// Something is there already that would be overwritten.
        case exists
        /// The folder follows another log as its standby.
        case standby
    }

    public var code: Code
    public var message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { message }
}
