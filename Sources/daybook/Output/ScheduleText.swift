import EventLog
import EventModel
import Runtime
import Schedules

extension ScheduleCommands {
    /// The schedules of a data folder; none if no engine has run on it yet.
    static func entries(_ folder: DataFolder) throws -> [ScheduleDirectory.Entry] {
        _ = try folder.openLog()
        guard let views = try folder.openViews() else { return [] }
        do {
            return try ScheduleDirectory(views: views).entries()
        } catch {
            throw CommandFailure("the views cannot be read: \(error)", ExitStatus.inputOutput)
        }
    }

    /// Turns a schedule's error into the end of the command.
    static func failing<Result>(
        _ body: () throws(ScheduleError) -> Result
    ) throws(CommandFailure) -> Result {
        do throws(ScheduleError) {
            return try body()
        } catch {
            throw CommandFailure(error.description)
        }
    }
}

extension ScheduleDirectory.Entry {
    private var zone: ScheduleZone? {
        state.definition.flatMap { ScheduleZone($0.timeZone, rules: SystemTimeZones()) }
    }

    /// The next tick that is not decided yet, and when it runs.
    var next: (tick: Tick, runs: Timestamp)? { zone.flatMap { state.next(id: id, in: $0) } }

    /// `removed`, `paused`, or what it is doing.
    var status: String {
        if state.isRemoved { return "removed" }
        if state.isPaused { return "paused" }
        if !state.queue.isEmpty { return "\(state.queue.count) waiting" }
        return "active"
    }

    var value: Value {
        var map = state.value.mapValue ?? ValueMap()
        map["schedule"] = .string(id)
        map["status"] = .string(status)
        map["summary"] = state.definition.map { .string($0.summary) }
        map["next"] = next.map { .timestamp($0.tick.due) }
        map["next_runs"] = next.map { .timestamp($0.runs) }
        return .map(map)
    }

    /// Names and texts, for a person who looks at one schedule.
    var facts: [(name: String, text: String)] {
        var facts = [
            ("schedule", id), ("workflow", state.workflow ?? ""),
            ("due", state.definition?.summary ?? ""),
            ("status", state.pauseReason.map { "\(status): \($0)" } ?? status),
        ]
        if let definition = state.definition {
            let catchUp = definition.catchUp
            facts.append(("overlap", definition.overlap.rawValue))
            let window = DurationText.short(catchUp.window)
            facts.append(
                ("catch up", "\(catchUp.mode.rawValue), at most \(catchUp.limit) within \(window)")
            )
            let saving = definition.daylightSaving
            let words = "\(saving.skipped.rawValue), \(saving.repeated.rawValue)"
            facts.append(("clock change", words))
            if definition.jitter > .zero {
                facts.append(("jitter", DurationText.short(definition.jitter)))
            }
            if let start = definition.start { facts.append(("from", start.shown)) }
            if let end = definition.end { facts.append(("until", end.shown)) }
        }
        facts.append(("next (UTC)", next?.runs.shown ?? "never"))
        facts.append(("so far", "\(state.tickCount) ticks decided, \(state.startCount) starts"))
        if !state.queue.isEmpty { facts.append(("waiting", String(state.queue.count))) }
        for active in state.active { facts.append(("started", active.instance.text)) }
        return facts
    }
}

extension Tick {
    private var note: String {
        switch kind {
        case .regular: ""
        case .shifted(let reading): "the clock skips \(reading)"
        case .absent(let reading): "skipped: the clock skips \(reading)"
        }
    }

    private func reading(in zone: ScheduleZone) -> String {
        let seconds = SystemTimeZones().secondsAheadOfUTC(zone: zone.name, at: due) ?? 0
        return (due + .seconds(seconds)).shown
    }

    func cells(in zone: ScheduleZone) -> [String] { [due.shown, reading(in: zone), note] }

    func value(in zone: ScheduleZone) -> Value {
        var map: ValueMap = [
            "due": .timestamp(due), "local": .string(reading(in: zone)),
            "runs": .bool(true),
        ]
        switch kind {
        case .regular: break
        case .shifted(let reading): map["skipped_time"] = .string(reading)
        case .absent(let reading):
            map["skipped_time"] = .string(reading)
            map["runs"] = false
        }
        return .map(map)
    }
}
