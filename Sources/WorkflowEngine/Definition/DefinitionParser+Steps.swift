import Documents
import EventModel

extension DefinitionParser {
    /// Reads a list of steps.
    ///
    /// - Parameters:
    ///   - node: the list.
    ///   - parent: the path of the step or branch around them, empty at the top.
    ///   - depth: how many steps are around them.
    mutating func parseSteps(_ node: Node, parent: String, depth: Int) -> [StepDefinition] {
        guard let elements = node.elements else {
            problems.append(
                Problem(
                    at: node.place,
                    "steps must be a list, not a \(node.kind)",
                    remedy: "begin each with '- name:'"
                )
            )
            return []
        }
        guard depth < WorkflowLimits.stepDepthMax else {
            let message =
                "steps lie in each other deeper than \(WorkflowLimits.stepDepthMax) levels"
            problems.append(Problem(at: node.place, message))
            return []
        }
        if elements.isEmpty {
            problems.append(
                Problem(at: node.place, "here are no steps", remedy: "write at least one step")
            )
        }
        return elements.compactMap { parseStep($0, parent: parent, depth: depth) }
    }

    private mutating func parseStep(
        _ node: Node,
        parent: String,
        depth: Int
    ) -> StepDefinition? {
        stepCount += 1
        if stepCount == WorkflowLimits.stepsMax + 1 {
            let message = "a workflow has at most \(WorkflowLimits.stepsMax) steps"
            problems.append(Problem(at: node.place, message, remedy: "split the workflow"))
        }
        var reader = MappingReader(node, what: "a step")
        let name = reader.required("name").map { uniqueName($0, what: "a step's name") } ?? ""
        let path = parent.isEmpty ? name : "\(parent).\(name)"
        if path.utf8.count > WorkflowLimits.pathBytesMax {
            let message = "the path '\(path)' is longer than \(WorkflowLimits.pathBytesMax) bytes"
            problems.append(Problem(at: node.place, message, remedy: "take shorter names"))
        }
        let description = reader.text("description") ?? ""
        let kind = stepKind(node)
        // The handler is read before the body is judged, so that its mistakes are always reported.
        let condition = kind == .choice ? nil : reader.node("if").flatMap { self.condition($0) }
        let body = kind.flatMap { self.body($0, &reader, path: path, depth: depth) }
        let retry = reader.node("retry").map { self.retry($0, of: kind) }
        let limits = reader.node("timeout").map { self.limits($0, of: kind) }
        let handler = reader.node("on_failure").flatMap {
            failureHandler($0, path: path, depth: depth)
        }
        let compensation = reader.node("compensate").map {
            self.compensation($0, of: kind, path: path, depth: depth)
        }
        if kind == nil { askForAllKeys(&reader) }
        problems += reader.finish()
        guard let body else { return nil }
        return StepDefinition(
            name: name,
            path: path,
            description: description,
            condition: condition,
            body: body,
            // A child has its own retries inside, so it is not begun anew unless somebody says so.
            retry: retry ?? RetryPolicy(attemptsMax: kind == .call ? 1 : 3),
            limits: limits ?? StepLimits(attempt: kind == .action ? .seconds(300) : nil),
            onFailure: handler,
            compensation: compensation ?? [],
            place: node.place
        )
    }

    /// The key that says what a step does.
    enum StepKind: String, CaseIterable {
        case action, set, wait
        case choice = "then"
        case parallel
        case loop = "for_each"
        case approval, call, stop, fail
    }

    private mutating func stepKind(_ node: Node) -> StepKind? {
        guard node.members != nil else { return nil }
        let kinds = StepKind.allCases.filter { node[$0.rawValue] != nil }
        if kinds.count == 1 { return kinds[0] }
        let words = StepKind.allCases.map { $0 == .choice ? "if with then" : $0.rawValue }
        let found = kinds.map { "'\($0.rawValue)'" }.joined(separator: " and ")
        var remedy = "a step has one of: \(words.joined(separator: ", "))"
        let unknown =
            node.members?.map(\.key).filter { !DefinitionParser.stepKeys.contains($0) } ?? []
        if let near = unknown.compactMap({
            Suggestion.nearest(to: $0, among: DefinitionParser.stepKeys)
        }).first {
            remedy = "did you mean '\(near)'? \(remedy)"
        }
        problems.append(
            Problem(
                at: node.place,
                kinds.isEmpty
                    ? "the step does not say what it does" : "the step does two things: \(found)",
                remedy: remedy
            )
        )
        return nil
    }

