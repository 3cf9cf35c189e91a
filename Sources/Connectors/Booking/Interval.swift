import EventModel

/// A stretch of time, the end not included.
struct Interval: Sendable, Hashable {
    var start: Timestamp
    var end: Timestamp

    func overlaps(_ other: Interval) -> Bool { start < other.end && other.start < end }

    func contains(_ other: Interval) -> Bool { start <= other.start && other.end <= end }

    /// The same time in the fewest intervals, in order; those that touch become one.
    static func united(_ intervals: [Interval]) -> [Interval] {
        var united: [Interval] = []
        for interval in intervals.sorted(by: { ($0.start, $0.end) < ($1.start, $1.end) }) {
            if let last = united.last, interval.start <= last.end {
                united[united.count - 1].end = max(last.end, interval.end)
            } else {
                united.append(interval)
            }
        }
        return united
    }

    /// `{starts_at, ends_at}`.
    var value: Value { ["starts_at": .timestamp(start), "ends_at": .timestamp(end)] }
}
