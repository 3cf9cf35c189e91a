public import EventModel

/// Decides what becomes of a schedule's ticks: a pure function of its state, the command and the time.
public struct ScheduleDecider: Sendable {
    /// The schedule's id.
    public let id: String
    /// The zone of its definition.
    public let zone: ScheduleZone

    /// Makes the decider of one schedule.
    public init(id: String, zone: ScheduleZone) {
        self.id = id
        self.zone = zone
    }

    /// The instance of a tick: always the same one, so that no tick starts two.
    public static func instance(of due: Timestamp, schedule id: String) -> EventID {
        let root = Identifier.build(unixMilliseconds: due.milliseconds, randA: 0, randB: 0)
        return .derived(from: root, "schedule/\(id)/\(due.microseconds)")
    }

    /// The events that a command leads to; none if it changes nothing.
    ///
    /// - Throws: ``ScheduleRejection``.
    public func decide(
        _ command: ScheduleCommand,
        state: ScheduleState,
        at now: Timestamp
    ) throws(ScheduleRejection) -> [ScheduleEvent] {
        switch command {
        case .deploy(let deployed): return deploy(deployed, state)
        case .remove(let deployment):
            guard state.isLive, deployment > state.deployment else { return [] }
            return [.removed(deployment: deployment)]
        case .advance(let end, let running):
            guard state.isLive, let definition = state.definition else { return [] }
            var work = Work(decider: self, definition: definition, state: state, running)
            work.advance(through: min(end, now), at: now)
            return work.events
        case .pause(let reason):
            try requireLive(state)
            guard !state.isPaused else {
                throw ScheduleRejection(.state, "the schedule '\(id)' is paused already")
            }
            return [.paused(reason: reason)]
        case .resume:
            try requireLive(state)
            guard state.isPaused else {
                throw ScheduleRejection(.state, "the schedule '\(id)' is not paused")
            }
            return [.resumed]
        case .trigger(let key, let running):
            return [try trigger(key, running, state, now)]
        case .backfill(let ticks, let running):
            return try backfill(ticks, running, state, now)
        }
    }

    private func deploy(
        _ deployed: ScheduleEvent.Deployed,
        _ state: ScheduleState
    ) -> [ScheduleEvent] {
        guard state.definition != nil, deployed.deployment <= state.deployment else {
            guard state.isLive else { return [.created(deployed)] }
            let isSame =
                state.definition == deployed.definition && state.workflow == deployed.workflow
            return isSame ? [] : [.changed(deployed)]
        }
        return []
    }

    private func trigger(
        _ key: String,
        _ running: Set<EventID>,
        _ state: ScheduleState,
        _ now: Timestamp
    ) throws(ScheduleRejection) -> ScheduleEvent {
        let definition = try requireLive(state)
        let root = Identifier.build(unixMilliseconds: now.milliseconds, randA: 0, randB: 0)
        let start = ScheduleEvent.Start(
            instance: .derived(from: root, "schedule/\(id)/by-hand/\(key)"),
            workflow: state.workflow ?? id,
            deployment: state.deployment,
            input: definition.input
        )
        let still = state.active.map(\.instance).filter(running.contains)
        return .triggered(ScheduleEvent.Triggered(start: start, running: still))
    }

    private func backfill(
        _ ticks: [Timestamp],
        _ running: Set<EventID>,
        _ state: ScheduleState,
        _ now: Timestamp
    ) throws(ScheduleRejection) -> [ScheduleEvent] {
        let definition = try requireLive(state)
        guard ticks.count + state.queue.count <= ScheduleLimits.queuedMax else {
            let room = ScheduleLimits.queuedMax - state.queue.count
            throw ScheduleRejection(
                .input,
                "\(ticks.count) ticks are more than the \(room) that can wait; take a shorter time"
            )
        }
        var work = Work(decider: self, definition: definition, state: state, running)
        for due in ticks.sorted() {
            guard due <= now else {
                throw ScheduleRejection(.input, "the tick at \(due) is still to come")
            }
            guard !work.state.queue.contains(where: { $0.due == due }) else { continue }
            work.backfill(due)
        }
        return work.events
    }

    @discardableResult
    private func requireLive(
        _ state: ScheduleState
    ) throws(ScheduleRejection) -> ScheduleDefinition {
        guard let definition = state.definition else {
            throw ScheduleRejection(.missing, "there is no schedule '\(id)'")
        }
        guard !state.isRemoved else {
            throw ScheduleRejection(
                .state,
                "the schedule '\(id)' was removed by a later version of its workflow"
            )
        }
        return definition
    }
}
