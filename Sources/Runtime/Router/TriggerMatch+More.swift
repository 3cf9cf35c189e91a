import EventLog
import EventModel
import WorkflowEngine

extension WorkflowDefinition {
    /// The types of events that it waits for, beside webhooks, records and requests.
    var eventTypesWanted: Set<String> {
        var types = Set(eventTriggers.map(\.type)).union(eventTypesAwaited)
        if !workflowTriggers.isEmpty { types.formUnion(TriggerMatch.endTypes.keys) }
        return types
    }
}

extension TriggerMatch {
    /// The events that end an instance, each with the word for how.
    static let endTypes: [String: WorkflowTrigger.End] = [
        "InstanceCompleted": .completed, "InstanceFailed": .failed,
        "InstanceCancelled": .cancelled, "InstanceTerminated": .cancelled,
    ]

    func eventStart(of event: Event, _ definition: WorkflowDefinition) -> Start? {
        let isWanted = definition.eventTriggers.contains { trigger in
            accepts(event, definition) { try trigger.accepts(event) }
        }
        guard isWanted else { return nil }
        let trigger: Value = [
            "kind": "event", "type": .string(event.type), "event": .string(event.id.text),
            "stream": .string(event.stream.text), "position": .uint(event.position.value),
        ]
        return start(event, definition, input: event.data, trigger: trigger)
    }

    func taskStart(
        of event: Event,
        _ change: RecordChange,
        _ definition: WorkflowDefinition
    ) -> Start? {
        guard change.database == TaskTrigger.database else { return nil }
        let wanted = definition.taskTriggers.first { trigger in
            accepts(event, definition) {
                try trigger.accepts(change.kind, before: change.before, after: change.after)
            }
        }
        guard let wanted else { return nil }
        let trigger: Value = [
            "kind": "task", "record": .string(change.sourceID),
            "change": .string(wanted.change.rawValue), "event": .string(event.id.text),
            "position": .uint(event.position.value),
        ]
        return start(event, definition, input: change.input, trigger: trigger)
    }

    func requestStart(of event: Event, _ definition: WorkflowDefinition) -> Start? {
        guard let payload = event.data["payload"] else { return nil }
        let isWanted = definition.requestTriggers.contains { trigger in
            accepts(event, definition) { try trigger.accepts(event.data, payload: payload) }
        }
        guard isWanted else { return nil }
        let trigger: Value = [
            "kind": "request", "request": event.data["request"] ?? .null,
            "from": event.data["from"] ?? .null, "entities": event.data["entities"] ?? .null,
            "event": .string(event.id.text), "position": .uint(event.position.value),
        ]
        return start(event, definition, input: payload, trigger: trigger)
    }

    func endStart(
        of event: Event,
        _ ended: (end: WorkflowTrigger.End, facts: Value),
        _ definition: WorkflowDefinition
    ) -> Start? {
        let isWanted = definition.workflowTriggers.contains { trigger in
            accepts(event, definition) { try trigger.accepts(ended.end, ended: ended.facts) }
        }
        guard isWanted else { return nil }
        let trigger: Value = [
            "kind": "workflow", "workflow": ended.facts["workflow"] ?? .null,
            "instance": ended.facts["instance"] ?? .null, "end": .string(ended.end.rawValue),
            "event": .string(event.id.text), "position": .uint(event.position.value),
        ]
        return start(event, definition, input: ended.facts, trigger: trigger)
    }

    /// What is known of an instance that an event ended; nil if it ended none.
    func endedInstance(_ event: Event) throws -> (end: WorkflowTrigger.End, facts: Value)? {
        guard let end = TriggerMatch.endTypes[event.type],
            let instance = InstanceStream.instance(of: event.stream)
        else { return nil }
        let first = try store.readStream(
            event.stream,
            from: 0,
            direction: .forward,
            limit: 1
        )
        guard let workflow = first.first?.data["workflow"] else { return nil }
        let facts: Value = [
            "instance": .string(instance.text), "workflow": workflow,
            "status": .string(end.rawValue),
            "outcome": event.data["outcome"] ?? event.data["reason"] ?? .null,
            "output": event.data["output"] ?? .null, "failure": event.data["failure"] ?? .null,
        ]
        return (end, facts)
    }
}
