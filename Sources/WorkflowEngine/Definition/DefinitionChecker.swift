import CEL
import Documents
import EventModel

/// Follows the steps in the order they run and checks that every expression speaks of what exists
/// then.
struct DefinitionChecker {
    /// What is known at one point of the workflow.
    struct Scope {
        var steps: Set<String> = []
        var variables: Set<String> = []
        /// What loops around call their items, and what else is known just here.
        var locals: Set<String> = []
        /// Whether a failure is at hand as `error`.
        var isInFailure = false
        var types = ScopeTypes()

        mutating func merge(_ other: Scope) {
            types.merge(other.types)
            steps.formUnion(other.steps)
            variables.formUnion(other.variables)
        }
    }

    /// What every expression knows.
    static let roots: Set<String> = [
        "input", "steps", "vars", "trigger", "instance", "now", "error", "round",
    ]

    private(set) var problems: [Problem] = []
    private let inputs: [String]
    /// All names of steps and branches, to tell a step that comes too late from one that is none.
    private let names: Set<String>
    /// Every variable that any step sets.
    private let variables: Set<String>
    /// What the action of a step gives back, where that is known.
    private let outputs: [String: [String]]
    let actions: ActionCatalogue?
    /// The types of what expressions speak of; nil if they are not checked.
    let types: DeclaredTypes?

    init(
        parts: DefinitionParts,
        actions: ActionCatalogue?,
        names: Set<String>,
        types: DeclaredTypes?
    ) {
        self.actions = actions
        self.types = types
        inputs = parts.inputFields.map(\.name)
        self.names = names
        var variables: Set<String> = []
        var outputs: [String: [String]] = [:]
        DefinitionChecker.visit(parts.steps) { step in
            if case .set(.map(let members)) = step.body {
                variables.formUnion(members.map(\.key))
            }
            outputs[step.name] = step.outputNames(actions)
        }
        self.variables = variables
        self.outputs = outputs
    }

    mutating func check(_ parts: DefinitionParts) {
        var scope = Scope()
        let keys = [
            parts.admission?.concurrency?.key, parts.admission?.rate?.key,
            parts.admission?.deduplication?.key,
        ]
        for key in keys { if let key { check(key, scope) } }
        check(parts.steps, scope: &scope)
        if let output = parts.output { check(output, scope) }
        checkOutput(of: parts, scope)
    }

    private static func visit(_ steps: [StepDefinition], _ body: (StepDefinition) -> Void) {
        for step in steps {
            body(step)
            visit(step.children, body)
        }
    }

    private mutating func check(_ steps: [StepDefinition], scope: inout Scope) {
        var end: StepDefinition?
        for step in steps {
            if let ending = end {
                problems.append(
                    Problem(
                        at: step.place,
                        "the step '\(step.name)' is never reached",
                        remedy: "'\(ending.name)' in line \(ending.place.line) never goes on; "
                            + "give that an 'if' or remove this"
                    )
                )
                end = nil
            }
            check(step, scope: &scope)
            if step.neverGoesOn { end = step }
        }
    }

    private mutating func check(_ step: StepDefinition, scope: inout Scope) {
        if let condition = step.condition { check(condition, scope) }
        let before = scope
        var after = scope
        checkBody(of: step, before: before, after: &after)
        if let handler = step.onFailure {
            // What is inside the failed step may have run, so its `on_failure` may look at it.
            var inner = after
            inner.isInFailure = true
            for level in handler.levels {
                check(level.steps, scope: &inner)
                if let output = level.output { check(output, inner) }
            }
            after.merge(inner)
        }
        scope = after
        scope.locals = before.locals
        scope.isInFailure = before.isInFailure
        scope.steps.insert(step.name)
        guard !step.compensation.isEmpty else { return }
        // Undoing happens at the end: what it can look at has completed before the step or is it.
        var undoing = scope
        check(step.compensation, scope: &undoing)
    }

    private mutating func checkBody(of step: StepDefinition, before: Scope, after: inout Scope) {
        switch step.body {
        case .action(let call):
            check(call.input, before)
            checkTypes(of: call, before)
        case .call(let call):
            check(call.input, before)
        case .set(let template):
            check(template, before)
            if case .map(let members) = template {
                after.variables.formUnion(members.map(\.key))
                noteSet(members, of: step.name, in: &after)
            }
        case .wait(.duration(let template)):
            check(template, before)
            checkKind(template, .duration, "'for' of 'wait'", before)
        case .wait(.until(let template)):
            check(template, before)
            checkKind(template, .timestamp, "'until' of 'wait'", before)
        case .wait(.event(let wait)):
            check(wait, before: before, after: &after)
        case .approval(let approval):
            for template in [approval.title, approval.text, approval.who, approval.deadline] {
                if let template { check(template, before) }
            }
            checkWays([approval.onRejected, approval.onTimeout], before, &after)
        case .choice(let choice):
            check(choice.condition, before)
            checkWays([choice.then, choice.otherwise], before, &after)
        case .parallel(let parallel):
            checkWays(parallel.branches.map(\.steps), before, &after)
        case .loop(let loop):
            check(loop, before: before, after: &after)
        case .stop(let outcome, let output):
            if let outcome { check(outcome, before) }
            if let output { check(output, before) }
        case .fail(_, let message):
            check(message, before)
        }
    }

