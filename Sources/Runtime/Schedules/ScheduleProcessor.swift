import EventLog
import EventModel
import Schedules
import WorkflowEngine

/// Carries commands to schedules, as ``InstanceProcessor`` does to instances: loads the state, lets the
/// decider decide, appends what it decided at exactly the revision that it was decided on.
///
/// It starts nothing: the router reads the decisions back from the log and starts what they name.
final class ScheduleProcessor: Sendable {
    private static let conflictsMax = 1000

    private let context: EngineContext
    private let instances: InstanceProcessor
    private let zones: any TimeZoneRules
    private let locks = KeyedLock<String>()

    init(context: EngineContext, instances: InstanceProcessor, zones: any TimeZoneRules) {
        self.context = context
        self.instances = instances
        self.zones = zones
    }

    /// The schedule as the log has it now.
    func load(_ id: String) throws(ScheduleError) -> LoadedSchedule {
        var loaded = snapshot(id) ?? .absent
        try ScheduleStream.fold(&loaded, of: id, from: context.store)
        return loaded
    }

    private func snapshot(_ id: String) -> LoadedSchedule? {
        guard let bytes = try? context.views.value(ViewTables.schedules, ViewKey.text(id)) else {
            return nil
        }
        return (try? Value(canonicalBytes: bytes))?["loaded"].flatMap(LoadedSchedule.init)
    }

    /// What a command is made of once the state and the instances that run are known.
    typealias Make =
        @Sendable (
            _ loaded: LoadedSchedule,
            _ running: Set<EventID>
        ) -> ScheduleCommand

    /// Sends a command.
    ///
    /// - Returns: the events; none if the command had no effect.
    @discardableResult
    func execute(
        on id: String,
        actor: String,
        causation: EventID? = nil,
        _ make: Make
    ) async throws(ScheduleError) -> [ScheduleEvent] {
        try await context.board.busy { () async throws(ScheduleError) in
            try await locks.withLock(id) { () async throws(ScheduleError) in
                var loaded = try load(id)
                return try await attempt(on: id, &loaded, actor, causation, make)
            }
        }
    }

    /// Decides everything that is due up to an instant, in as many steps as it takes.
    func advance(
        _ id: String,
        through end: Timestamp,
        causation: EventID? = nil
    ) async throws(ScheduleError) {
        try await context.board.busy { () async throws(ScheduleError) in
            try await locks.withLock(id) { () async throws(ScheduleError) in
                var loaded = try load(id)
                while !Task.isCancelled {
                    let actor = context.configuration.actor
                    let events = try await attempt(on: id, &loaded, actor, causation) {
                        .advance(through: end, running: $1)
                    }
                    // Somebody who waits may have been let go between the look and the decision,
                    // and then nobody else would wake the schedule: so it is looked at once more.
                    if events.isEmpty { return }
                    try ScheduleStream.fold(&loaded, of: id, from: context.store)
                }
            }
        }
    }

    private func attempt(
        on id: String,
        _ loaded: inout LoadedSchedule,
        _ actor: String,
        _ causation: EventID?,
        _ make: Make
    ) async throws(ScheduleError) -> [ScheduleEvent] {
        for _ in 0..<ScheduleProcessor.conflictsMax {
            let command = make(loaded, try running(loaded.state))
            let decider = try decider(id, loaded.state, command)
            let events: [ScheduleEvent]
            do throws(ScheduleRejection) {
                events = try decider.decide(command, state: loaded.state, at: context.time.now)
            } catch {
                throw .rejected(error)
            }
            guard !events.isEmpty else { return [] }
            let write = write(events, on: id, loaded, actor, causation)
            do throws(EventLogError) {
                _ = try await context.store.append([write])
                return events
            } catch {
                guard error.code == .wrongExpectedRevision else { throw .log(error) }
            }
            try ScheduleStream.fold(&loaded, of: id, from: context.store)
        }
        throw .log(EventLogError(.wrongExpectedRevision, "schedule \(id) never stands still"))
    }

    private func decider(
        _ id: String,
        _ state: ScheduleState,
        _ command: ScheduleCommand
    ) throws(ScheduleError) -> ScheduleDecider {
        let name = state.definition?.timeZone ?? "UTC"
        if let zone = ScheduleZone(name, rules: zones) {
            return ScheduleDecider(id: id, zone: zone)
        }
        // Only ticks need the zone; a schedule in one that is gone can still be changed and paused.
        if case .advance = command { throw .unknownZone(schedule: id, zone: name) }
        guard let utc = ScheduleZone("UTC", rules: zones) else {
            throw .unknownZone(schedule: id, zone: "UTC")
        }
        return ScheduleDecider(id: id, zone: utc)
    }

    /// The schedule's instances that have not ended, those included that are about to be started.
    private func running(_ state: ScheduleState) throws(ScheduleError) -> Set<EventID> {
        var running: Set<EventID> = []
        let routed = context.board.position(TriggerRouter.follower)
        for active in state.active {
            let loaded: LoadedInstance
            do throws(CommandError) {
                loaded = try instances.load(active.instance)
            } catch {
                // What cannot be read cannot be known to have ended.
                running.insert(active.instance)
                continue
            }
            // The router has passed the decision without starting it: it was refused, and never runs.
            let isRefused = loaded.state.status == .absent && routed >= active.position
            if !loaded.state.status.isEnded, !isRefused { running.insert(active.instance) }
        }
        return running
    }

    private func write(
        _ events: [ScheduleEvent],
        on id: String,
        _ loaded: LoadedSchedule,
        _ actor: String,
        _ causation: EventID?
    ) -> StreamWrite {
        let stream = ScheduleStream.name(id)
        let proposed = events.enumerated().map { index, event in
            let data = event.data
            return ProposedEvent(
                id: DerivedIdentity.scheduleEvent(
                    stream: stream,
                    revision: loaded.count + UInt64(index),
                    data: data.digest
                ),
                type: event.type,
                actor: actor,
                causation: causation,
                data: data
            )
        }
        return StreamWrite(
            stream: stream,
            expected: loaded.count == 0 ? .none : .exact(loaded.count - 1),
            events: proposed
        )
    }
}

extension DerivedIdentity {
    static func scheduleEvent(stream: StreamName, revision: UInt64, data: Digest) -> EventID {
        .derived(from: scheduleRoot, "\(stream)/\(revision)/\(data.hexadecimal)")
    }

    private static let scheduleRoot = Identifier.derived(
        from: Identifier(high: 0, low: 0),
        "daybook/schedule"
    )
}
