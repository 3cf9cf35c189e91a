import EventModel

/// An append that waits for the writer, and the caller that waits for the append.
struct AppendRequest: Sendable {
    let writes: [StreamWrite]
    let condition: AppendCondition?
    /// The records of all writes' events, one after the other, but for revision and time.
    let drafts: EventRecord.Drafts
    /// The keys of the events, in the same order.
    let entries: [IndexEntry]
    /// The writes without their events, which the writer need not touch.
    let shapes: [WriteShape]
    private let continuation: CheckedContinuation<Result<AppendResult, EventLogError>, Never>

    init(
        _ writes: [StreamWrite],
        drafts: EventRecord.Drafts = EventRecord.Drafts(),
        entries: [IndexEntry] = [],
        shapes: [WriteShape] = [],
        unless condition: AppendCondition? = nil,
        _ continuation: CheckedContinuation<Result<AppendResult, EventLogError>, Never>
    ) {
        self.writes = writes
        self.drafts = drafts
        self.entries = entries
        self.shapes = shapes
        self.condition = condition
        self.continuation = continuation
    }

    var eventCount: Int { drafts.count }

    /// Lets the caller go on; exactly once.
    func answer(_ result: Result<AppendResult, EventLogError>) {
        continuation.resume(returning: result)
    }
}

/// What the writer has to know of one write.
struct WriteShape: Sendable {
    var stream: IndexKey
    var expected: ExpectedRevision
    var eventCount: Int
}
