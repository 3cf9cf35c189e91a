import CEL
import Documents
import EventModel
import WorkflowEngine

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
        case .task(let change, let id, let before, let after):
            found = try task(change, id, before, after)
        case .event(let type, let data):
            found = try event(type, data)
        case .request(let name, let from, let entities, let payload):
            found = try request(name, from, entities, payload)
        case .ended(let end, let facts):
            found = try ended(end, facts)
        }
        guard let found else { return nil }
        let problems = definition.inputProblems(found.input)
        guard problems.isEmpty else { throw Failure(reason: problems.joined(separator: "; ")) }
        return found
    }

    /// For each field that differs, what it was and is.
    static func changes(_ before: Value, _ after: Value) -> Value {
        var changes = ValueMap()
        let keys = (before.mapValue?.stringKeys ?? []) + (after.mapValue?.stringKeys ?? [])
        for key in keys where before[key] != after[key] {
            changes[key] = ["before": before[key] ?? .null, "after": after[key] ?? .null]
        }
        return .map(changes)
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
        let changes = Self.changes(before, after)
        for trigger in definition.recordTriggers where trigger.database == database {
            do {
                let isAccepted = try trigger.accepts(
                    change,
                    before: before,
                    after: after,
                    changes: changes
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
                    "change": .string(change.rawValue), "changes": changes,
                    "event": "test", "position": 1,
                ]
            )
        }
        return nil
    }

    private func task(
        _ change: RecordTrigger.Change,
        _ id: String,
        _ before: Value,
        _ after: Value
    ) throws(Failure) -> (input: Value, trigger: Value)? {
        let wanted = try definition.taskTriggers.firstAccepted { trigger throws(CELError) in
            try trigger.accepts(change, before: before, after: after)
        }
        guard let wanted else { return nil }
        var input = after.mapValue ?? ValueMap()
        input["id"] = .string(id)
        let word = wanted.change.rawValue
        return (
            .map(input),
            ["kind": "task", "record": .string(id), "change": .string(word), "event": "test"]
        )
    }

    private func event(
        _ type: String,
        _ data: Value
    ) throws(Failure) -> (input: Value, trigger: Value)? {
        let id = EventID(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_0002)
        let event = Event(
            position: Position(1),
            id: id,
            stream: StreamName(category: "test", "event"),
            revision: 0,
            type: type,
            schema: 1,
            recordedAt: Timestamp(seconds: 0),
            entity: definition.entity,
            actor: "system",
            correlation: id,
            causation: nil,
            data: data,
            metadata: ValueMap()
        )
        let wanted = try definition.eventTriggers.firstAccepted { trigger throws(CELError) in
            try trigger.accepts(event)
        }
        return wanted.map { _ in
            (data, ["kind": "event", "type": .string(type), "event": "test"])
        }
    }

    private func request(
        _ name: String,
        _ from: String,
        _ entities: Value,
        _ payload: Value
    ) throws(Failure) -> (input: Value, trigger: Value)? {
        let facts: ValueMap = [
            "request": .string(name), "from": .string(from), "entities": entities,
        ]
        let wanted = try definition.requestTriggers.firstAccepted { trigger throws(CELError) in
            try trigger.accepts(.map(facts), payload: payload)
        }
        guard wanted != nil else { return nil }
        var trigger = facts
        trigger["kind"] = "request"
        trigger["event"] = "test"
        return (payload, .map(trigger))
    }

    private func ended(
        _ end: WorkflowTrigger.End,
        _ facts: ValueMap
    ) throws(Failure) -> (input: Value, trigger: Value)? {
        let wanted = try definition.workflowTriggers.firstAccepted { trigger throws(CELError) in
            try trigger.accepts(end, ended: .map(facts))
        }
        return wanted.map { _ in
            let trigger: Value = [
                "kind": "workflow", "workflow": facts["workflow"] ?? .null,
                "instance": facts["instance"] ?? .null, "end": .string(end.rawValue),
                "event": "test",
            ]
            return (.map(facts), trigger)
        }
    }
}

extension Array {
    /// The first trigger that accepts.
    ///
    /// - Throws: that a condition has no value.
    fileprivate func firstAccepted(
        _ accepts: (Element) throws(CELError) -> Bool
    ) throws(TestStart.Failure) -> Element? {
        for trigger in self {
            do throws(CELError) {
                if try accepts(trigger) { return trigger }
            } catch {
                throw TestStart.Failure(
                    reason: "the trigger's condition has no value: \(error)"
                )
            }
        }
        return nil
    }
}
