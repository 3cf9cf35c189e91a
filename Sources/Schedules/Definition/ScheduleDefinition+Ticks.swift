public import EventModel

extension ScheduleDefinition {
    /// The first tick after an instant; nil if there is none any more.
    ///
    /// - Parameters:
    ///   - instant: the tick is strictly later.
    ///   - zone: the zone of ``timeZone``.
    public func next(after instant: Timestamp, in zone: ScheduleZone) -> Tick? {
        var from = instant
        // The tick may be at the start itself.
        if let start, start > from { from = start - .nanoseconds(1) }
        let tick: Tick?
        switch timing {
        case .cron(let expression):
            tick = expression.next(after: from, in: zone, daylightSaving: daylightSaving)
        case .every(let length):
            let seconds = max(1, length.components.seconds)
            let anchor = start?.seconds ?? 0
            let count = (from.seconds - anchor).floorDivided(by: seconds) + 1
            tick = Tick(due: Timestamp(seconds: anchor + count * seconds))
        }
        guard let tick, tick.due.isInCalendar else { return nil }
        if let end, tick.due >= end { return nil }
        return tick
    }

    /// The last tick before an instant; nil if there is none.
    public func previous(before instant: Timestamp, in zone: ScheduleZone) -> Tick? {
        TickSearch.previous(before: instant) { next(after: $0, in: zone) }
    }

    /// The ticks after one instant and not after another, in order, up to a number of them.
    public func ticks(
        after first: Timestamp,
        through last: Timestamp,
        limit: Int,
        in zone: ScheduleZone
    ) -> [Tick] {
        var ticks: [Tick] = []
        var from = first
        while ticks.count < limit, let tick = next(after: from, in: zone), tick.due <= last {
            ticks.append(tick)
            from = tick.due
        }
        return ticks
    }

    /// How much later than it is due a tick runs; the same each time it is asked.
    ///
    /// - Parameters:
    ///   - due: when the tick is due.
    ///   - schedule: the schedule's id, so that not all schedules wait equally long.
    public func delay(of due: Timestamp, schedule: String) -> Duration {
        let span = UInt64(max(0, jitter.components.seconds))
        guard span > 0 else { return .zero }
        let digest = Digest.sha256("\(schedule)@\(due.seconds)".utf8).bytes
        let number = digest.prefix(8).reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
        return .seconds(Int64(number % (span + 1)))
    }
}
