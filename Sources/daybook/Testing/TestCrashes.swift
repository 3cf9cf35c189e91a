import EventModel
import WorkflowEngine

extension WorkflowTestRun {
    /// Runs a case once, and then once more for each of its appends as if the engine had crashed just
    /// behind it: the state is folded anew, calls without a result are made again, and the end must
    /// be the same.
    ///
    /// - Returns: where it is not; empty if nothing starts.
    func crashes(of test: WorkflowTestCase) -> [String] {
        guard let begun = try? begin(test) else { return [] }
        var whole = begun
        var world = TestWorld(answers: TestAnswers(results: test.results))
        let limit = test.now + test.limit
        whole.run(until: limit, reply: { world.reply($0) }, { world.answer($0) })
        var differences: [String] = []
        for count in whole.appends.dropLast() {
            var restarted: WorkflowSimulation
            do throws(EventDataError) {
                restarted = try whole.restarted(after: count)
            } catch {
                differences.append("event \(count) cannot be read back: \(error)")
                continue
            }
            restarted.run(until: limit, reply: { world.reply($0) }, { world.answer($0) })
            guard end(of: restarted) != end(of: whole) else { continue }
            differences.append("after a crash behind event \(count) the end is another one")
        }
        return differences
    }

    /// What two runs must have in common.
    private func end(of simulation: WorkflowSimulation) -> Value {
        let state = simulation.state
        return [
            "status": .string(state.status.rawValue), "output": state.output,
            "outcome": state.outcome.map(Value.string) ?? .null,
            "failure": (state.failure?.code).map(Value.string) ?? .null,
            "variables": .map(state.variables), "outputs": .map(state.outputs),
            "ended_at": state.endedAt.map(Value.timestamp) ?? .null,
            "phases": .map(
                ValueMap(state.steps.map { ($0.key, .string($0.value.phase.rawValue)) })
            ),
        ]
    }
}

/// The world outside as a first run has found it; for a repeated call it is the same at the same time.
private struct TestWorld {
    var answers: TestAnswers
    private var given: [String: (due: Timestamp, answer: WorkflowSimulation.Answer)] = [:]
    private var replies: [String: [Known]] = [:]

    /// What came for a question; no command if nothing did.
    private struct Known {
        var pending: StepState.Pending
        var due: Timestamp
        var command: InstanceCommand?
    }

    init(answers: TestAnswers) { self.answers = answers }

    mutating func answer(_ call: WorkflowSimulation.Call) -> WorkflowSimulation.Answer {
        let key = "\(call.step)#\(call.attempt)"
        if let known = given[key] {
            let after = max(known.due - call.at, .zero)
            return WorkflowSimulation.Answer(after: after, known.answer.result)
        }
        let answer = answers.answer(call)
        given[key] = (call.at + answer.after, answer)
        return answer
    }

    mutating func reply(
        _ question: WorkflowSimulation.Question
    ) -> WorkflowSimulation.Reply? {
        if let known = replies[question.step]?.first(where: { $0.pending == question.pending }) {
            guard let command = known.command else { return nil }
            return WorkflowSimulation.Reply(after: max(known.due - question.at, .zero), command)
        }
        let reply = answers.reply(question)
        replies[question.step, default: []].append(
            Known(
                pending: question.pending,
                due: question.at + (reply?.after ?? .zero),
                command: reply?.command
            )
        )
        return reply
    }
}
