import EventModel
import Runtime
import WorkflowEngine

/// The state of an instance as people read it.
struct InstanceText {
    private static let valueWidth = 100

    let snapshot: InstanceTravel.Snapshot

    init(_ snapshot: InstanceTravel.Snapshot) { self.snapshot = snapshot }

    private var state: InstanceState { snapshot.state }

    /// A head, a table of the steps, and what else there is.
    var lines: [String] {
        var lines = head
        lines += steps
        lines += section("variables", state.variables)
        if !state.timers.isEmpty {
            lines += ["", Terminal.styled("timers", .bold)]
            for timer in state.waitingTimers {
                lines.append(
                    "  \(timer.due.shown)  \(timer.step) (\(timer.purpose.rawValue))"
                )
            }
        }
        lines += section("input", state.input.mapValue ?? ValueMap())
        lines += section("output", state.output.mapValue ?? ValueMap())
        return lines
    }

    private var head: [String] {
        var title = Terminal.styled(snapshot.instance.text, .bold)
        title += "  \(state.workflow)  " + Terminal.styled(state.status.rawValue, color)
        if let outcome = state.outcome, outcome != state.status.rawValue {
            title += " (\(outcome))"
        }
        var rows: [(String, String)] = []
        if let entity = state.entity { rows.append(("entity", entity)) }
        rows.append(("started", EventSentence.trigger(state.trigger)))
        if let started = state.startedAt { rows.append(("at", started.shown)) }
        if let ended = state.endedAt {
            let took = state.startedAt.map { " (\(Self.short(ended - $0)))" } ?? ""
            rows.append(("ended", ended.shown + took))
        }
        let ofToday =
            snapshot.eventCountToday == state.eventCount
            ? "" : " of \(snapshot.eventCountToday), as it was at \(snapshot.lastEvent.recordedAt)"
        rows.append(("events", "\(state.eventCount)\(ofToday)"))
        if let definition = state.definition {
            rows.append(("version", String(definition.hexadecimal.prefix(12))))
        }
        if let failure = state.failure {
            rows.append(
                ("failure", "\(state.failedStep ?? "?"): \(failure.code): \(failure.message)")
            )
        }
        return [title]
            + rows.map { name, text in
                "  " + Terminal.styled(name.padding(8), .dim) + " " + text
            }
    }

    private var steps: [String] {
        guard !state.steps.isEmpty else { return ["", "no step has begun"] }
        var table = Table(["step", "is", "attempt", "gave"])
        for path in snapshot.stepOrder {
            guard let step = state.steps[path] else { continue }
            table.add([
                path, step.phase.rawValue, step.attempt > 0 ? String(step.attempt) : "",
                result(of: path, step),
            ])
        }
        return [""] + table.lines(indentation: "  ")
    }

    private func result(of path: String, _ step: StepState) -> String {
        if let failure = step.failure, !step.phase.isDone {
            return "\(failure.code): \(failure.message)".cut(Self.valueWidth)
        }
        let name = path.split(separator: ".").last.map(String.init) ?? path
        guard step.phase == .completed, let output = state.outputs[name], !output.isNull else {
            return ""
        }
        return EventSentence.shown(output).cut(Self.valueWidth)
    }

    private func section(_ title: String, _ members: ValueMap) -> [String] {
        guard !members.isEmpty else { return [] }
        let width = members.stringKeys.map(\.count).max() ?? 0
        return ["", Terminal.styled(title, .bold)]
            + members.stringKeys.map { name in
                let text = EventSentence.shown(members[name] ?? .null)
                return "  \(name.padding(width))  \(text.cut(Self.valueWidth))"
            }
    }

    private var color: Terminal.Style {
        if state.failure != nil { return .red }
        return state.status.isEnded ? .green : .yellow
    }

    /// A span of time to the millisecond.
    static func short(_ duration: Duration) -> String {
        let parts = duration.components
        let milliseconds = parts.seconds * 1000 + parts.attoseconds / 1_000_000_000_000_000
        return DurationText.short(.milliseconds(milliseconds))
    }
}
