import Documents
import EventModel
import WorkflowEngine

/// Runs test cases of a workflow with the kernel, in simulated time and without a network.
struct WorkflowTestRun {
    let definition: WorkflowDefinition

    /// What came of one case: the differences between what was expected and what was found.
    struct Verdict {
        var name: String
        var differences: [String]
        var passes: Bool { differences.isEmpty }

        var value: Value {
            [
                "name": .string(name), "passes": .bool(passes),
                "differences": .list(differences.map { .string($0) }),
            ]
        }
    }

    /// Mistakes in a case that have nothing to do with what comes of it: names that do not exist.
    func problems(of test: WorkflowTestCase) -> [Problem] {
        let steps = Self.steps(of: definition.steps)
        let names = steps.map(\.name)
        let actions = steps.compactMap { step in
            if case .action(let call) = step.body { call.name } else { nil }
        }
        var problems: [Problem] = []
        for (key, place) in test.resultPlaces
        where !names.contains(key) && !actions.contains(key)
            && !steps.contains(where: { $0.path == StepNames.withoutRounds(key) })
        {
            problems.append(
                Problem(
                    at: place,
                    "the workflow has no step and calls no action '\(key)'",
                    remedy: Suggestion.remedy(for: key, among: names + Set(actions))
                )
            )
        }
        let expected = (test.expectation.steps ?? []) + test.expectation.never
        for name in expected where !names.contains(name) {
            problems.append(
                Problem(
                    at: test.place,
                    "the workflow has no step '\(name)', which the case expects",
                    remedy: Suggestion.remedy(for: name, among: names)
                )
            )
        }
        for call in test.expectation.calls where !names.contains(call.step) {
            problems.append(
                Problem(
                    at: call.place,
                    "the workflow has no step '\(call.step)'",
                    remedy: Suggestion.remedy(for: call.step, among: names)
                )
            )
        }
        return problems
    }

    private static func steps(of steps: [StepDefinition]) -> [StepDefinition] {
        steps.flatMap { [$0] + Self.steps(of: $0.children) }
    }

    func run(_ test: WorkflowTestCase) -> Verdict {
        let begun: WorkflowSimulation?
        do throws(TestStart.Failure) {
            begun = try begin(test)
        } catch {
            let reason = "the instance does not start: \(error.reason)"
            return Verdict(name: test.name, differences: test.expectation.starts ? [reason] : [])
        }
        guard var simulation = begun else {
            let reason = "no trigger of the workflow accepts this"
            return Verdict(name: test.name, differences: test.expectation.starts ? [reason] : [])
        }
        guard test.expectation.starts else {
            return Verdict(name: test.name, differences: ["an instance starts, but none should"])
        }
        var answers = TestAnswers(results: test.results)
        simulation.run(
            until: test.now + test.limit,
            reply: { answers.reply($0) },
            { answers.answer($0) }
        )
        var differences = answers.missing
        differences += simulation.refusals.map {
            "the step '\(StepNames.name($0.step))' refuses what comes for it: \($0.reason)"
        }
        differences += TestComparison(simulation: simulation, began: test.now)
            .differences(from: test.expectation)
        return Verdict(name: test.name, differences: differences)
    }

    /// The instance of a case just after its start; nil if no trigger accepts what the case says.
    func begin(_ test: WorkflowTestCase) throws(TestStart.Failure) -> WorkflowSimulation? {
        guard let start = try TestStart(definition: definition).start(test.start) else {
            return nil
        }
        var simulation = WorkflowSimulation(
            definition,
            instance: EventID.derived(
                from: EventID(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_0001),
                "test/\(test.name)"
            ),
            now: test.now
        )
        do throws(Rejection) {
            try simulation.start(input: start.input, trigger: start.trigger)
        } catch {
            throw TestStart.Failure(reason: "the kernel refuses it: \(error)")
        }
        return simulation
    }
}

/// How the calls of a case end.
struct TestAnswers {
    let results: [String: [WorkflowTestCase.Result]]
    private var used: [String: Int] = [:]
    /// Calls for which the case has no result.
    private(set) var missing: [String] = []

    init(results: [String: [WorkflowTestCase.Result]]) { self.results = results }

    mutating func answer(_ call: WorkflowSimulation.Call) -> WorkflowSimulation.Answer {
        guard let result = next([call.step, StepNames.name(call.step), call.action]) else {
            missing.append(
                "the step '\(StepNames.name(call.step))' calls \(call.action), and the case has no "
                    + "result for it; add it under 'results'"
            )
            return WorkflowSimulation.Answer(
                .failure(
                    ActionFailure(
                        code: "no_result",
                        message: "the test case has no result for this call",
                        isRetryable: false
                    )
                )
            )
        }
        return WorkflowSimulation.Answer(after: result.after, result.result)
    }

    /// What comes for a step that waits; nil if nothing does.
    mutating func reply(
        _ question: WorkflowSimulation.Question
    ) -> WorkflowSimulation.Reply? {
        TestReplies.reply(to: question, next([question.step, StepNames.name(question.step)]))
    }

    /// The next result under the first of the names that has any; nil if none has.
    private mutating func next(_ names: [String]) -> WorkflowTestCase.Result? {
        guard let name = names.first(where: { results[$0]?.isEmpty == false }),
            let list = results[name]
        else { return nil }
        let index = used[name, default: 0]
        used[name] = index + 1
        return list[min(index, list.count - 1)]
    }
}

/// Names of steps in paths.
enum StepNames {
    /// A path without the numbers of rounds: `each[2].send` becomes `each.send`.
    static func withoutRounds(_ path: String) -> String {
        var result = ""
        var isInside = false
        for character in path {
            if character == "[" { isInside = true }
            if !isInside { result.append(character) }
            if character == "]" { isInside = false }
        }
        return result
    }

    /// The step's own name, without those around it and without the rounds of loops.
    static func name(_ path: String) -> String {
        let last = path.split(separator: ".").last ?? ""
        return String(last.prefix { $0 != "[" && $0 != "#" })
    }
}
