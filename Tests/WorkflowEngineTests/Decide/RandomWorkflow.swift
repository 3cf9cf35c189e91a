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
    private var lots: Lots
    private var nameCount = 0

    init(seed: UInt64) { lots = Lots(seed: seed) }

    mutating func text() -> String {
        "workflow: by_lot\nsteps:\n" + sequence(depth: 0, indent: "  ")
    }

    private mutating func name() -> String {
        nameCount += 1
        return "s\(nameCount)"
    }

    private mutating func sequence(depth: Int, indent: String) -> String {
        let count = Int.random(in: 1...(depth == 0 ? 4 : 2), using: &lots)
        var text = ""
        for index in 0..<count {
            text += step(depth: depth, indent: indent, isLast: index == count - 1)
        }
        return text
    }

    private mutating func step(depth: Int, indent: String, isLast: Bool) -> String {
        let inner = indent + "  "
        var text = "\(indent)- name: \(name())\n"
        let kind = Int.random(in: 0..<(depth < 3 ? 12 : 8), using: &lots)
        switch kind {
        case 0...4:
            text += "\(inner)action: test.call\n\(inner)with: {x: \"{{ input.x }}\"}\n"
            if lots.one(in: 2) {
                let attempts = Int.random(in: 1...3, using: &lots)
                text += "\(inner)retry: {attempts: \(attempts), delay: 1s}\n"
            }
            if lots.one(in: 3) {
                text += "\(inner)if: input.x < \(Int.random(in: 0...5, using: &lots))\n"
            }
        case 5:
            text += "\(inner)set: {v\(nameCount): \"{{ input.x + \(nameCount) }}\"}\n"
        case 6:
            text += "\(inner)wait: {for: \(Int.random(in: 1...6, using: &lots))s}\n"
        case 7:
            // A conditional end, so that what follows stays reachable.
            let end = lots.one(in: 2) ? "stop: {outcome: enough}" : "fail: {code: refused}"
            text +=
                "\(inner)\(end)\n\(inner)if: input.x == \(Int.random(in: 0...5, using: &lots))\n"
        case 8, 9:
            text += "\(inner)if: input.x < \(Int.random(in: 0...5, using: &lots))\n"
            text += "\(inner)then:\n" + sequence(depth: depth + 1, indent: inner + "  ")
            if lots.one(in: 2) {
                text += "\(inner)else:\n" + sequence(depth: depth + 1, indent: inner + "  ")
            }
            text += timeout(inner)
        default:
            text += "\(inner)parallel:\n"
            for _ in 0..<Int.random(in: 2...3, using: &lots) {
                text += "\(inner)  - name: \(name())\n\(inner)    steps:\n"
                text += sequence(depth: depth + 1, indent: inner + "      ")
            }
            text += timeout(inner)
        }
        if depth < 3, lots.one(in: 4) { text += handler(depth: depth, indent: inner) }
        return text
    }

    /// Longer than all waits inside, or no world could bring the step to its end.
    private mutating func timeout(_ indent: String) -> String {
        lots.one(in: 3) ? "\(indent)timeout: \(Int.random(in: 60...120, using: &lots))s\n" : ""
    }

    private mutating func handler(depth: Int, indent: String) -> String {
        var text = "\(indent)on_failure:\n"
        text += "\(indent)  then: \(lots.one(in: 3) ? "fail" : "continue")\n"
        if lots.one(in: 3) { text += "\(indent)  on: [timeout, unavailable]\n" }
        if lots.one(in: 2) {
            text += "\(indent)  steps:\n" + sequence(depth: depth + 1, indent: indent + "    ")
        }
        return text
    }
}
