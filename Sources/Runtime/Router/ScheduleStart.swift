import EventModel
import Logging
import Schedules
import WorkflowEngine

extension TriggerMatch {
    /// The instance that a schedule's decision starts, of the version that was active just then.
    ///
    /// - Throws: ``RegistryBehind`` if the registry has not seen its deployment yet; the router then
    ///   tries again.
    func scheduleStart(
        of event: Event,
        in registry: WorkflowRegistry
    ) throws(RegistryBehind) -> Start? {
        guard let happened = try? ScheduleEvent(type: event.type, data: event.data),
            let start = happened.start
        else { return nil }
        // The index, which the registry is read from, may trail the log for a moment.
        guard let version = registry.active(start.workflow, before: event.position),
            version.position >= start.deployment
        else { throw RegistryBehind(workflow: start.workflow) }
        guard let definition = try? version.definition.get() else {
            logger.warning(
                "a schedule's workflow cannot be read by this version",
                metadata: ["workflow": "\(start.workflow)", "position": "\(event.position)"]
            )
            return nil
        }
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

/// The registry has not seen a deployment that the log has.
struct RegistryBehind: Error, CustomStringConvertible {
    var workflow: String

    var description: String { "the deployment of '\(workflow)' is not in the index yet" }
}
