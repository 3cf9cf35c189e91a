/// The appends that wait for the writer, in the order in which they came.
///
/// Each of them holds its caller, so the inbox cannot outgrow the number of callers.
final class AppendInbox: Sendable {
    private struct State {
        var waiting: [AppendRequest] = []
        /// Where the waiting ones begin; those before it were taken.
        var begin = 0
        var isClosed = false
        /// At how many appends the writer wants to be woken.
        var wanted = 1

        var waitingCount: Int { waiting.count - begin }
    }

    /// From how many appends on, answered together, it pays to wait until they come again.
    private static let crowdMin = 8
    /// How long that is waited for.
    private static let gatherMicroseconds = 200

    private let monitor = Monitor(State())

    /// Adds an append; false if the writer takes none any more.
    func add(_ request: AppendRequest) -> Bool {
        let (isTaken, wasEmpty) = monitor.withLock { state in
            guard !state.isClosed else { return (false, false) }
            state.waiting.append(request)
            return (true, state.waitingCount == state.wanted)
        }
        // The writer sleeps only while there is less than it wants, so the others need not wake it.
        if wasEmpty { monitor.change { _ in } }
        return isTaken
    }

    /// Takes appends until they hold so many events; waits for the first, nil at the end.
    ///
    /// - Parameters:
    ///   - eventsMax: how many events are enough.
    ///   - expected: how many callers are likely to come again at once; to go on with the first few
    ///     of them would make the others wait for a commit more.
    func take(eventsMax: Int, expected: Int = 1) -> [AppendRequest]? {
        if expected >= AppendInbox.crowdMin {
            monitor.withLock { $0.wanted = expected }
            _ = monitor.wait(microseconds: AppendInbox.gatherMicroseconds) { state in
                state.waitingCount >= expected || state.isClosed ? true : nil
            }
            monitor.withLock { $0.wanted = 1 }
        }
        return monitor.wait { (state: inout State) -> [AppendRequest]?? in
            guard state.begin < state.waiting.count else {
                return state.isClosed ? .some(nil) : nil
            }
            var end = state.begin + 1
            var eventCount = state.waiting[state.begin].eventCount
            while end < state.waiting.count {
                eventCount += state.waiting[end].eventCount
                guard eventCount <= eventsMax else { break }
                end += 1
            }
            let taken = Array(state.waiting[state.begin..<end])
            if end == state.waiting.count {
                state.waiting.removeAll(keepingCapacity: end <= 4096)
                state.begin = 0
            } else {
                state.begin = end
                // Under steady load nobody ever finds it empty; half of it at a time costs little.
                if end > state.waiting.count / 2 {
                    state.waiting.removeSubrange(..<end)
                    state.begin = 0
                }
            }
            return .some(taken)
        }
    }

    /// How many appends are kept in memory, those that were taken but not let go of counted.
    var heldCount: Int { monitor.withLock { $0.waiting.count } }

    /// Takes no more; what is there is still handed out.
    func close() { monitor.change { $0.isClosed = true } }
}
