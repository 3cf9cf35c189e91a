public import EventModel

/// A schedule as its events have made it.
public struct ScheduleState: Sendable, Hashable {
    /// A tick that waits for its turn.
    public struct Queued: Sendable, Hashable {
        public var due: Timestamp
    }

    /// An instance that the schedule started and that is not known to have ended.
    public struct Active: Sendable, Hashable {
        public var instance: EventID
        /// Where the event stands that starts it.
        public var position: Position

        public init(instance: EventID, position: Position) {
            self.instance = instance
            self.position = position
        }
    }

    /// The last decision on a tick, for people who look.
    public struct Last: Sendable, Hashable {
        public var due: Timestamp
        public var decision: ScheduleEvent.Decision
        public var reason: String
        public var instance: EventID?
    }

    /// The workflow that it starts; nil before it was created.
    public internal(set) var workflow: String?
    public internal(set) var definition: ScheduleDefinition?
    /// The deployment that was last heard of.
    public internal(set) var deployment: Position = .start
    public internal(set) var isRemoved = false
    public internal(set) var isPaused = false
    /// Why it is paused, in the words of who did it.
    public internal(set) var pauseReason: String?
    /// Every tick up to here is decided; it never goes back, whatever the clock does.
    public internal(set) var decidedThrough: Timestamp?
    public internal(set) var queue: [Queued] = []
    public internal(set) var active: [Active] = []
    public internal(set) var last: Last?
    /// How many ticks were decided, and how many instances were started, those by hand too.
    public internal(set) var tickCount = 0
    public internal(set) var startCount = 0

    /// A schedule that was never created.
    public static let initial = ScheduleState()

    /// Whether it has ticks to come.
    public var isLive: Bool { definition != nil && !isRemoved }

    /// The next tick that is not decided yet, and when it runs; nil if there is none.
    ///
    /// - Parameters:
    ///   - id: the schedule's.
    ///   - zone: the zone of its definition.
    public func next(id: String, in zone: ScheduleZone) -> (tick: Tick, runs: Timestamp)? {
        guard isLive, let definition, let decidedThrough,
            let tick = definition.next(after: decidedThrough, in: zone)
        else { return nil }
        return (tick, tick.due + definition.delay(of: tick.due, schedule: id))
    }
}

extension ScheduleState {
    /// Takes an event in.
    ///
    /// - Parameters:
    ///   - event: what happened.
    ///   - position: where it stands in the log.
    public mutating func evolve(_ event: ScheduleEvent, at position: Position) {
        switch event {
        case .created(let deployed):
            take(deployed)
            isRemoved = false
            isPaused = deployed.definition.isPaused
            pauseReason = nil
        case .changed(let deployed):
            // Who paused it by hand did not mean only this version.
            if definition?.isPaused != deployed.definition.isPaused {
                isPaused = deployed.definition.isPaused
                pauseReason = nil
            }
            take(deployed)
        case .removed(let deployment):
            self.deployment = deployment
            isRemoved = true
            queue = []
        case .paused(let reason):
            isPaused = true
            pauseReason = reason
        case .resumed:
            isPaused = false
            pauseReason = nil
        case .tickDecided(let event): take(event, at: position)
        case .tickReleased(let event):
            queue.removeAll { $0.due == event.due }
            active = []
            started(event.start, at: position)
        case .triggered(let event):
            keep(event.running)
            started(event.start, at: position)
        }
    }

    private mutating func take(_ deployed: ScheduleEvent.Deployed) {
        workflow = deployed.workflow
        definition = deployed.definition
        deployment = deployed.deployment
        decidedThrough = max(decidedThrough ?? deployed.from, deployed.from)
    }

    private mutating func take(_ event: ScheduleEvent.TickDecided, at position: Position) {
        if !event.isBackfill { decidedThrough = max(decidedThrough ?? event.due, event.due) }
        keep(event.running.filter { !event.cancels.contains($0) })
        if event.decision == .queued { queue.append(Queued(due: event.due)) }
        if let start = event.start { started(start, at: position) }
        last = Last(
            due: event.due,
            decision: event.decision,
            reason: event.reason,
            instance: event.start?.instance
        )
        tickCount += 1
    }

    private mutating func keep(_ running: [EventID]) {
        active.removeAll { !running.contains($0.instance) }
    }

    private mutating func started(_ start: ScheduleEvent.Start, at position: Position) {
        startCount += 1
        // Where instances may run beside each other nobody asks, and the list would only grow.
        guard definition?.overlap != .allow else { return }
        active.append(Active(instance: start.instance, position: position))
    }
}
