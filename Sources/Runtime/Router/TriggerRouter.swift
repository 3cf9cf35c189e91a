import EventLog
import EventModel
import Logging
import Synchronization
import WorkflowEngine

/// The types of events that some workflow can be started by.
///
/// It grows with what is deployed; an event of a type that nobody waits for is never decoded.
final class TriggerFilter: Sendable {
    private let types = Mutex<Set<String>>([])

    /// The filter for all that was ever deployed.
    func renew(for registry: WorkflowRegistry) -> EventFilter {
        let wanted = TriggerMatch.types.union(registry.eventTypesWanted)
        types.withLock { $0 = wanted }
        return EventFilter(types: wanted)
    }

    /// Whether the filter lets through all that the registry's workflows wait for.
    func covers(_ registry: WorkflowRegistry) -> Bool {
        types.withLock { registry.eventTypesWanted.isSubset(of: $0) }
    }
}

/// Starts the instances that events call for, and brings events to the instances that wait for them.
///
/// The instance's id is derived from the event's, so to route an event again starts nothing twice.
struct TriggerRouter: Sendable {
    static let follower = "triggers"

    let context: EngineContext
    let processor: InstanceProcessor
    let registry: SharedRegistry
    let filter = TriggerFilter()

    private var waits: WaitDelivery { WaitDelivery(context: context, processor: processor) }

    func apply(_ batch: EventSubscription.Batch) async throws {
        let match = TriggerMatch(store: context.store, logger: context.logger)
        // What was erased starts nothing any more: whether it once did, the log knows already.
        for event in batch.events where event.metadata[SealedBox.erasedMember] == nil {
            for instance in match.cancellations(of: event) {
                try await cancel(instance, because: event)
            }
            let current = try registry.current()
            // What a new workflow waits for was left out so far.
            if event.type == WorkflowRegistry.deployedType, !filter.covers(current) {
                throw FilterChange()
            }
            for start in try match.starts(of: event, in: current) {
                try await begin(start, because: event)
            }
            try await waits.deliver(event)
        }
    }

    private func cancel(_ instance: EventID, because event: Event) async throws {
        do throws(CommandError) {
            try await processor.execute(
                .cancel(reason: "the next tick of schedule \(event.stream.identifier) is due"),
                on: instance,
                origin: InstanceProcessor.Origin(actor: event.actor, causation: event.id)
            )
        } catch {
            // It has ended by itself since, or was never started.
            guard case .rejected = error else { throw error }
        }
    }

    private func begin(_ start: TriggerMatch.Start, because event: Event) async throws {
        let problems = start.definition.inputProblems(start.command.input)
        guard problems.isEmpty else {
            context.logger.warning(
                "an event starts nothing, because it does not fit the workflow's input",
                metadata: [
                    "workflow": "\(start.definition.name)", "position": "\(event.position)",
                    "problems": "\(problems.joined(separator: "; "))",
                ]
            )
            return
        }
        do throws(CommandError) {
            try await processor.execute(
                .start(start.command),
                on: start.instance,
                origin: InstanceProcessor.Origin(
                    actor: event.actor,
                    causation: event.id,
                    correlation: event.correlation
                )
            )
        } catch {
            // It was started before a stop; or the kernel refused it, and will always do so.
            guard case .rejected(let rejection) = error else { throw error }
            guard rejection.code != .exists else { return }
            context.logger.warning(
                "an instance was refused",
                metadata: ["instance": "\(start.instance)", "reason": "\(rejection)"]
            )
        }
    }
}
