import Documents
import EventModel

extension DefinitionParser {
    mutating func parallel(
        _ node: Node,
        _ reader: inout MappingReader,
        path: String,
        depth: Int
    ) -> StepDefinition.Body? {
        let joinNode = reader.node("join")
        let failsFast = reader.boolean("fail_fast") ?? true
        guard let elements = node.elements, !elements.isEmpty,
            elements.count <= WorkflowLimits.branchesMax
        else {
            problems.append(
                Problem(
                    at: node.place,
                    "'parallel' must be a list of 1 to \(WorkflowLimits.branchesMax) branches",
                    remedy: "write '- {name: …, steps: […]}' for each branch"
                )
            )
            return nil
        }
        let branches = elements.map { element in
            var reader = MappingReader(element, what: "a branch")
            let name = reader.required("name").map { uniqueName($0, what: "a branch's name") } ?? ""
            _ = reader.text("description")
            let branchPath = "\(path).\(name)"
            let steps = reader.required("steps").map {
                parseSteps($0, parent: branchPath, depth: depth + 1)
            }
            problems += reader.finish()
            return StepDefinition.Branch(name: name, path: branchPath, steps: steps ?? [])
        }
        let join = joinNode.flatMap { self.join($0, of: branches.count) }
        return .parallel(
            StepDefinition.Parallel(branches: branches, join: join, failsFast: failsFast)
        )
    }

    /// `all`, `any` or a number of branches; nil for all.
    private mutating func join(_ node: Node, of count: Int) -> Int? {
        if node.text == "all" { return nil }
        if node.text == "any" { return 1 }
        if let number = node.scalar?.intValue, (1...Int64(count)).contains(number) {
            return Int(number)
        }
        problems.append(
            Problem(
                at: node.place,
                "'join' must be all, any or a number of branches up to \(count)",
                remedy: "write 'join: any' to go on after the first branch"
            )
        )
        return nil
    }

    mutating func loop(_ node: Node, path: String, depth: Int) -> StepDefinition.Body? {
        var reader = MappingReader(node, what: "'for_each'")
        let items = reader.node("items").map { ValueTemplate.parse($0, functions, &problems) }
        let condition = reader.node("while").flatMap { self.condition($0) }
        let variable = reader.node("as").map { loopVariable($0) } ?? "item"
        let most = Int64(WorkflowLimits.roundsMax)
        let limit = reader.integer("limit", in: 1...most) ?? most
        let widest = Int64(WorkflowLimits.roundsAtOnceMax)
        let concurrencyNode = node["concurrency"]
        let concurrency = reader.integer("concurrency", in: 1...widest) ?? 1
        let collect = reader.node("collect").map { ValueTemplate.parse($0, functions, &problems) }
        let failsFast = reader.boolean("fail_fast") ?? true
        let steps = reader.required("steps").map {
            parseSteps($0, parent: path, depth: depth + 1)
        }
        if items == nil, node["while"] == nil {
            reader.report(
                Problem(
                    at: node.place,
                    "'for_each' does not say how often",
                    remedy: "write 'items: \"{{ … }}\"', or 'while:' with a condition"
                )
            )
        }
        if node["while"] != nil, concurrency > 1 {
            reader.report(
                Problem(
                    at: concurrencyNode?.place ?? node.place,
                    "rounds under a 'while' run one after the other",
                    remedy: "leave 'concurrency' out"
                )
            )
        }
        problems += reader.finish()
        return .loop(
            StepDefinition.Loop(
                items: items,
                condition: condition,
                variable: variable,
                limit: Int(limit),
                concurrency: Int(concurrency),
                collect: collect,
                failsFast: failsFast,
                steps: steps ?? []
            )
        )
    }

    private mutating func loopVariable(_ node: Node) -> String {
        let name = self.name(node, what: "the item's name")
        if DefinitionChecker.roots.contains(name) {
            problems.append(
                Problem(
                    at: node.place,
                    "'\(name)' is taken: expressions know something else by it",
                    remedy: "take another name for the item"
                )
            )
        }
        return name
    }

    mutating func call(_ node: Node, _ reader: inout MappingReader) -> StepDefinition.Body? {
        let input =
            reader.node("with").map { ValueTemplate.parse($0, functions, &problems) }
            ?? .literal(.map(ValueMap()))
        if node.text != nil {
            return .call(
                StepDefinition.ChildCall(
                    workflow: name(node, what: "the called workflow's name"),
                    input: input,
                    waits: true,
                    parentClose: .cancel
                )
            )
        }
        var inner = MappingReader(node, what: "'call'")
        let workflow = inner.required("workflow").map {
            name($0, what: "the called workflow's name")
        }
        let waits = inner.boolean("wait") ?? true
        let close = inner.choice(
            "when_parent_ends",
            of: StepDefinition.ChildCall.ParentClose.self
        )
        problems += inner.finish()
        return .call(
            StepDefinition.ChildCall(
                workflow: workflow ?? "",
                input: input,
                waits: waits,
                // Nobody waits for it, so nobody's end should end it, unless somebody says so.
                parentClose: close ?? (waits ? .cancel : .abandon)
            )
        )
    }

    mutating func approval(_ node: Node, path: String, depth: Int) -> StepDefinition.Body? {
        var reader = MappingReader(node, what: "'approval'")
        let title = reader.required("title").map { ValueTemplate.parse($0, functions, &problems) }
        let text = reader.node("description").map { ValueTemplate.parse($0, functions, &problems) }
        let who = reader.node("who").map { ValueTemplate.parse($0, functions, &problems) }
        let deadlineNode = reader.node("deadline")
        let deadline = deadlineNode.flatMap { patience($0, what: "deadline") }
        let reminderNodes = reader.node("reminders").map { $0.elements ?? [$0] } ?? []
        let reminders = reminderNodes.compactMap { duration($0, what: "reminders") }
        let rejected = reader.node("on_rejected").map {
            parseSteps($0, parent: path, depth: depth + 1)
        }
        let late = reader.node("on_timeout").map {
            parseSteps($0, parent: path, depth: depth + 1)
        }
        if let late = node["on_timeout"], deadlineNode == nil {
            reader.report(
                Problem(
                    at: late.place,
                    "'on_timeout' needs a 'deadline'",
                    remedy: "write how long the answer may take, 'deadline: 3d'"
                )
            )
        }
        problems += reader.finish()
        guard let title else { return nil }
        return .approval(
            StepDefinition.Approval(
                title: title,
                text: text,
                who: who,
                deadline: deadline,
                reminders: reminders.sorted(),
                onRejected: rejected ?? [],
                onTimeout: late ?? []
            )
        )
    }

    /// A length of time that may be an expression.
    mutating func patience(_ node: Node, what: String) -> ValueTemplate? {
        let template = ValueTemplate.parse(node, functions, &problems)
        guard template.literal != nil else { return template }
        return duration(node, what: what).map { .literal(.duration($0)) }
    }
}
