import EventLog
import EventModel
import Logging
import WorkflowEngine

/// Starts the instances that webhooks and changed records call for.
///
/// The instance's id is derived from the event's, so to route an event again starts nothing twice.
struct TriggerRouter: Sendable {
    static let follower = "triggers"

    let context: EngineContext
    let processor: InstanceProcessor
    let registry: SharedRegistry

    func apply(_ batch: EventSubscription.Batch) async throws {
        let match = TriggerMatch(store: context.store, logger: context.logger)
        // What was erased starts nothing any more: whether it once did, the log knows already.
        for event in batch.events where event.metadata[SealedBox.erasedMember] == nil {
            let current = try registry.current()
            for start in try match.starts(of: event, in: current) {
                try await begin(start, because: event)
            }
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
