import EventModel
import Schedules
import WorkflowEngine

extension TriggerMatch {
    /// The instance that a schedule's decision starts, of the version that was active just then.
    func scheduleStart(of event: Event, in registry: WorkflowRegistry) -> Start? {
        guard let happened = try? ScheduleEvent(type: event.type, data: event.data),
            let start = happened.start,
            let version = registry.active(start.workflow, before: event.position),
            let definition = try? version.definition.get()
        else { return nil }
        var trigger: ValueMap = [
            "kind": "schedule", "schedule": .string(event.stream.identifier),
            "event": .string(event.id.text), "position": .uint(event.position.value),
        ]
        switch happened {
        case .tickDecided(let tick):
            trigger["due"] = .timestamp(tick.due)
            trigger["decision"] = .string(tick.decision.rawValue)
        case .tickReleased(let tick):
            trigger["due"] = .timestamp(tick.due)
            trigger["decision"] = .string(ScheduleEvent.Decision.queued.rawValue)
        case .created, .changed, .removed, .paused, .resumed, .triggered: break
        }
        return Start(
            instance: start.instance,
            definition: definition,
            command: InstanceCommand.Start(
                workflow: definition.name,
                definition: definition.hash,
                input: start.input,
                entity: definition.entity,
                trigger: .map(trigger)
            )
        )
    }

    /// The instances that a schedule's decision ends first.
    func cancellations(of event: Event) -> [EventID] {
        guard case .tickDecided(let tick) = try? ScheduleEvent(type: event.type, data: event.data)
        else { return [] }
        return tick.cancels
    }
}
