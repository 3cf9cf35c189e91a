import Documents
public import EventModel
import Schedules
import WorkflowEngine

extension Engine {
    /// Pauses a schedule: its ticks are decided as skipped until somebody resumes it.
    ///
    /// - Throws: ``ScheduleError``.
    public func pause(schedule id: String, reason: String, actor: String) async throws {
        try await send(to: id, actor) { _, _ in .pause(reason: reason) }
    }

    /// Lets a paused schedule go on.
    ///
    /// - Throws: ``ScheduleError``.
    public func resume(schedule id: String, actor: String) async throws {
        try await send(to: id, actor) { _, _ in .resume }
    }

    /// Starts an instance of a schedule by hand, beside whatever runs.
    ///
    /// - Returns: the instance.
    /// - Throws: ``ScheduleError``.
    public func trigger(schedule id: String, actor: String) async throws -> EventID {
        let events = try await send(to: id, actor) { loaded, running in
            .trigger(key: String(loaded.count), running: running)
        }
        guard let start = events.first?.start else {
            throw ScheduleError.badInput("the schedule '\(id)' started nothing")
        }
        return start.instance
    }

    /// What a backfill would run; changes nothing.
    ///
    /// - Throws: ``ScheduleError``.
    public func planBackfill(
        schedule id: String,
        from first: Timestamp,
        through last: Timestamp
    ) async throws -> BackfillPlan {
        try await onOwnThreads {
            try require(id)
            return try ScheduleReader(store: context.store).backfill(
                of: id,
                from: first,
                through: min(last, context.time.now),
                zones: schedules.zones
            )
        }
    }

    /// Runs the ticks of a stretch of time that never ran, one after the other where the schedule's
    /// overlap does not allow more; those that ran before never run again.
    ///
    /// - Parameters:
    ///   - id: the schedule's.
    ///   - first: the first instant of the stretch.
    ///   - last: its last one.
    ///   - includingNotRun: those too that were decided as missed or skipped.
    ///   - actor: who wants it.
    /// - Returns: the ticks.
    /// - Throws: ``ScheduleError``.
    public func backfill(
        schedule id: String,
        from first: Timestamp,
        through last: Timestamp,
        includingNotRun: Bool,
        actor: String
    ) async throws -> [Timestamp] {
        let plan = try await planBackfill(schedule: id, from: first, through: last)
        let ticks = plan.runs(includingNotRun: includingNotRun)
        guard !ticks.isEmpty else { return [] }
        try await send(to: id, actor) { _, running in .backfill(ticks: ticks, running: running) }
        return ticks
    }

    @discardableResult
    private func send(
        to id: String,
        _ actor: String,
        _ make: ScheduleProcessor.Make
    ) async throws -> [ScheduleEvent] {
        try await onOwnThreads {
            try require(id)
            return try await schedules.processor.execute(on: id, actor: actor, make)
        }
    }

    private func require(_ id: String) throws {
        guard try schedules.processor.load(id).count == 0 else { return }
        let names = try ScheduleDirectory(views: context.views).entries().map(\.id)
        throw ScheduleError.unknown(id, remedy: Suggestion.remedy(for: id, among: names))
    }
}
