import EventModel
import Synchronization
import WorkflowEngine

/// Time that jumps to wherever somebody wants to sleep to, so that no test waits.
final class SkippingTime: TimeSource {
    private let instant: Mutex<Timestamp>

    init(_ start: Timestamp = Timestamp(seconds: 1_796_000_000)) { instant = Mutex(start) }

    var now: Timestamp { instant.withLock { $0 } }

    func sleep(until wanted: Timestamp) async throws {
        try Task.checkCancellation()
        // Others who can go on at the present instant do so first.
        for _ in 0..<20 { await Task.yield() }
        try Task.checkCancellation()
        instant.withLock { $0 = max($0, wanted) }
    }

    func advance(by duration: Duration) { instant.withLock { $0 = $0 + duration } }
}