    private mutating func checkWays(
        _ ways: [[StepDefinition]],
        _ before: Scope,
        _ after: inout Scope
    ) {
        for way in ways {
            var inner = before
            check(way, scope: &inner)
            after.merge(inner)
        }
    }

    private mutating func check(
        _ wait: StepDefinition.EventWait,
        before: Scope,
        after: inout Scope
    ) {
        for member in wait.match { check(member.template, before) }
        if let timeout = wait.timeout { check(timeout, before) }
        if let condition = wait.condition {
            var inner = before
            inner.locals.formUnion(wait.source.names)
            check(condition, inner)
        }
        checkWays([wait.onTimeout], before, &after)
    }

    /// What is inside a loop is known there only; outside it the loop gives what it collects.
    private mutating func check(
        _ loop: StepDefinition.Loop,
        before: Scope,
        after: inout Scope
    ) {
        if let items = loop.items { check(items, before) }
        var inner = before
        inner.locals.formUnion([loop.variable, "round"])
        if let condition = loop.condition { check(condition, inner) }
        // A later round sees what an earlier one has set.
        DefinitionChecker.visit(loop.steps) { step in
            guard case .set(.map(let members)) = step.body else { return }
            after.variables.formUnion(members.map(\.key))
        }
        check(loop.steps, scope: &inner)
        if let collect = loop.collect { check(collect, inner) }
        after.variables.formUnion(inner.variables)
    }

    private mutating func check(_ template: ValueTemplate, _ scope: Scope) {
        for (expression, place) in template.expressions { check(expression, place, scope) }
    }

    private mutating func check(_ condition: StepDefinition.Condition, _ scope: Scope) {
        check(condition.expression, condition.place, scope, wanted: .bool)
    }

    private mutating func check(
        _ expression: Expression,
        _ place: Place,
        _ scope: Scope,
        wanted: ExpressionType = .dyn
    ) {
        let faults = expression.references.compactMap { fault(in: $0, scope) }
        for message in faults {
            problems.append(Problem(at: place, message.text, remedy: message.remedy))
        }
        // What speaks of something unknown is said already.
        if faults.isEmpty { checkTypes(expression, place, scope, wanted: wanted) }
    }

    mutating func report(_ problem: Problem) { problems.append(problem) }
}

extension DefinitionChecker {
    /// What is wrong with a name and the members behind it; nil if nothing is.
    private func fault(in reference: [String], _ scope: Scope) -> (text: String, remedy: String)? {
        guard let root = reference.first else { return nil }
        let member = reference.count > 1 ? reference[1] : nil
        if root == "round", scope.locals.contains("round") {
            return unknown(member, of: "round", among: ["index", "item", "total"])
        }
        if scope.locals.contains(root) { return nil }
        switch root {
        case "now", "trigger":
            return nil
        case "input":
            guard let member, !inputs.isEmpty, !inputs.contains(member) else { return nil }
            return ("the input has no '\(member)'", Suggestion.remedy(for: member, among: inputs))
        case "steps":
            return member.flatMap { stepFault($0, reference, scope) }
        case "vars":
            guard let member, !scope.variables.contains(member) else { return nil }
            guard !variables.contains(member) else {
                return ("the variable '\(member)' is not set before this step", "set it earlier")
            }
            let known = scope.variables.sorted()
            return ("no step sets '\(member)'", Suggestion.remedy(for: member, among: known))
        case "instance":
            return unknown(
                member,
                of: "instance",
                among: ["id", "workflow", "entity", "started_at"]
            )
        case "error":
            guard scope.isInFailure else {
                return ("'error' is only known in 'on_failure'", "look at it there")
            }
            return unknown(member, of: "error", among: ["step", "code", "message", "details"])
        case "round":
            return ("'round' is only known inside a 'for_each'", "use it there")
        default:
            let known =
                ["input", "steps", "vars", "trigger", "instance", "now"] + scope.locals.sorted()
            return ("the name '\(root)' is unknown", Suggestion.remedy(for: root, among: known))
        }
    }

    private func stepFault(
        _ step: String,
        _ reference: [String],
        _ scope: Scope
    ) -> (text: String, remedy: String)? {
        guard scope.steps.contains(step) else {
            guard !names.contains(step) else {
                return (
                    "'\(step)' has not run when this is evaluated",
                    "use steps that come before, not later ones and not those of another branch "
                        + "or of a 'for_each' that is over; its 'collect' gives those out"
                )
            }
            let remedy = Suggestion.remedy(for: step, among: scope.steps.sorted())
            return ("there is no step '\(step)'", remedy)
        }
        guard reference.count > 2, let outputs = outputs[step], !outputs.contains(reference[2])
        else { return nil }
        let remedy = Suggestion.remedy(for: reference[2], among: outputs)
        return ("the output of '\(step)' has no '\(reference[2])'", remedy)
    }

    private func unknown(
        _ member: String?,
        of name: String,
        among known: [String]
    ) -> (text: String, remedy: String)? {
        guard let member, !known.contains(member) else { return nil }
        return ("'\(name)' has no '\(member)'", Suggestion.remedy(for: member, among: known))
    }
}
