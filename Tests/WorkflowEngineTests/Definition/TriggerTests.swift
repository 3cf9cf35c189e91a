import DaybookTestKit
import EventModel
import Testing
import WorkflowEngine

@Suite struct TriggerTests {
    private func parse(_ triggers: String) throws -> WorkflowDefinition {
        try WorkflowDefinition.parse(
            "workflow: w\ntriggers:\n\(triggers)\nsteps: [{name: a, set: {x: 1}}]",
            file: "w.yaml",
            actions: nil
        )
    }

    @Test func eventsAreChosenByTypeAndCondition() throws {
        let definition = try parse("  - {event: NotificationSent, if: data.n > 1}")
        let trigger = try #require(definition.eventTriggers.first)
        #expect(try trigger.accepts(event("NotificationSent", ["n": 2])))
        #expect(try !trigger.accepts(event("NotificationSent", ["n": 1])))
        #expect(try !trigger.accepts(event("TaskCreated", ["n": 2])))
    }

    private func event(_ type: String, _ data: Value) -> Event {
        let id = EventID(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_0001)
        return Event(
            position: 1,
            id: id,
            stream: StreamName(category: "sample", "a"),
            revision: 0,
            type: type,
            schema: 1,
            recordedAt: Timestamp(seconds: 1_764_000_000),
            entity: nil,
            actor: "user:ana",
            correlation: id,
            causation: nil,
            data: data,
            metadata: ValueMap()
        )
    }

    @Test func tasksAreSeenWhenTheirStatusChanges() throws {
        let definition = try parse("  - {task: completed, if: task.task_type == 'milestone'}")
        let trigger = try #require(definition.taskTriggers.first)
        let open: Value = ["status": "To Do", "task_type": "milestone"]
        let done: Value = ["status": "Done", "task_type": "milestone"]
        let other: Value = ["status": "Done", "task_type": "chore"]
        #expect(try trigger.accepts(.updated, before: open, after: done))
        #expect(try !trigger.accepts(.updated, before: done, after: done))
        #expect(try !trigger.accepts(.updated, before: open, after: other))
        #expect(try !trigger.accepts(.trashed, before: done, after: .null))
    }

    @Test func requestsAreLetInByWhoAsks() throws {
        let definition = try parse("  - {request: share, from: [e1], if: payload.n == 1}")
        let trigger = try #require(definition.requestTriggers.first)
        #expect(try trigger.accepts(["request": "share", "from": "e1"], payload: ["n": 1]))
        #expect(try !trigger.accepts(["request": "share", "from": "e2"], payload: ["n": 1]))
        #expect(try !trigger.accepts(["request": "share"], payload: ["n": 1]))
        #expect(try !trigger.accepts(["request": "other", "from": "e1"], payload: ["n": 1]))
        #expect(try !trigger.accepts(["request": "share", "from": "e1"], payload: ["n": 2]))
    }

    @Test func endsOfOtherWorkflowsAreChosenByOutcome() throws {
        let definition = try parse(
            "  - {workflow: v, on: [completed, failed], outcome: good, if: ended.output.n == 1}"
        )
        let trigger = try #require(definition.workflowTriggers.first)
        let ended: Value = ["workflow": "v", "outcome": "good", "output": ["n": 1]]
        #expect(try trigger.accepts(.completed, ended: ended))
        #expect(try !trigger.accepts(.cancelled, ended: ended))
        let bad: Value = ["workflow": "v", "outcome": "bad", "output": ["n": 1]]
        #expect(try !trigger.accepts(.completed, ended: bad))
        let strange: Value = ["workflow": "u", "outcome": "good", "output": ["n": 1]]
        #expect(try !trigger.accepts(.completed, ended: strange))
        let plain = try parse("  - {workflow: v}")
        #expect(plain.workflowTriggers.first?.ends == [.completed])
    }
}
