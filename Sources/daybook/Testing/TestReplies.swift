import EventModel
import WorkflowEngine

/// What comes for a step that waits for people, events or another workflow, as a case says.
enum TestReplies {
    static func reply(
        to question: WorkflowSimulation.Question,
        _ result: WorkflowTestCase.Result?
    ) -> WorkflowSimulation.Reply? {
        guard let result, let command = command(question, result) else { return nil }
        return WorkflowSimulation.Reply(after: result.after, command)
    }

    private static func command(
        _ question: WorkflowSimulation.Question,
        _ result: WorkflowTestCase.Result
    ) -> InstanceCommand? {
        switch (question.pending, result.reply) {
        case (.approval, .decision(let outcome, let actor, let comment)?):
            .approve(
                InstanceCommand.Answer(
                    step: question.step,
                    outcome: outcome,
                    comment: comment,
                    actor: actor
                )
            )
        case (.event(let awaited), .arrival(let data, let before, let word, let id)?):
            arrival(awaited, at: question.step, data, before, word, id)
        case (.child(let child), nil):
            end(of: child, result)
        case (.approval, _), (.event, _), (.child, _):
            nil
        }
    }

    private static func end(
        of child: EventID,
        _ result: WorkflowTestCase.Result
    ) -> InstanceCommand? {
        switch result.result {
        case .success(let output)?:
            .childEnded(
                InstanceCommand.ChildEnd(
                    child: child,
                    status: .completed,
                    outcome: result.outcome ?? "completed",
                    output: output
                )
            )
        case .failure(let failure)?:
            .childEnded(
                InstanceCommand.ChildEnd(child: child, status: .failed, failure: failure)
            )
        case nil: nil
        }
    }

    /// What the engine would deliver to a step that waits for it.
    private static func arrival(
        _ awaited: AwaitedEvent,
        at step: String,
        _ data: Value,
        _ before: Value,
        _ word: String?,
        _ id: String
    ) -> InstanceCommand {
        if awaited.kind == .signal {
            return .signal(name: awaited.name, data: data, actor: "user:test")
        }
        let word = word ?? awaited.words.first
        var matched = data
        var variables: ValueMap
        var output: ValueMap
        switch awaited.kind {
        case .event, .signal:
            let event: ValueMap = [
                "id": .string(id), "type": .string(awaited.name), "stream": "test/event",
                "entity": .null, "actor": "system", "data": data,
            ]
            variables = ["event": .map(event), "data": data]
            output = event
        case .webhook:
            variables = ["payload": data]
            output = [
                "source": .string(awaited.name), "event": word.map(Value.string) ?? .null,
                "payload": data,
            ]
        case .record:
            var fields = data.mapValue ?? ValueMap()
            fields["id"] = .string(id)
            matched = .map(fields)
            let changes = TestStart.changes(before, data)
            variables = ["record": data, "before": before, "after": data, "changes": changes]
            output = [
                "id": .string(id), "record": data, "changes": changes,
                "change": word.map(Value.string) ?? "updated",
            ]
        }
        output["timed_out"] = false
        return .deliver(
            InstanceCommand.Delivery(
                step: step,
                kind: awaited.kind,
                name: awaited.name,
                word: awaited.kind == .event ? nil : word,
                data: matched,
                variables: variables,
                output: .map(output)
            )
        )
    }
}
