import Documents
import EventModel

extension DefinitionParser {
    mutating func retry(_ node: Node, of kind: StepKind?) -> RetryPolicy {
        if let kind, kind != .action {
            problems.append(
                Problem(
                    at: node.place,
                    "only an action can be tried again",
                    remedy: "put 'retry' on the actions inside"
                )
            )
        }
        var policy = RetryPolicy()
        var reader = MappingReader(node, what: "'retry'")
        if let attempts = reader.integer("attempts", in: 1...WorkflowLimits.attemptsMax) {
            policy.attemptsMax = Int(attempts)
        }
        if let delay = reader.node("delay") {
            policy.delay = duration(delay, what: "delay", zeroAllowed: true) ?? policy.delay
        }
        if let backoff = number("backoff", in: 1...100, of: &reader) { policy.backoff = backoff }
        if let jitter = number("jitter", in: 0...1, of: &reader) { policy.jitter = jitter }
        if let longest = reader.node("delay_max") {
            policy.delayMax = duration(longest, what: "delay_max") ?? policy.delayMax
            if policy.delayMax < policy.delay {
                problems.append(Problem(at: longest.place, "'delay_max' is shorter than 'delay'"))
            }
        } else {
            policy.delayMax = max(policy.delayMax, policy.delay)
        }
        policy.codes = reader.texts("on") ?? []
        problems += reader.finish()
        return policy
    }

    private func number(
        _ key: String,
        in range: ClosedRange<Double>,
        of reader: inout MappingReader
    ) -> Double? {
        guard let number = reader.number(key) else { return nil }
        guard range.contains(number) else {
            let bounds = "\(Int(range.lowerBound)) to \(Int(range.upperBound))"
            reader.report(Problem(at: reader.place, "'\(key)' must be \(bounds), not \(number)"))
            return nil
        }
        return number
    }

    mutating func timeout(_ node: Node, of kind: StepKind?) -> Duration? {
        switch kind {
        case .action, .choice, .parallel, nil:
            break
        case .set, .wait, .stop, .fail:
            problems.append(
                Problem(
                    at: node.place,
                    "this step cannot time out",
                    remedy: "'timeout' belongs to an action, an 'if' or a 'parallel'"
                )
            )
        }
        return duration(node, what: "timeout")
    }

    mutating func failureHandler(
        _ node: Node,
        path: String,
        depth: Int
    ) -> StepDefinition.FailureHandler? {
        var reader = MappingReader(node, what: "'on_failure'")
        let codes = reader.texts("on") ?? []
        let list = reader.node("steps")
        let sequel = reader.choice("then", of: StepDefinition.FailureHandler.Sequel.self)
        if list == nil, node["then"] == nil {
            reader.report(
                Problem(
                    at: node.place,
                    "'on_failure' says nothing",
                    remedy: "write 'steps', or 'then: continue'"
                )
            )
        }
        problems += reader.finish()
        let steps = list.map { parseSteps($0, parent: path, depth: depth + 1) } ?? []
        return StepDefinition.FailureHandler(
            codes: codes,
            steps: steps,
            sequel: sequel ?? .fail
        )
    }
}
