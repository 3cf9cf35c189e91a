public import EventModel

/// The log, kept in LMDB: `log/` is the truth, `index/` can be made again from it.
///
/// Appends are written by one thread, which commits everybody who waits together; an append returns
/// when it would survive a power failure. Reads run on the caller's thread, in short transactions.
public final class EventLog: EventStore {
    /// Where the log lies.
    public let folder: String
    let configuration: EventLogConfiguration
    let storage: LogStorage
    /// The events: those of the storage and those that are on their way there.
    let records: LogRecords
    let signal: HeadSignal
    let role: Role

    /// What only a writer or only a reader has.
    enum Role: Sendable {
        case writer(WriterRole)
        case reader(ReaderRole)
    }

    private init(
        folder: String,
        configuration: EventLogConfiguration,
        records: LogRecords,
        signal: HeadSignal,
        role: Role
    ) {
        self.folder = folder
        self.configuration = configuration
        self.records = records
        storage = records.storage
        self.signal = signal
        self.role = role
    }

    deinit { beginClosing() }

    /// Opens a log.
    ///
    /// Blocks the caller: for long if an index has to be made anew, else for milliseconds.
    ///
    /// - Parameters:
    ///   - folder: where the log lies; a writer makes it if it is missing.
    ///   - configuration: for what to open it, and how.
    /// - Throws: ``EventLogError`` if another process writes there, or if the log is missing,
    ///   damaged, shorter than it was, or of a newer format.
    public static func open(
        at folder: String,
        configuration: EventLogConfiguration = EventLogConfiguration()
    ) throws(EventLogError) -> EventLog {
        let parts: (LogRecords, HeadSignal, Role)
        switch configuration.mode {
        case .readWrite:
            try StandbyMark.refuse(folder)
            try Files.makeFolder(folder)
            let lock = try FolderLock(folder: folder)
            let storage = try LogStorage(folder: folder, configuration: configuration)
            let signal = HeadSignal(head: 0)
            let role = try WriterRole(
                storage: storage,
                signal: signal,
                lock: lock,
                configuration: configuration
            )
            parts = (role.records, signal, .writer(role))
        case .readOnly:
            let storage = try LogStorage(folder: folder, configuration: configuration)
            let role = try ReaderRole(storage: storage, configuration: configuration)
            let signal = HeadSignal(head: try role.head())
            parts = (role.records, signal, .reader(role))
        }
        return EventLog(
            folder: folder,
            configuration: configuration,
            records: parts.0,
            signal: parts.1,
            role: parts.2
        )
    }

    /// Ends all subscriptions, commits what was appended before, and closes the files.
    public func close() async {
        beginClosing()
        switch role {
        case .writer(let writer): await writer.ended.wait()
        case .reader(let reader): reader.close()
        }
    }

    private func beginClosing() {
        signal.close()
        switch role {
        case .writer(let writer): writer.writer.inbox.close()
        case .reader: break
        }
    }

    // MARK: EventStore

    public var head: Position { Position(currentHead()) }

    public func append(
        _ writes: [StreamWrite],
        unless condition: AppendCondition?
    ) async throws(EventLogError) -> AppendResult {
        guard case .writer(let writer) = role else {
            throw EventLogError(
                .closed,
                "\(folder) is open for reading only; open it for writing to append"
            )
        }
        let append = try PreparedAppend(
            writes,
            unless: condition,
            hasher: writer.index.hasher,
            configuration: configuration
        )
        let result = await withCheckedContinuation {
            (continuation: CheckedContinuation<Result<AppendResult, EventLogError>, Never>) in
            let request = AppendRequest(append, continuation)
            guard writer.writer.inbox.add(request) else {
                request.answer(.failure(closed))
                return
            }
        }
        return try result.get()
    }

    public func read(
        from position: Position?,
        direction: ReadDirection,
        limit: Int,
        filter: EventFilter
    ) throws(EventLogError) -> [Event] {
        let head = try checkedHead()
        let index = LogQuery.isIndexed(filter) ? try usableIndex(through: head) : nil
        return try LogQuery(reader: LogReader(storage: records), index: index, filter: filter)
            .read(from: position, direction: direction, limit: limit, head: head)
    }

