public import EventModel

extension CronExpression {
    /// The first tick after an instant.
    ///
    /// - Parameters:
    ///   - instant: the tick is strictly later.
    ///   - zone: whose wall clock the expression is read on.
    ///   - daylightSaving: what becomes of fixed times when the clocks are changed.
    /// - Returns: nil if there is none up to the year 9999.
    public func next(
        after instant: Timestamp,
        in zone: ScheduleZone,
        daylightSaving: DaylightSaving = .standard
    ) -> Tick? {
        guard instant.isInCalendar else { return nil }
        var last = instant.seconds
        let reading = last + zone.offset(at: last)
        // The clock may have gone back over midnight, so the search begins a day early; and what lies
        // far ahead is looked at from two days before, since only changes of the clock near it matter.
        let today = reading.floorDivided(by: 86_400)
        guard let day = nextDay(from: Int(today) - 1) else { return nil }
        let ahead = Int64(day - 2) * 86_400
        if ahead > reading { last = ahead - zone.offset(at: last) }
        return tick(after: last, zone, daylightSaving)
    }

    private func tick(
        after last: Int64,
        _ zone: ScheduleZone,
        _ policy: DaylightSaving
    ) -> Tick? {
        var stretch = zone.stretch(at: last)
        // A search that passes more changes than this has left the years with zone rules.
        for _ in 0..<1000 {
            if let tick = skippedTick(at: stretch, after: last, policy) { return tick }
            var reading = max(last + 1, stretch.start) + stretch.offset
            if !followsClock, policy.repeated == .first, let before = stretch.before {
                reading = max(reading, stretch.start + before)
            }
            guard let found = nextReading(from: reading) else { return nil }
            let second = found - stretch.offset
            if let change = zone.change(after: max(last, stretch.start), through: second) {
                stretch = zone.stretch(from: change)
                continue
            }
            guard let change = repetition(of: found, at: second, zone, policy) else {
                let due = Timestamp(seconds: second)
                return due.isInCalendar ? Tick(due: due) : nil
            }
            stretch = zone.stretch(from: change)
        }
        return nil
    }

    /// The tick right after a gap, if the wall clock skipped a time of the expression.
    private func skippedTick(
        at stretch: ScheduleZone.Stretch,
        after last: Int64,
        _ policy: DaylightSaving
    ) -> Tick? {
        guard !followsClock, stretch.start > last, let before = stretch.before,
            before < stretch.offset,
            let reading = nextReading(from: stretch.start + before),
            reading < stretch.start + stretch.offset
        else { return nil }
        let minute = (stretch.start + 59).floorDivided(by: 60) * 60
        let text = CivilTime(Timestamp(seconds: reading)).readingText
        let kind: Tick.Kind =
            policy.skipped == .runAfter ? .shifted(from: text) : .absent(at: text)
        return Tick(due: Timestamp(seconds: minute), kind: kind)
    }

    /// The change after which the reading comes again, if only the second time counts.
    private func repetition(
        of reading: Int64,
        at second: Int64,
        _ zone: ScheduleZone,
        _ policy: DaylightSaving
    ) -> Int64? {
        guard !followsClock, policy.repeated == .second else { return nil }
        guard let change = zone.change(after: second, through: second + 86_400) else { return nil }
        return reading >= change + zone.offset(at: change) ? change : nil
    }

    /// The last tick before an instant.
    ///
    /// - Returns: nil if there is none back to the year 1.
    public func previous(
        before instant: Timestamp,
        in zone: ScheduleZone,
        daylightSaving: DaylightSaving = .standard
    ) -> Tick? {
        TickSearch.previous(before: instant) { moment in
            next(after: moment, in: zone, daylightSaving: daylightSaving)
        }
    }
}

/// Looks back with a search that only looks forward.
enum TickSearch {
    private static let firstSecond: Int64 = -62_135_596_800

    /// The last tick before an instant: steps back twice as far each time until a tick lies between, then
    /// halves.
    static func previous(before instant: Timestamp, next: (Timestamp) -> Tick?) -> Tick? {
        // Ticks fall on whole seconds.
        let end = instant.nanoseconds > 0 ? instant.seconds + 1 : instant.seconds
        func tick(after second: Int64) -> Tick? {
            guard let tick = next(Timestamp(seconds: second)), tick.due.seconds < end else {
                return nil
            }
            return tick
        }
        var step: Int64 = 60
        var low = end - 1
        var found: Tick?
        while found == nil {
            guard low > firstSecond else { return nil }
            low = max(firstSecond, end - 1 - step)
            step *= 2
            found = tick(after: low)
        }
        var high = end - 1
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if let later = tick(after: middle) {
                found = later
                low = max(middle, later.due.seconds - 1)
            } else {
                high = middle
            }
        }
        return found
    }
}

extension CivilTime {
    /// The reading without a zone, `2026-03-29T02:30:00`.
    var readingText: String {
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(date)T\(two(hour)):\(two(minute)):\(two(second))"
    }
}
