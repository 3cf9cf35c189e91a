import EventModel

/// An append that waits for the writer, and the caller that waits for the append.
struct AppendRequest: Sendable {
    let writes: [StreamWrite]
    let condition: AppendCondition?
    let eventCount: Int
    private let continuation: CheckedContinuation<Result<AppendResult, EventLogError>, Never>

    init(
        _ writes: [StreamWrite],
        unless condition: AppendCondition? = nil,
        _ continuation: CheckedContinuation<Result<AppendResult, EventLogError>, Never>
    ) {
        self.writes = writes
        self.condition = condition
        self.continuation = continuation
        eventCount = writes.reduce(0) { $0 + $1.events.count }
    }

    /// Lets the caller go on; exactly once.
    func answer(_ result: Result<AppendResult, EventLogError>) {
        continuation.resume(returning: result)
    }
}
