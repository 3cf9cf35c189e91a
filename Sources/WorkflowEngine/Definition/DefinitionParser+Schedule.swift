import Documents
import EventModel
import Schedules

/// Reads the triggers `schedule: "0 9 * * MON"` and `every: 15m`.
extension DefinitionParser {
    mutating func schedule(_ reader: inout MappingReader) -> Trigger? {
        let name = reader.node("name").map { self.name($0, what: "the schedule's name") }
        let timing = timing(&reader)
        let zone = reader.node("time_zone")
        var definition = ScheduleDefinition(timing ?? .every(.seconds(1)))
        if let zone {
            if let text = zone.text {
                definition.timeZone = text
            } else {
                report(zone, "'time_zone' must be a text, not a \(zone.kind)")
            }
        }
        let overlap = reader.choice("overlap", of: ScheduleDefinition.Overlap.self)
        if let node = reader.node("catch_up") { definition.catchUp = catchUp(node) }
        // Missed ticks that all run come at once, so by themselves they run one after the other.
        definition.overlap = overlap ?? (definition.catchUp.mode == .all ? .queue : .skip)
        if let node = reader.node("daylight_saving") {
            var inner = MappingReader(node, what: "'daylight_saving'")
            definition.daylightSaving = DaylightSaving(
                skipped: inner.choice("skipped", of: DaylightSaving.Skipped.self) ?? .runAfter,
                repeated: inner.choice("repeated", of: DaylightSaving.Repeated.self) ?? .first
            )
            problems += inner.finish()
        }
        if let node = reader.node("jitter") {
            definition.jitter = jitter(node)
        }
        definition.start = instant("start", &reader)
        definition.end = instant("end", &reader)
        if let start = definition.start, let end = definition.end, start >= end {
            reader.report(
                Problem(
                    at: reader.place,
                    "the schedule ends before it starts",
                    remedy: "write an 'end' that is later than 'start'"
                )
            )
        }
        definition.isPaused = reader.boolean("paused") ?? false
        if let node = reader.node("input") {
            if node.members == nil { report(node, "'input' must be a mapping") }
            definition.input = node.value
        }
        guard timing != nil else { return nil }
        return .schedule(
            ScheduleTrigger(
                name: name,
                definition: definition,
                place: reader.place,
                zonePlace: zone?.place ?? reader.place
            )
        )
    }

    private mutating func timing(_ reader: inout MappingReader) -> ScheduleDefinition.Timing? {
        let expression = reader.node("schedule")
        let every = reader.node("every")
        if let node = expression {
            guard let text = node.text else {
                let remedy = "write 'schedule: \"0 9 * * MON\"'"
                report(node, "'schedule' must be a cron expression, not a \(node.kind)", remedy)
                return nil
            }
            do throws(CronError) {
                return .cron(try CronExpression(text))
            } catch {
                let place = error.field.map { ", \($0), character \(error.column)" } ?? ""
                report(node, "'\(text)'\(place): \(error.message)", error.remedy)
                return nil
            }
        }
        guard let node = every, let length = duration(node, what: "every") else { return nil }
        let isWhole = length.components.attoseconds == 0
        guard isWhole, ScheduleLimits.everySeconds.contains(length.components.seconds) else {
            report(node, "'every' must be whole seconds, at least one", "write it like 15m")
            return nil
        }
        return .every(length)
    }

    private mutating func catchUp(_ node: Node) -> ScheduleDefinition.CatchUp {
        typealias Mode = ScheduleDefinition.CatchUp.Mode
        if let text = node.text {
            if let mode = Mode(rawValue: text) { return ScheduleDefinition.CatchUp(mode) }
            let words = Mode.allCases.map(\.rawValue)
            report(node, "'\(text)' is no catch_up", Suggestion.remedy(for: text, among: words))
            return ScheduleDefinition.CatchUp(.last)
        }
        var reader = MappingReader(node, what: "'catch_up'")
        var catchUp = ScheduleDefinition.CatchUp(reader.choice("mode", of: Mode.self) ?? .all)
        let limit = reader.integer("limit", in: 1...Int64(ScheduleLimits.caughtUpMax))
        if let limit { catchUp.limit = Int(limit) }
        if let node = reader.node("window"), let window = duration(node, what: "window") {
            catchUp.window = window
        }
        problems += reader.finish()
        return catchUp
    }

    private mutating func jitter(_ node: Node) -> Duration {
        guard let jitter = duration(node, what: "jitter", zeroAllowed: true) else { return .zero }
        let isWhole = jitter.components.attoseconds == 0
        guard isWhole, jitter <= ScheduleLimits.jitterMax else {
            report(node, "'jitter' must be whole seconds, at most a day", "write it like 5m")
            return .zero
        }
        return jitter
    }

    private mutating func instant(_ key: String, _ reader: inout MappingReader) -> Timestamp? {
        guard let node = reader.node(key) else { return nil }
        if let instant = node.text.flatMap(TimeText.timestamp) ?? node.scalar?.timestampValue {
            return instant
        }
        report(
            node,
            "'\(key)' must be an instant",
            "write it with its offset, like 2026-12-01T00:00:00+01:00"
        )
        return nil
    }

    /// Two schedules of one workflow must have different names, since each has its own history.
    mutating func checkScheduleNames(_ triggers: [Trigger]) {
        var names: Set<String> = []
        for case .schedule(let trigger) in triggers {
            guard !names.insert(trigger.name ?? "").inserted else { continue }
            let shown = trigger.name.map { "the name '\($0)'" } ?? "no name"
            problems.append(
                Problem(
                    at: trigger.place,
                    "two schedules of the workflow have \(shown)",
                    remedy: "give each but one a 'name' of its own"
                )
            )
        }
    }

    private mutating func report(_ node: Node, _ message: String, _ remedy: String = "") {
        problems.append(Problem(at: node.place, message, remedy: remedy))
    }
}
