import EventModel

extension ScheduleDecider {
    /// One decision in the making: its events, and the state that they lead to.
    struct Work {
        let decider: ScheduleDecider
        let definition: ScheduleDefinition
        var state: ScheduleState
        var events: [ScheduleEvent] = []
        /// Which of the schedule's instances run, those that this decision starts included.
        private var running: Set<EventID>

        init(
            decider: ScheduleDecider,
            definition: ScheduleDefinition,
            state: ScheduleState,
            _ running: Set<EventID>
        ) {
            self.decider = decider
            self.definition = definition
            self.state = state
            self.running = running
        }

        private var stillRunning: [EventID] {
            state.active.map(\.instance).filter(running.contains)
        }

        private mutating func emit(_ event: ScheduleEvent) {
            if let start = event.start { running.insert(start.instance) }
            state.evolve(event, at: .start)
            events.append(event)
        }

        private func start(_ due: Timestamp) -> ScheduleEvent.Start {
            ScheduleEvent.Start(
                instance: ScheduleDecider.instance(of: due, schedule: decider.id),
                workflow: state.workflow ?? decider.id,
                deployment: state.deployment,
                input: definition.input
            )
        }
    }
}

extension ScheduleDecider.Work {
    mutating func advance(through end: Timestamp, at now: Timestamp) {
        release()
        guard let decidedThrough = state.decidedThrough else { return }
        let ticks = definition.ticks(
            after: decidedThrough,
            through: end,
            limit: ScheduleLimits.ticksPerDecision + 1,
            in: decider.zone
        )
        guard let first = ticks.first else { return }
        let lateness = Lateness(
            definition,
            ticks: ticks,
            through: end,
            decider.zone,
            isLate: isLate(first, at: now)
        )
        for tick in ticks.prefix(ScheduleLimits.ticksPerDecision) {
            let runs = tick.due + definition.delay(of: tick.due, schedule: decider.id)
            guard runs <= now else { return }
            decide(tick, runs: runs, lateness, at: now)
        }
    }

    private func isLate(_ tick: Tick, at now: Timestamp) -> Bool {
        let delay = definition.delay(of: tick.due, schedule: decider.id)
        return now - (tick.due + delay) > ScheduleLimits.onTime
    }

    private mutating func decide(
        _ tick: Tick,
        runs: Timestamp,
        _ lateness: Lateness,
        at now: Timestamp
    ) {
        if state.isPaused {
            let why = state.pauseReason.map { ": \($0)" } ?? ""
            return decided(tick, .skipped, "the schedule is paused\(why)")
        }
        if case .absent(let reading) = tick.kind {
            return decided(
                tick,
                .skipped,
                "the clock skipped \(reading), and daylight_saving leaves such times out"
            )
        }
        guard isLate(tick, at: now) else {
            if case .shifted(let reading) = tick.kind {
                return run(tick, .shifted, "the clock skipped \(reading); it runs right after")
            }
            return run(tick, .fired, "due")
        }
        if let reason = lateness.refusal(tick, at: now) { return decided(tick, .missed, reason) }
        let late = DurationText.short(.seconds((now - runs).components.seconds))
        run(tick, .caughtUp, "it was missed by \(late); catch_up is \(lateness.mode)")
    }

    /// Starts an instance for a tick, as far as the instances that run let it.
    private mutating func run(
        _ tick: Tick,
        _ decision: ScheduleEvent.Decision,
        _ reason: String,
        isBackfill: Bool = false
    ) {
        let running = stillRunning
        let isFree = running.isEmpty && state.queue.isEmpty
        // What is asked for by hand never runs beside another, and never ends another.
        let overlap = isBackfill && definition.overlap != .allow ? .queue : definition.overlap
        if isFree || overlap == .allow { return started(tick, decision, reason, isBackfill) }
        let shown = running.first.map { "instance \($0.text) still runs" } ?? "others wait"
        switch overlap {
        case .allow: started(tick, decision, reason, isBackfill)
        case .skip: decided(tick, .skipped, "\(shown), and overlap is skip")
        case .cancel:
            let why = running.isEmpty ? "" : "; \(shown) and is cancelled"
            started(tick, decision, reason + why, isBackfill, cancels: running)
        case .queue:
            guard state.queue.count < ScheduleLimits.queuedMax else {
                return decided(
                    tick,
                    .skipped,
                    "\(ScheduleLimits.queuedMax) ticks wait already, and no more can"
                )
            }
            decided(tick, .queued, shown, isBackfill: isBackfill)
        }
    }

