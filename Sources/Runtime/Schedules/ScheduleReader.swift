public import EventLog
public import EventModel
public import Schedules

/// Reads schedules from the log alone, folding anew.
public struct ScheduleReader: Sendable {
    private static let pageEvents = 500

    private let store: any EventStore

    /// Reads from a log.
    public init(store: any EventStore) { self.store = store }

    /// The state of a schedule.
    ///
    /// - Throws: ``ScheduleError``; ``ScheduleError/unknown(_:remedy:)`` if there is none.
    public func state(of id: String) throws(ScheduleError) -> ScheduleState {
        var loaded = LoadedSchedule.absent
        try ScheduleStream.fold(&loaded, of: id, from: store)
        guard loaded.count > 0 else {
            throw .unknown(id, remedy: "'daybook schedule list' shows them")
        }
        return loaded.state
    }

    /// The newest decisions on ticks, the newest first.
    ///
    /// - Throws: ``ScheduleError``.
    public func decisions(
        of id: String,
        limit: Int
    ) throws(ScheduleError) -> [ScheduleEvent.TickDecided] {
        var found: [ScheduleEvent.TickDecided] = []
        var from: Revision?
        while found.count < limit {
            let page = try page(id, from: from, .backward)
            for event in page where found.count < limit {
                if let tick = try Self.tick(event) { found.append(tick) }
            }
            guard let last = page.last, last.revision > 0 else { break }
            from = last.revision - 1
        }
        return found
    }

    /// What a backfill would run: the ticks of a stretch of time, told apart by what became of them.
    ///
    /// - Parameters:
    ///   - id: the schedule's.
    ///   - first: the first instant of the stretch.
    ///   - last: its last one, not in the future.
    ///   - zones: the machine's zones.
    /// - Throws: ``ScheduleError``, also if the stretch has more ticks than can be listed.
    public func backfill(
        of id: String,
        from first: Timestamp,
        through last: Timestamp,
        zones: any TimeZoneRules
    ) throws(ScheduleError) -> BackfillPlan {
        let state = try state(of: id)
        guard let definition = state.definition else {
            throw .unknown(id, remedy: "'daybook schedule list' shows them")
        }
        guard let zone = ScheduleZone(definition.timeZone, rules: zones) else {
            throw .unknownZone(schedule: id, zone: definition.timeZone)
        }
        guard first <= last else { throw .badInput("the stretch ends before it begins") }
        let ticks = definition.ticks(
            after: first - .nanoseconds(1),
            through: last,
            limit: ScheduleLimits.listedMax + 1,
            in: zone
        )
        guard ticks.count <= ScheduleLimits.listedMax else {
            throw .badInput(
                "the stretch has more than \(ScheduleLimits.listedMax) ticks; take a shorter one"
            )
        }
        let decided = try fates(id, from: first, through: last)
        var plan = BackfillPlan()
        for tick in ticks {
            // A time that the clock skipped and that is not to run is no tick that can run.
            if case .absent = tick.kind { continue }
            switch decided[tick.due] {
            case .none: plan.undecided.append(tick.due)
            case .some(.ran): plan.ran.append(tick.due)
            case .some(.waits): plan.waiting.append(tick.due)
            case .some(.didNotRun): plan.notRun.append(tick.due)
            }
        }
        return plan
    }

    private enum Fate {
        case ran, waits, didNotRun
    }

    private func fates(
        _ id: String,
        from first: Timestamp,
        through last: Timestamp
    ) throws(ScheduleError) -> [Timestamp: Fate] {
        var fates: [Timestamp: Fate] = [:]
        var next: Revision = 0
        while true {
            let page = try page(id, from: next, .forward)
            for event in page {
                let happened = try Self.event(event)
                switch happened {
                case .tickDecided(let tick) where tick.due >= first && tick.due <= last:
                    let fate: Fate =
                        tick.start != nil ? .ran : tick.decision == .queued ? .waits : .didNotRun
                    if fates[tick.due] != .ran { fates[tick.due] = fate }
                case .tickReleased(let tick): fates[tick.due] = .ran
                case .removed:
                    for (due, fate) in fates where fate == .waits { fates[due] = .didNotRun }
                case .created, .changed, .paused, .resumed, .triggered, .tickDecided: break
                }
            }
            guard let last = page.last, page.count == ScheduleReader.pageEvents else {
                return fates
            }
            next = last.revision + 1
        }
    }

    private func page(
        _ id: String,
        from revision: Revision?,
        _ direction: ReadDirection
    ) throws(ScheduleError) -> [Event] {
        do throws(EventLogError) {
            return try store.readStream(
                ScheduleStream.name(id),
                from: revision,
                direction: direction,
                limit: ScheduleReader.pageEvents
            )
        } catch {
            throw .log(error)
        }
    }

    private static func event(_ event: Event) throws(ScheduleError) -> ScheduleEvent {
        do throws(ScheduleDataError) {
            return try ScheduleEvent(type: event.type, data: event.data)
        } catch {
            throw .unreadable(position: event.position, reason: "\(error)")
        }
    }

    private static func tick(
        _ event: Event
    ) throws(ScheduleError) -> ScheduleEvent.TickDecided? {
        guard case .tickDecided(let tick) = try Self.event(event) else { return nil }
        return tick
    }
}

/// The ticks of a stretch of time, each in its order.
public struct BackfillPlan: Sendable, Hashable {
    /// Never decided, since the schedule was not there: a backfill runs them.
    public var undecided: [Timestamp] = []
    /// Decided as missed or skipped: a backfill runs them if it is asked for them, too.
    public var notRun: [Timestamp] = []
    /// They wait for their turn already.
    public var waiting: [Timestamp] = []
    /// They have started an instance, and never start another.
    public var ran: [Timestamp] = []

    /// What a backfill runs.
    ///
    /// - Parameter includingNotRun: those too that were decided as missed or skipped.
    public func runs(includingNotRun: Bool) -> [Timestamp] {
        includingNotRun ? (undecided + notRun).sorted() : undecided
    }
}
