import DaybookTestKit
import EventModel
import WorkflowEngine

/// SplitMix64 (Steele, Lea, Flood 2014): a seed gives the same numbers everywhere.
struct Lots: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// True one time out of so many.
    mutating func one(in count: Int) -> Bool { Int.random(in: 0..<count, using: &self) == 0 }
}

/// Writes small workflows by lot, as YAML, with every construct of the language.
struct RandomWorkflow {
    private static let depthMax = 3
    private var lots: Lots
    private var nameCount = 0

    init(seed: UInt64) { lots = Lots(seed: seed) }

    mutating func text() -> String {
        var text = "workflow: by_lot\n"
        if lots.one(in: 8) { text += "concurrency: {key: \"{{ input.x }}\"}\n" }
        if lots.one(in: 6) { text += "on_incident: fail\n" }
        return text + "steps:\n" + sequence(depth: 0, indent: "  ")
    }

    private mutating func number(_ range: ClosedRange<Int>) -> Int {
        Int.random(in: range, using: &lots)
    }

    private mutating func name() -> String {
        nameCount += 1
        return "s\(nameCount)"
    }

    private mutating func sequence(depth: Int, indent: String) -> String {
        var text = ""
        for _ in 0..<number(1...(depth == 0 ? 4 : 2)) {
            text += step(depth: depth, indent: indent)
        }
        return text
    }

    private mutating func step(depth: Int, indent: String) -> String {
        let inner = indent + "  "
        var text = "\(indent)- name: \(name())\n"
        text += body(number(0...(depth < RandomWorkflow.depthMax ? 20 : 12)), depth, inner)
        if depth < RandomWorkflow.depthMax, lots.one(in: 4) {
            text += handler(depth: depth, indent: inner)
        }
        return text
    }

    private mutating func body(_ kind: Int, _ depth: Int, _ inner: String) -> String {
        switch kind {
        case 0...5: return action(depth, inner)
        case 6: return "\(inner)set: {v\(nameCount): \"{{ input.x + \(nameCount) }}\"}\n"
        case 7: return "\(inner)wait: {for: \(number(1...6))s}\n"
        case 8: return wait(depth, inner)
        case 9: return approval(depth, inner)
        case 10:
            let shape = ["other", "{workflow: other, wait: false, when_parent_ends: cancel}"]
            return "\(inner)call: \(shape[number(0...1)])\n"
                + (lots.one(in: 3) ? "\(inner)retry: {attempts: 2, delay: 1s}\n" : "")
        case 11, 12:
            // A conditional end, so that what follows stays reachable.
            let end = lots.one(in: 2) ? "stop: {outcome: enough}" : "fail: {code: refused}"
            return "\(inner)\(end)\n\(inner)if: input.x == \(number(0...5))\n"
        case 13...15:
            var text = "\(inner)if: input.x < \(number(0...5))\n"
            text += "\(inner)then:\n" + sequence(depth: depth + 1, indent: inner + "  ")
            if lots.one(in: 2) {
                text += "\(inner)else:\n" + sequence(depth: depth + 1, indent: inner + "  ")
            }
            return text + timeout(inner)
        case 16...18: return loop(depth, inner)
        default: return parallel(depth, inner)
        }
    }

    private mutating func action(_ depth: Int, _ inner: String) -> String {
        var text = "\(inner)action: test.call\n\(inner)with: {x: \"{{ input.x }}\"}\n"
        if lots.one(in: 2) {
            text += "\(inner)retry: {attempts: \(number(1...3)), delay: 1s}\n"
        }
        if lots.one(in: 3) { text += "\(inner)if: input.x < \(number(0...5))\n" }
        if lots.one(in: 5) {
            text += "\(inner)timeout: {schedule_to_start: 5s, start_to_close: 20s, heartbeat: 9s}\n"
        }
        if depth < RandomWorkflow.depthMax, lots.one(in: 4) {
            text += "\(inner)compensate:\n\(inner)  - name: \(name())\n"
            text += "\(inner)    action: test.undo\n\(inner)    retry: {attempts: 2, delay: 1s}\n"
        }
        return text
    }

