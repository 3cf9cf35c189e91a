public import EventModel

/// The present and the passing of time, handed in so that tests command both.
public protocol TimeSource: Sendable {
    /// The present instant.
    var now: Timestamp { get }

    /// Waits; throws `CancellationError` if the task is cancelled meanwhile.
    func sleep(until instant: Timestamp) async throws
}
