import EventLog
import EventModel
import Logging
import Records
import Schedules
import WorkflowEngine

/// Works out which workflows an event starts, always the same ones for the same log.
struct TriggerMatch: Sendable {
    /// An instance to be started.
    struct Start: Sendable {
        var instance: EventID
        var definition: WorkflowDefinition
        var command: InstanceCommand.Start
    }

    let store: any EventStore
    let logger: Logger

    /// The types of events that are looked at whatever is deployed.
    static let types = Set(RecordEvent.types).union(ScheduleEvent.startingTypes).union([
        WebhookEvents.receivedType, RequestEvents.receivedType, WorkflowRegistry.deployedType,
    ])

    /// The instances that an event starts, by the definitions that were active just before it.
    func starts(of event: Event, in registry: WorkflowRegistry) throws -> [Start] {
        let started = try starts(of: event, for: registry.definitions(before: event.position))
        guard event.stream.category == ScheduleStream.category,
            let scheduled = try scheduleStart(of: event, in: registry)
        else { return started }
        return started + [scheduled]
    }

    /// The instances of some definitions that an event starts by their triggers; what a schedule
    /// decided is not among them.
    func starts(of event: Event, for definitions: [WorkflowDefinition]) throws -> [Start] {
        var starts = definitions.compactMap { eventStart(of: event, $0) }
        if event.type == WebhookEvents.receivedType {
            starts += definitions.compactMap { webhookStart(of: event, $0) }
        } else if event.type == RequestEvents.receivedType {
            starts += definitions.compactMap { requestStart(of: event, $0) }
        } else if let ended = try endedInstance(event) {
            starts += definitions.compactMap { endStart(of: event, ended, $0) }
        } else if let change = try RecordChange(event, store: store) {
            starts += definitions.compactMap { recordStart(of: event, change, $0) }
            starts += definitions.compactMap { taskStart(of: event, change, $0) }
        }
        // A workflow is started once by an event, however many of its triggers fit.
        var seen: Set<EventID> = []
        return starts.filter { seen.insert($0.instance).inserted }
    }

    private func webhookStart(of event: Event, _ definition: WorkflowDefinition) -> Start? {
        guard let source = event.data["source"]?.stringValue,
            let name = event.data["event"]?.stringValue,
            let payload = event.data["payload"]
        else { return nil }
        let triggers = definition.webhookTriggers.filter { $0.source == source }
        let isWanted = triggers.contains { trigger in
            accepts(event, definition) { try trigger.accepts(event: name, payload: payload) }
        }
        guard isWanted else { return nil }
        let trigger: Value = [
            "kind": "webhook", "source": .string(source), "event": .string(event.id.text),
            "name": .string(name), "position": .uint(event.position.value),
        ]
        return start(event, definition, input: payload, trigger: trigger)
    }

    private func recordStart(
        of event: Event,
        _ change: RecordChange,
        _ definition: WorkflowDefinition
    ) -> Start? {
        let triggers = definition.recordTriggers.filter { $0.database == change.database }
        let isWanted = triggers.contains { trigger in
            accepts(event, definition) {
                try trigger.accepts(
                    change.kind,
                    before: change.before,
                    after: change.after,
                    changes: change.changes
                )
            }
        }
        guard isWanted else { return nil }
        let trigger: Value = [
            "kind": "record", "database": .string(change.database),
            "record": .string(change.sourceID), "change": .string(change.kind.rawValue),
            "changes": change.changes, "event": .string(event.id.text),
            "position": .uint(event.position.value),
        ]
        return start(event, definition, input: change.input, trigger: trigger)
    }

    func start(
        _ event: Event,
        _ definition: WorkflowDefinition,
        input: Value,
        trigger: Value
    ) -> Start {
        Start(
            instance: .derived(from: event.id, "instance/\(definition.name)"),
            definition: definition,
            command: InstanceCommand.Start(
                workflow: definition.name,
                definition: definition.hash,
                input: input,
                entity: definition.entity,
                trigger: trigger
            )
        )
    }

    // A condition that fails on this event starts nothing; that must be seen, not passed over.
    func accepts(
        _ event: Event,
        _ definition: WorkflowDefinition,
        _ condition: () throws -> Bool
    ) -> Bool {
        do {
            return try condition()
        } catch {
            logger.warning(
                "a trigger's condition has no value",
                metadata: [
                    "workflow": "\(definition.name)", "position": "\(event.position)",
                    "error": "\(error)",
                ]
            )
            return false
        }
    }
}