    private static let stepKeys =
        [
            "name", "description", "if", "with", "else", "retry", "timeout", "on_failure",
            "compensate", "join", "fail_fast",
        ] + StepKind.allCases.map(\.rawValue)

    private func askForAllKeys(_ reader: inout MappingReader) {
        for key in DefinitionParser.stepKeys { _ = reader.node(key) }
    }

    private mutating func body(
        _ kind: StepKind,
        _ reader: inout MappingReader,
        path: String,
        depth: Int
    ) -> StepDefinition.Body? {
        guard kind != .choice else { return choice(&reader, path: path, depth: depth) }
        guard let node = reader.node(kind.rawValue) else { return nil }
        switch kind {
        case .action: return action(node, &reader)
        case .set: return set(node)
        case .wait: return wait(node, path: path, depth: depth)
        case .parallel: return parallel(node, &reader, path: path, depth: depth)
        case .loop: return loop(node, path: path, depth: depth)
        case .approval: return approval(node, path: path, depth: depth)
        case .call: return call(node, &reader)
        case .stop: return stop(node)
        case .fail: return fail(node)
        case .choice: return nil
        }
    }

    private mutating func action(_ node: Node, _ reader: inout MappingReader) -> StepDefinition
        .Body?
    {
        let input =
            reader.node("with").map { ValueTemplate.parse($0, functions, &problems) }
            ?? .literal(.map(ValueMap()))
        guard let name = node.text else {
            problems.append(
                Problem(at: node.place, "'action' must be an action's name, not a \(node.kind)")
            )
            return nil
        }
        if let actions {
            check(
                name: name,
                at: node,
                input: reader.node("with"),
                template: input,
                actions: actions
            )
        }
        return .action(StepDefinition.ActionCall(name: name, input: input))
    }

    private mutating func set(_ node: Node) -> StepDefinition.Body? {
        guard let members = node.members, !members.isEmpty else {
            problems.append(
                Problem(
                    at: node.place,
                    "'set' must be a mapping from names to values",
                    remedy: "write 'set: {total: \"{{ input.amount }}\"}'"
                )
            )
            return nil
        }
        for member in members {
            _ = name(
                Node(.scalar(.string(member.key)), at: member.keyPlace),
                what: "a variable's name"
            )
        }
        return .set(ValueTemplate.parse(node, functions, &problems))
    }

    private mutating func choice(
        _ reader: inout MappingReader,
        path: String,
        depth: Int
    ) -> StepDefinition.Body? {
        let condition = reader.required("if").flatMap { self.condition($0) }
        let then = reader.node("then").map { parseSteps($0, parent: path, depth: depth + 1) }
        let otherwise = reader.node("else").map { parseSteps($0, parent: path, depth: depth + 1) }
        guard let condition else { return nil }
        return .choice(
            StepDefinition.Choice(
                condition: condition,
                then: then ?? [],
                otherwise: otherwise ?? []
            )
        )
    }

    private mutating func stop(_ node: Node) -> StepDefinition.Body? {
        var reader = MappingReader(node, what: "'stop'")
        let outcome = reader.node("outcome").map { ValueTemplate.parse($0, functions, &problems) }
        let output = reader.node("output").map { ValueTemplate.parse($0, functions, &problems) }
        problems += reader.finish()
        return .stop(outcome: outcome, output: output)
    }

    private mutating func fail(_ node: Node) -> StepDefinition.Body? {
        var reader = MappingReader(node, what: "'fail'")
        let code = reader.requiredText("code")
        let message = reader.node("message").map { ValueTemplate.parse($0, functions, &problems) }
        problems += reader.finish()
        guard let code else { return nil }
        return .fail(code: code, message: message ?? .literal(.string(code)))
    }
}
