import Documents
import EventModel

extension DefinitionParser {
    mutating func wait(_ node: Node, path: String, depth: Int) -> StepDefinition.Body? {
        let sources = DefinitionParser.waitSources.filter { key in
            // A webhook has an event's name as well.
            node[key] != nil && !(key == "event" && node["webhook"] != nil)
        }
        if let source = sources.first {
            return eventWait(source, among: sources, node, path: path, depth: depth)
        }
        var reader = MappingReader(node, what: "'wait'")
        let length = reader.node("for")
        let instant = reader.node("until")
        for key in DefinitionParser.waitSources { _ = reader.node(key) }
        problems += reader.finish()
        switch (length, instant) {
        case (.some(let length), nil):
            return patience(length, what: "for").map { .wait(.duration($0)) }
        case (nil, .some(let instant)):
            return until(instant).map { .wait(.until($0)) }
        case (nil, nil), (.some, .some):
            let remedy =
                "write 'wait: {for: 10m}' or 'wait: {until: \"{{ … }}\"}', or what it "
                + "waits for: \(DefinitionParser.waitSources.joined(separator: ", "))"
            problems.append(
                Problem(at: node.place, "'wait' has either 'for' or 'until'", remedy: remedy)
            )
            return nil
        }
    }

    private static let waitSources = ["event", "record", "webhook", "signal"]

    private mutating func until(_ node: Node) -> ValueTemplate? {
        let template = ValueTemplate.parse(node, functions, &problems)
        guard let literal = template.literal else { return template }
        guard let due = literal.stringValue.flatMap(TimeText.timestamp) else {
            problems.append(
                Problem(
                    at: node.place,
                    "'until' must be an instant",
                    remedy: "write an expression in {{ }} or an instant, 2026-12-01T10:00:00Z"
                )
            )
            return nil
        }
        return .literal(.timestamp(due))
    }

    private mutating func eventWait(
        _ source: String,
        among sources: [String],
        _ node: Node,
        path: String,
        depth: Int
    ) -> StepDefinition.Body? {
        if sources.count > 1 {
            problems.append(
                Problem(
                    at: node.place,
                    "a 'wait' is for one thing, not for \(sources.joined(separator: " and "))",
                    remedy: "use a 'parallel' with 'join: any' to wait for the first of several"
                )
            )
        }
        var reader = MappingReader(node, what: "'wait'")
        let name = reader.requiredText(source) ?? ""
        let what: StepDefinition.EventWait.Source
        switch source {
        case "record":
            let changes = words("on", of: RecordTrigger.Change.self, &reader)
            what = .record(name, changes.isEmpty ? [.updated] : changes)
        case "webhook": what = .webhook(name, event: reader.text("event"))
        case "signal": what = .signal(name)
        case _: what = .event(name)
        }
        let match = reader.node("match").map { ValueTemplate.parse($0, functions, &problems) }
        let condition = reader.node("if").flatMap { self.condition($0) }
        let timeoutNode = reader.node("timeout")
        let timeout = timeoutNode.flatMap { patience($0, what: "timeout") }
        let late = reader.node("on_timeout").map {
            parseSteps($0, parent: path, depth: depth + 1)
        }
        if let late = node["on_timeout"], timeoutNode == nil {
            reader.report(
                Problem(
                    at: late.place,
                    "'on_timeout' needs a 'timeout'",
                    remedy: "write how long is waited, 'timeout: 3d'"
                )
            )
        }
        var members: [ValueTemplate.Member] = []
        if case .map(let found)? = match {
            members = found
        } else if let match = node["match"] {
            reader.report(
                Problem(
                    at: match.place,
                    "'match' must be a mapping from members to values",
                    remedy: "write 'match: {order_id: \"{{ input.order_id }}\"}'"
                )
            )
        }
        problems += reader.finish()
        return .wait(
            .event(
                StepDefinition.EventWait(
                    source: what,
                    match: members,
                    condition: condition,
                    timeout: timeout,
                    onTimeout: late ?? []
                )
            )
        )
    }
}
