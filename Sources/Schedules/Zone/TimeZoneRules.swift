public import EventModel

/// Knows the time zones by name; zone data lies in files and changes over the years, so it is given
/// from outside.
public protocol TimeZoneRules: Sendable {
    /// How many seconds the local time of a zone is ahead of UTC at an instant; nil if there is no
    /// zone of that name.
    func secondsAheadOfUTC(zone: String, at instant: Timestamp) -> Int?
}

/// A zone that is known to exist.
public struct ScheduleZone: Sendable {
    public let name: String
    private let rules: any TimeZoneRules

    /// Finds a zone; nil if the rules do not know it.
    public init?(_ name: String, rules: any TimeZoneRules) {
        guard rules.secondsAheadOfUTC(zone: name, at: Timestamp(seconds: 0)) != nil else {
            return nil
        }
        self.name = name
        self.rules = rules
    }

    /// How many seconds the wall clock is ahead of UTC at a second since 1970.
    func offset(at second: Int64) -> Int64 {
        Int64(rules.secondsAheadOfUTC(zone: name, at: Timestamp(seconds: second)) ?? 0)
    }

    /// The first second at which the wall clock was changed, after one and not after another.
    ///
    /// Looks at one second a day: clocks that are changed and changed back within a day are not seen.
    func change(after first: Int64, through last: Int64) -> Int64? {
        var start = first
        var before = offset(at: start)
        while start < last {
            let end = min(start + 86_400, last)
            let after = offset(at: end)
            if after != before { return bisect(start, end, before) }
            start = end
            before = after
        }
        return nil
    }

    private func bisect(_ start: Int64, _ end: Int64, _ before: Int64) -> Int64 {
        var (low, high) = (start, end)
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if offset(at: middle) == before { low = middle } else { high = middle }
        }
        return high
    }

    /// A stretch of time in which the wall clock runs on without a change.
    struct Stretch {
        /// Its first second, or any later one if the change before it does not matter.
        var start: Int64
        var offset: Int64
        /// The offset before the change at `start`; nil if there was none lately.
        var before: Int64?
    }

    /// The stretch of a second; a change less than two days before it is in it.
    func stretch(at second: Int64) -> Stretch {
        let offset = offset(at: second)
        let earlier = second - 2 * 86_400
        var found: Int64?
        var from = earlier
        while let change = change(after: from, through: second) {
            found = change
            from = change
        }
        guard let found else { return Stretch(start: earlier, offset: offset) }
        return Stretch(start: found, offset: offset, before: self.offset(at: found - 1))
    }

    /// The stretch that begins with a change.
    func stretch(from change: Int64) -> Stretch {
        Stretch(start: change, offset: offset(at: change), before: offset(at: change - 1))
    }
}
