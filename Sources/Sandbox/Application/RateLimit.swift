import EventModel

/// Notion's budget of a connection: so many requests in a fixed minute, at any pace.
struct RateLimit {
    /// Nil for no limit.
    var requestsPerMinute: Int?
    private var windowStart: Timestamp?
    private var count = 0

    init(requestsPerMinute: Int?) { self.requestsPerMinute = requestsPerMinute }

    /// Counts a request; gives the seconds to wait if it is one too many.
    mutating func take(at now: Timestamp) -> Int? {
        guard let requestsPerMinute else { return nil }
        if let windowStart, now - windowStart < .seconds(60), now >= windowStart {
            count += 1
        } else {
            windowStart = now
            count = 1
        }
        guard count > requestsPerMinute, let windowStart else { return nil }
        return max(1, 60 - Int((now - windowStart).components.seconds))
    }
}
