import Documents
import EventModel

extension DefinitionParser {
    mutating func retry(_ node: Node, of kind: StepKind?) -> RetryPolicy {
        if let kind, kind != .action, kind != .call {
            problems.append(
                Problem(
                    at: node.place,
                    "only an action or a call can be tried again",
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
        let longest = reader.node("delay_max")
        if let longest = reader.node("max_delay") ?? longest {
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
}