    private mutating func wait(_ depth: Int, _ inner: String) -> String {
        let sources = [
            "event: Happened", "signal: go", "record: things", "webhook: bank",
        ]
        var text = "\(inner)wait:\n\(inner)  \(sources[number(0...3)])\n"
        if lots.one(in: 2) { text += "\(inner)  match: {x: \"{{ input.x }}\"}\n" }
        if lots.one(in: 2) {
            text += "\(inner)  timeout: \(number(1...9))s\n"
            if depth < RandomWorkflow.depthMax, lots.one(in: 2) {
                text += "\(inner)  on_timeout:\n"
                text += sequence(depth: depth + 1, indent: inner + "    ")
            }
        }
        return text
    }

    private mutating func approval(_ depth: Int, _ inner: String) -> String {
        var text = "\(inner)approval:\n\(inner)  title: Good?\n"
        if lots.one(in: 2) {
            text += "\(inner)  deadline: \(number(3...9))s\n\(inner)  reminders: [1s, 2s]\n"
        }
        if depth < RandomWorkflow.depthMax, lots.one(in: 2) {
            text += "\(inner)  on_rejected:\n"
            text += sequence(depth: depth + 1, indent: inner + "    ")
        }
        return text
    }

    private mutating func loop(_ depth: Int, _ inner: String) -> String {
        let items = ["[a, b, c]", "3", "\"{{ input.x }}\"", "[]"][number(0...3)]
        var text = "\(inner)for_each:\n"
        if lots.one(in: 4) {
            text += "\(inner)  while: round.index < \(number(0...3))\n"
        } else {
            text += "\(inner)  items: \(items)\n\(inner)  concurrency: \(number(1...3))\n"
        }
        if lots.one(in: 2) { text += "\(inner)  collect: \"{{ round.index }}\"\n" }
        if lots.one(in: 2) { text += "\(inner)  fail_fast: false\n" }
        text += "\(inner)  steps:\n" + sequence(depth: depth + 1, indent: inner + "    ")
        return text + timeout(inner)
    }

    private mutating func parallel(_ depth: Int, _ inner: String) -> String {
        var text = "\(inner)parallel:\n"
        let count = number(2...3)
        for _ in 0..<count {
            text += "\(inner)  - name: \(name())\n\(inner)    steps:\n"
            text += sequence(depth: depth + 1, indent: inner + "      ")
        }
        if lots.one(in: 2) { text += "\(inner)join: \(["any", "all", "2"][number(0...2)])\n" }
        if lots.one(in: 3) { text += "\(inner)fail_fast: false\n" }
        return text + timeout(inner)
    }

    /// Longer than all waits inside, or no world could bring the step to its end.
    private mutating func timeout(_ indent: String) -> String {
        lots.one(in: 3) ? "\(indent)timeout: \(number(60...120))s\n" : ""
    }

    private mutating func handler(depth: Int, indent: String) -> String {
        var text = "\(indent)on_failure:\n"
        if lots.one(in: 3) { text += "\(indent)  on: [timeout, unavailable]\n" }
        if lots.one(in: 4) {
            text +=
                "\(indent)  alternative:\n" + sequence(depth: depth + 1, indent: indent + "    ")
        }
        if lots.one(in: 5) { text += "\(indent)  human: {title: Help, deadline: 9s}\n" }
        if lots.one(in: 4) { return text + "\(indent)  degrade: {left: 1}\n" }
        text += "\(indent)  then: \(lots.one(in: 3) ? "fail" : "continue")\n"
        if lots.one(in: 2) {
            text += "\(indent)  steps:\n" + sequence(depth: depth + 1, indent: indent + "    ")
        }
        return text
    }
}
