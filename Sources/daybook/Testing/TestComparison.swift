import EventModel
import WorkflowEngine

/// Compares what a simulated instance did with what its case expects.
struct TestComparison {
    let simulation: WorkflowSimulation
    let began: Timestamp

    /// The steps that came to an end, in that order; those that only hold others are left out.
    var steps: [String] {
        var found: [String] = []
        var failed: Set<String> = []
        for (event, _) in simulation.history {
            if case .stepCompleted(let step) = event, !failed.contains(step.step) {
                add(step.step, to: &found)
            } else if case .stepFailed(let step) = event, !step.willRetry,
                failed.insert(step.step).inserted
            {
                add(step.step, to: &found)
            }
        }
        return found
    }

    private func add(_ path: String, to found: inout [String]) {
        let containers = ["if", "parallel", "for_each"]
        let kind = simulation.definition.step(at: path)?.kind
        guard kind.map({ !containers.contains($0) }) ?? true else { return }
        found.append(StepNames.name(path))
    }

    func differences(from expected: WorkflowTestCase.Expectation) -> [String] {
        let state = simulation.state
        var lines: [String] = []
        func compare(_ what: String, _ wanted: String?, _ found: String) {
            guard let wanted, wanted != found else { return }
            lines.append("\(what): expected \(wanted), found \(found)")
        }
        compare("status", expected.status, state.status.rawValue)
        if expected.status == nil, expected.failure == nil, !state.status.isEnded {
            lines.append("status: expected an end, found \(state.status.rawValue)\(reason)")
        } else if expected.status != nil, expected.status != state.status.rawValue, !reason.isEmpty
        {
            lines.append("  \(reason.drop { $0 == " " || $0 == "," })")
        }
        compare("outcome", expected.outcome, state.outcome ?? "none")
        compare("failure", expected.failure, state.failure?.code ?? "none")
        if let wanted = expected.output {
            lines += ValueComparison.differences(wanted, state.output, "output")
        }
        if let wanted = expected.lasts {
            let found = (state.endedAt ?? simulation.now) - began
            compare("lasts", DurationText.short(wanted), DurationText.short(found))
        }
        if let wanted = expected.steps, wanted != steps {
            lines.append("steps:")
            lines += LineDifference.lines(wanted, steps).map { "  \($0)" }
        }
        for name in expected.never where ran(name) {
            lines.append("the step '\(name)' ran, but never should")
        }
        for call in expected.calls { lines += missing(call) }
        return lines
    }

    /// Why the instance has stopped, for messages.
    private var reason: String {
        simulation.state.failure.map { ", because of \($0.code): \($0.message)" } ?? ""
    }

    private func ran(_ name: String) -> Bool {
        steps.contains(name)
            || simulation.calls.contains { StepNames.name($0.step) == name }
    }

    private func missing(_ call: WorkflowTestCase.Call) -> [String] {
        let made = simulation.calls.filter { StepNames.name($0.step) == call.step }
        guard let last = made.last else { return ["the step '\(call.step)' makes no call"] }
        var lines: [String] = []
        if let action = call.action, action != last.action {
            lines.append("\(call.step): expected a call of \(action), found \(last.action)")
        }
        guard let wanted = call.with else { return lines }
        let fits = made.contains { ValueComparison.differences(wanted, $0.input, "").isEmpty }
        return fits ? lines : lines + ValueComparison.differences(wanted, last.input, call.step)
    }
}

/// Compares values as authors mean them: of a map only the members that are named count, instants
/// and
/// lengths of time equal their texts, and 1 equals 1.0.
enum ValueComparison {
    static func differences(_ wanted: Value, _ found: Value, _ path: String) -> [String] {
        switch (wanted, found) {
        case (.map(let wanted), .map(let found)):
            return wanted.stringKeys.flatMap { key -> [String] in
                let inner = path.isEmpty ? key : "\(path).\(key)"
                guard let member = found[key] else {
                    let text = text(wanted[key] ?? .null)
                    return ["\(inner): expected \(text), found nothing"]
                }
                return differences(wanted[key] ?? .null, member, inner)
            }
        case (.list(let wanted), .list(let found)) where wanted.count == found.count:
            return zip(wanted, found).enumerated().flatMap { index, pair in
                differences(pair.0, pair.1, "\(path)[\(index)]")
            }
        default:
            guard plain(wanted) != plain(found) else { return [] }
            return ["\(path): expected \(text(wanted)), found \(text(found))"]
        }
    }

    private static func plain(_ value: Value) -> Value {
        switch value {
        case .timestamp(let timestamp): .string(timestamp.rfc3339)
        case .duration(let duration): .string(DurationText.iso8601(duration))
        case .double(let number): Int64(exactly: number).map { .int($0) } ?? value
        case .uint(let number): Int64(exactly: number).map { .int($0) } ?? value
        case .string(let text):
            if let timestamp = try? Timestamp(rfc3339: text) {
                .string(timestamp.rfc3339)
            } else {
                value
            }
        case .null, .bool, .int, .bytes, .list, .map: value
        }
    }

    private static func text(_ value: Value) -> String {
        let text = (try? JSON.text(value)) ?? value.typeName
        return text.count <= 200 ? text : text.prefix(199) + "…"
    }
}

/// The lines of one list beside those of another: `-` only expected, `+` only found.
enum LineDifference {
    static func lines(_ wanted: [String], _ found: [String]) -> [String] {
        // The longest common subsequence, from the back.
        var lengths = Array(
            repeating: Array(repeating: 0, count: found.count + 1),
            count: wanted.count + 1
        )
        for row in wanted.indices.reversed() {
            for column in found.indices.reversed() {
                lengths[row][column] =
                    wanted[row] == found[column]
                    ? lengths[row + 1][column + 1] + 1
                    : max(lengths[row + 1][column], lengths[row][column + 1])
            }
        }
        var lines: [String] = []
        var (row, column) = (0, 0)
        while row < wanted.count || column < found.count {
            if row < wanted.count, column < found.count, wanted[row] == found[column] {
                lines.append("  \(wanted[row])")
                row += 1
                column += 1
            } else if row < wanted.count,
                column == found.count || lengths[row + 1][column] >= lengths[row][column + 1]
            {
                lines.append("- \(wanted[row])")
                row += 1
            } else {
                lines.append("+ \(found[column])")
                column += 1
            }
        }
        return lines
    }
}
