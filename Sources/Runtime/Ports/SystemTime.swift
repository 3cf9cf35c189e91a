public import EventModel
import Foundation
public import WorkflowEngine

/// The machine's clock.
public struct SystemTime: TimeSource {
    public init() {}

    public var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(seconds: Int64(time.tv_sec), nanoseconds: Int32(time.tv_nsec))
    }

    public func sleep(until instant: Timestamp) async throws {
        // The wall clock may be set while we sleep, so a long sleep looks at it again now and then.
        while true {
            let left = instant - now
            guard left > .zero else { return try Task.checkCancellation() }
            try await Task.sleep(for: min(left, .seconds(30)))
        }
    }
}