    public func readStream(
        _ stream: StreamName,
        from revision: Revision?,
        direction: ReadDirection,
        limit: Int
    ) throws(EventLogError) -> [Event] {
        let head = try checkedHead()
        let index = try index(through: head)
        let count = try index.eventCount(of: stream, through: head)
        guard limit > 0, count > 0 else { return [] }
        let range: Range<Revision>
        switch direction {
        case .forward:
            let first = revision ?? 0
            guard first < count else { return [] }
            range = first..<first + min(UInt64(limit), count - first)
        case .backward:
            let last = min(revision ?? .max, count - 1)
            range = (last + 1 - min(UInt64(limit), last + 1))..<last + 1
        }
        let found = try index.places(of: stream, revisions: range)
        let events = try LogReader(storage: records).events(of: stream, places: found)
        return direction == .forward ? events : events.reversed()
    }

    public func eventCount(of stream: StreamName) throws(EventLogError) -> UInt64 {
        let head = try checkedHead()
        return try index(through: head).eventCount(of: stream, through: head)
    }

    public func subscribe(
        after position: Position,
        filter: EventFilter
    ) -> EventSubscription {
        EventSubscription { [self] in
            let follower = LogFollower(log: self, after: position.value, filter: filter)
            return { try await follower.next() }
        }
    }

    /// Returns when everything up to a position can be read here.
    ///
    /// - Throws: `CancellationError` if the task is cancelled; ``EventLogError`` if the log is
    ///   closed.
    public func waitUntilVisible(_ position: Position) async throws {
        guard try await waitForEvent(at: position.value) else { throw closed }
    }

    // MARK: For the parts

    var closed: EventLogError { EventLogError(.closed, "the log in \(folder) is closed") }

    /// The index, complete up to a position.
    func index(through head: UInt64) throws(EventLogError) -> LogIndex {
        switch role {
        case .writer(let writer): writer.index
        case .reader(let reader): try reader.index(through: head)
        }
    }

    /// The same; nil if there is none or it is of no use to a process that may not make one.
    func usableIndex(through head: UInt64) throws(EventLogError) -> LogIndex? {
        do throws(EventLogError) {
            return try index(through: head)
        } catch {
            guard error.code == .missing || error.code == .corrupt else { throw error }
            return nil
        }
    }

    /// The Merkle tree over the log.
    var tree: LogTree {
        switch role {
        case .writer(let writer): writer.tree
        case .reader(let reader): reader.tree
        }
    }

    /// The last durable position, or an error if the log is closed.
    func checkedHead() throws(EventLogError) -> UInt64 {
        guard !signal.isClosed else { throw closed }
        switch role {
        case .writer: return signal.head
        case .reader(let reader):
            let head = try reader.head()
            signal.publish(head)
            return head
        }
    }

    private func currentHead() -> UInt64 {
        do throws(EventLogError) {
            return try checkedHead()
        } catch {
            return signal.head
        }
    }

    /// Waits for an event; false if the log is closed before it comes.
    func waitForEvent(at position: UInt64) async throws -> Bool {
        switch role {
        case .writer:
            switch await signal.wait(for: position) {
            case .reached: return true
            case .closed: return false
            case .cancelled: throw CancellationError()
            }
        case .reader:
            while !signal.isClosed {
                if currentHead() >= position { return true }
                try await Task.sleep(for: .milliseconds(configuration.pollMilliseconds))
            }
            return false
        }
    }

    /// Brings everything up to the head from the journal into the table now, instead of soon.
    ///
    /// - Throws: ``EventLogError`` if the table cannot be written; the events are safe all the same.
    func fold() async throws(EventLogError) {
        guard case .writer(let writer) = role else { return }
        let tail = writer.records.tail
        let head = signal.head
        try await WorkerThread.run("fold") { () -> Result<Void, EventLogError> in
            tail.waitUntilFolded(through: head).map { .failure($0) } ?? .success(())
        }
    }

    /// Brings the index up to the head now, instead of soon.
    func flushIndex() async throws(EventLogError) {
        guard case .writer(let writer) = role else { return }
        let tail = writer.index.tail
        let head = signal.head
        try await WorkerThread.run("flush") { () -> Result<Void, EventLogError> in
            tail.monitor.change { state in
                state.isFlushWanted = true
                state.sealCommitted()
            }
            let failure: EventLogError?? = tail.monitor.wait { state in
                if (state.generations.first?.first ?? state.next) > head { return .some(nil) }
                return state.failure.map { .some($0) }
            }
            if case .some(.some(let error)) = failure { return .failure(error) }
            return .success(())
        }
    }
}
