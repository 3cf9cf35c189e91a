import Documents
import EventModel

extension DefinitionParser {
    /// Reads a `timeout`: one length of time, or several by what they limit.
    mutating func limits(_ node: Node, of kind: StepKind?) -> StepLimits {
        switch kind {
        case .action, .choice, .parallel, .loop, .call, nil:
            break
        case .set, .wait, .approval, .stop, .fail:
            problems.append(
                Problem(
                    at: node.place,
                    "this step cannot time out",
                    remedy: "'timeout' belongs to an action, a call, an 'if', a 'parallel' or a "
                        + "'for_each'; a 'wait' and an 'approval' have their own inside"
                )
            )
        }
        guard node.members != nil, kind == .action || kind == nil else {
            return StepLimits(attempt: duration(node, what: "timeout"))
        }
        var reader = MappingReader(node, what: "'timeout'")
        func length(_ key: String, _ parser: inout DefinitionParser) -> Duration? {
            reader.node(key).flatMap { parser.duration($0, what: key) }
        }
        let limits = StepLimits(
            attempt: length("attempt", &self),
            scheduleToStart: length("schedule_to_start", &self),
            startToClose: length("start_to_close", &self),
            heartbeat: length("heartbeat", &self)
        )
        problems += reader.finish()
        return limits
    }

    /// Reads what undoes a step.
    mutating func compensation(
        _ node: Node,
        of kind: StepKind?,
        path: String,
        depth: Int
    ) -> [StepDefinition] {
        switch kind {
        case .stop, .fail:
            problems.append(
                Problem(
                    at: node.place,
                    "there is nothing to undo in a step that ends the workflow",
                    remedy: "put 'compensate' on a step that has an effect"
                )
            )
        case .action, .set, .wait, .choice, .parallel, .loop, .approval, .call, nil:
            break
        }
        return parseSteps(node, parent: path, depth: depth + 1)
    }

    /// Reads what happens when a step has failed for good: one list of steps, or levels that are
    /// tried one after the other.
    mutating func failureHandler(
        _ node: Node,
        path: String,
        depth: Int
    ) -> StepDefinition.FailureHandler? {
        typealias Handler = StepDefinition.FailureHandler
        var reader = MappingReader(node, what: "'on_failure'")
        let codes = reader.texts("on") ?? []
        var levels: [Handler.Level] = []
        if let helper = reader.node("alternative") {
            levels.append(level(.alternative, helper, path: path, depth: depth))
        }
        if let plan = reader.node("simplified") {
            levels.append(level(.simplified, plan, path: path, depth: depth))
        }
        if let request = reader.node("human"),
            let body = approval(request, path: path, depth: depth)
        {
            levels.append(human(body, request, path: path))
        }
        let list = reader.node("steps")
        let sequel = reader.choice("then", of: Handler.Sequel.self)
        let output = reader.node("degrade").map { ValueTemplate.parse($0, functions, &problems) }
        if let list {
            let steps = parseSteps(list, parent: path, depth: depth + 1)
            let own = output == nil ? sequel ?? .fail : .fail
            levels.append(Handler.Level(kind: .steps, steps: steps, output: nil, sequel: own))
        } else if let sequel, output == nil {
            levels.append(Handler.Level(kind: .steps, steps: [], output: nil, sequel: sequel))
        }
        if let output {
            levels.append(
                Handler.Level(kind: .degrade, steps: [], output: output, sequel: .proceed)
            )
        }
        if levels.isEmpty, node["then"] == nil {
            reader.report(
                Problem(
                    at: node.place,
                    "'on_failure' says nothing",
                    remedy: "write 'steps', 'then: continue' or a level: "
                        + "'alternative', 'simplified', 'human', 'degrade'"
                )
            )
        }
        problems += reader.finish()
        return Handler(codes: codes, levels: levels)
    }

    private mutating func level(
        _ kind: StepDefinition.FailureHandler.Level.Kind,
        _ node: Node,
        path: String,
        depth: Int
    ) -> StepDefinition.FailureHandler.Level {
        let steps = parseSteps(node, parent: path, depth: depth + 1)
        return StepDefinition.FailureHandler.Level(
            kind: kind,
            steps: steps,
            output: nil,
            sequel: .proceed
        )
    }

    /// A person who does what the step could not: a yes mends the step, a no leads to the next level.
    private func human(
        _ body: StepDefinition.Body,
        _ node: Node,
        path: String
    ) -> StepDefinition.FailureHandler.Level {
        let name = DefinitionParser.humanStep
        let step = StepDefinition(
            name: name,
            path: "\(path).\(name)",
            description: "A person takes over.",
            condition: nil,
            body: body,
            retry: RetryPolicy(attemptsMax: 1),
            limits: StepLimits(),
            onFailure: nil,
            compensation: [],
            place: node.place
        )
        return StepDefinition.FailureHandler.Level(
            kind: .human,
            steps: [step],
            output: nil,
            sequel: .proceed
        )
    }

    /// The name of the step that a `human` level stands for; authors cannot give it, since it ends
    /// in an underscore that names do not begin with.
    static let humanStep = "_human"
}
