import EventModel

/// An append that waits for the writer, and the caller that waits for the append.
struct AppendRequest: Sendable {
    let append: PreparedAppend
    private let continuation: CheckedContinuation<Result<AppendResult, EventLogError>, Never>

    init(
        _ append: PreparedAppend,
        _ continuation: CheckedContinuation<Result<AppendResult, EventLogError>, Never>
    ) {
        self.append = append
        self.continuation = continuation
    }

    var eventCount: Int { append.eventCount }

    /// Lets the caller go on; exactly once.
    func answer(_ result: Result<AppendResult, EventLogError>) {
        continuation.resume(returning: result)
    }
}
