/// The appends that wait for the writer, in the order in which they came.
///
/// Each of them holds its caller, so the inbox cannot outgrow the number of callers.
final class AppendInbox: Sendable {
    private struct State {
        var waiting: [AppendRequest] = []
        /// Where the waiting ones begin; those before it were taken.
        var begin = 0
        var isClosed = false
    }

    private let monitor = Monitor(State())

    /// Adds an append; false if the writer takes none any more.
    func add(_ request: AppendRequest) -> Bool {
        let (isTaken, wasEmpty) = monitor.withLock { state in
            guard !state.isClosed else { return (false, false) }
            state.waiting.append(request)
            return (true, state.waiting.count - state.begin == 1)
        }
        // The writer sleeps only while there is nothing, so the others need not wake it.
        if wasEmpty { monitor.change { _ in } }
        return isTaken
    }

    /// Takes appends until they hold so many events; waits for the first, nil at the end.
    func take(eventsMax: Int) -> [AppendRequest]? {
        monitor.wait { (state: inout State) -> [AppendRequest]?? in
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
