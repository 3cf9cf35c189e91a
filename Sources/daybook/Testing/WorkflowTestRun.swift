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
            && !steps.contains(where: { $0.path == key })
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
        let start: (input: Value, trigger: Value)?
        do throws(TestStart.Failure) {
            start = try TestStart(definition: definition).start(test.start)
        } catch {
            let reason = "the instance does not start: \(error.reason)"
            return Verdict(name: test.name, differences: test.expectation.starts ? [reason] : [])
        }
        guard let start else {
            let reason = "no trigger of the workflow accepts this"
            return Verdict(name: test.name, differences: test.expectation.starts ? [reason] : [])
        }
        guard test.expectation.starts else {
            return Verdict(name: test.name, differences: ["an instance starts, but none should"])
        }
        var simulation = WorkflowSimulation(
            definition,
            instance: EventID.derived(
                from: EventID(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_0001),
                "test/\(test.name)"
            ),
            now: test.now
        )
        var answers = TestAnswers(results: test.results)
        do throws(Rejection) {
            try simulation.start(input: start.input, trigger: start.trigger)
        } catch {
            return Verdict(name: test.name, differences: ["the kernel refuses it: \(error)"])
        }
        simulation.run(until: test.now + test.limit) { answers.answer($0) }
        var differences = answers.missing
        differences += TestComparison(simulation: simulation, began: test.now)
            .differences(from: test.expectation)
        return Verdict(name: test.name, differences: differences)
    }
}

/// How the calls of a case end.
private struct TestAnswers {
    let results: [String: [WorkflowTestCase.Result]]
    private var used: [String: Int] = [:]
    /// Calls for which the case has no result.
    private(set) var missing: [String] = []

    init(results: [String: [WorkflowTestCase.Result]]) { self.results = results }

    mutating func answer(_ call: WorkflowSimulation.Call) -> WorkflowSimulation.Answer {
        let keys = [call.step, StepNames.name(call.step), call.action]
        guard let key = keys.first(where: { results[$0]?.isEmpty == false }),
            let list = results[key]
        else {
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
        let index = used[key, default: 0]
        used[key] = index + 1
        let result = list[min(index, list.count - 1)]
        return WorkflowSimulation.Answer(after: result.after, result.result)
    }
}

/// Names of steps in paths.
enum StepNames {
    /// The step's own name, without those around it and without the rounds of loops.
    static func name(_ path: String) -> String {
        let last = path.split(separator: ".").last ?? ""
        return String(last.prefix { $0 != "[" && $0 != "#" })
    }
}

/// What an instance begins with, by the workflow's own triggers.
struct TestStart {
    let definition: WorkflowDefinition

    /// Why none begins.
    struct Failure: Error {
        var reason: String
    }

    func start(
        _ start: WorkflowTestCase.Start
    ) throws(Failure) -> (input: Value, trigger: Value)? {
        let found: (input: Value, trigger: Value)?
        switch start {
        case .input(let input):
            found = (input, ["kind": "manual"])
        case .webhook(let source, let event, let payload):
            found = try webhook(source, event, payload)
        case .record(let database, let change, let id, let before, let after):
            found = try record(database, change, id, before, after)
        }
        guard let found else { return nil }
        let problems = definition.inputProblems(found.input)
        guard problems.isEmpty else { throw Failure(reason: problems.joined(separator: "; ")) }
        return found
    }

    private func webhook(
        _ source: String,
        _ event: String,
        _ payload: Value
    ) throws(Failure) -> (input: Value, trigger: Value)? {
        for trigger in definition.webhookTriggers where trigger.source == source {
            do {
                guard try trigger.accepts(event: event, payload: payload) else { continue }
            } catch {
                throw Failure(reason: "the trigger's condition has no value: \(error)")
            }
            var members = payload.mapValue ?? ValueMap()
            for secret in trigger.secrets where members[secret] != nil {
                members[secret] = .string("secret://\(secret)/test")
            }
            return (
                payload.mapValue == nil ? payload : .map(members),
                [
                    "kind": "webhook", "source": .string(source), "name": .string(event),
                    "event": "test", "position": 1,
                ]
            )
        }
        return nil
    }

    private func record(
        _ database: String,
        _ change: RecordTrigger.Change,
        _ id: String,
        _ before: Value,
        _ after: Value
    ) throws(Failure) -> (input: Value, trigger: Value)? {
        var changes = ValueMap()
        let keys = (before.mapValue?.stringKeys ?? []) + (after.mapValue?.stringKeys ?? [])
        for key in keys where before[key] != after[key] {
            changes[key] = ["before": before[key] ?? .null, "after": after[key] ?? .null]
        }
        for trigger in definition.recordTriggers where trigger.database == database {
            do {
                let isAccepted = try trigger.accepts(
                    change,
                    before: before,
                    after: after,
                    changes: .map(changes)
                )
                guard isAccepted else { continue }
            } catch {
                throw Failure(reason: "the trigger's condition has no value: \(error)")
            }
            var input = (after.isNull ? before : after).mapValue ?? ValueMap()
            input["id"] = .string(id)
            return (
                .map(input),
                [
                    "kind": "record", "database": .string(database), "record": .string(id),
                    "change": .string(change.rawValue), "changes": .map(changes),
                    "event": "test", "position": 1,
                ]
            )
        }
        return nil
    }
}