    private mutating func started(
        _ tick: Tick,
        _ decision: ScheduleEvent.Decision,
        _ reason: String,
        _ isBackfill: Bool,
        cancels: [EventID] = []
    ) {
        decided(
            tick,
            decision,
            reason,
            start: start(tick.due),
            cancels: cancels,
            isBackfill: isBackfill
        )
    }

    private mutating func decided(
        _ tick: Tick,
        _ decision: ScheduleEvent.Decision,
        _ reason: String,
        start: ScheduleEvent.Start? = nil,
        cancels: [EventID] = [],
        isBackfill: Bool = false
    ) {
        let reading: String? =
            switch tick.kind {
            case .regular: nil
            case .shifted(let reading), .absent(let reading): reading
            }
        emit(
            .tickDecided(
                ScheduleEvent.TickDecided(
                    due: tick.due,
                    decision: decision,
                    reason: reason,
                    start: start,
                    skippedReading: reading,
                    running: stillRunning,
                    cancels: cancels,
                    isBackfill: isBackfill
                )
            )
        )
    }

    mutating func backfill(_ due: Timestamp) {
        run(Tick(due: due), .backfilled, "somebody asked for it", isBackfill: true)
    }

    /// Gives the first tick that waits its turn, if nothing runs any more.
    private mutating func release() {
        guard let first = state.queue.first, stillRunning.isEmpty, !state.isPaused else { return }
        emit(.tickReleased(ScheduleEvent.Released(due: first.due, start: start(first.due))))
    }
}

/// Which of the ticks that come too late run all the same.
struct Lateness {
    private let catchUp: ScheduleDefinition.CatchUp
    /// The newest tick of all that are due; nil if no tick is late.
    private var newest: Timestamp?
    /// The oldest tick that is among the newest so many.
    private var oldest: Timestamp?

    init(
        _ definition: ScheduleDefinition,
        ticks: [Tick],
        through end: Timestamp,
        _ zone: ScheduleZone,
        isLate: Bool
    ) {
        catchUp = definition.catchUp
        guard isLate, catchUp.mode != .none else { return }
        let isWhole = ticks.count <= ScheduleLimits.ticksPerDecision
        if isWhole {
            newest = ticks.last?.due
        } else {
            newest = definition.previous(before: end + .nanoseconds(1), in: zone)?.due
        }
        guard catchUp.mode == .all else { return }
        if isWhole {
            oldest = ticks.suffix(catchUp.limit).first?.due
            return
        }
        oldest = newest
        for _ in 1..<max(1, catchUp.limit) {
            guard let before = oldest, let tick = definition.previous(before: before, in: zone)
            else { break }
            oldest = tick.due
        }
    }

    var mode: String { catchUp.mode.rawValue }

    /// Why a late tick does not run; nil if it does.
    func refusal(_ tick: Tick, at now: Timestamp) -> String? {
        if catchUp.mode == .none { return "nobody could decide it in time, and catch_up is none" }
        guard now - tick.due <= catchUp.window else {
            let window = DurationText.short(catchUp.window)
            return "nobody could decide it in time, and it is older than \(window)"
        }
        if catchUp.mode == .last, let newest, tick.due < newest {
            return "nobody could decide it in time, and catch_up is last: \(newest) runs"
        }
        if catchUp.mode == .all, let oldest, tick.due < oldest {
            return "nobody could decide it in time, and only the newest \(catchUp.limit) run"
        }
        return nil
    }
}
