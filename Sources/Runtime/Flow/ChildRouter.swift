import EventLog
import EventModel
import Logging
import WorkflowEngine

/// Starts the instances that others call, tells those of their ends, and ends them when it is asked
/// to.
///
/// All of it is asked for by events and done by commands whose ids follow from those, so to do it
/// again after a stop changes nothing.
struct ChildRouter: Sendable {
    static let follower = "children"
    /// The kind of trigger that a called instance has.
    static let triggerKind = "parent"

    static let types: Set<String> = [
        "ChildRequested", "ChildCloseRequested", "InstanceCompleted", "InstanceFailed",
        "InstanceCancelled", "InstanceTerminated",
    ]

    let context: EngineContext
    let processor: InstanceProcessor
    let registry: SharedRegistry

    func apply(_ batch: EventSubscription.Batch) async throws {
        for event in batch.events {
            guard let instance = InstanceStream.instance(of: event.stream),
                let happened = try? InstanceEvent(type: event.type, data: event.data)
            else { continue }
            switch happened {
            case .childRequested(let request):
                try await start(request, of: instance, because: event)
            case .childCloseRequested(let request):
                try await close(request, because: event)
            case .instanceCompleted(let end):
                let report = InstanceCommand.ChildEnd(
                    child: instance,
                    status: .completed,
                    outcome: end.outcome,
                    output: end.output
                )
                try await tellParent(report, because: event)
            case .instanceFailed(let end):
                let report = InstanceCommand.ChildEnd(
                    child: instance,
                    status: .failed,
                    failure: end.failure
                )
                try await tellParent(report, because: event)
            case .instanceCancelled(let end):
                let report = InstanceCommand.ChildEnd(
                    child: instance,
                    status: .cancelled,
                    outcome: end.reason
                )
                try await tellParent(report, because: event)
            case .instanceTerminated(let end):
                let report = InstanceCommand.ChildEnd(
                    child: instance,
                    status: .terminated,
                    outcome: end.reason
                )
                try await tellParent(report, because: event)
            case _:
                continue
            }
        }
    }

    private func start(
        _ request: InstanceEvent.ChildRequested,
        of parent: EventID,
        because event: Event
    ) async throws {
        let versions = try registry.current()
        let definition = try? versions.active(request.workflow, before: event.position)?
            .definition.get()
        var problems = ["there is no workflow '\(request.workflow)'"]
        if let definition {
            problems = definition.inputProblems(request.input)
            if problems.isEmpty {
                let start = InstanceCommand.Start(
                    workflow: definition.name,
                    definition: definition.hash,
                    input: request.input,
                    entity: definition.entity,
                    trigger: [
                        "kind": .string(ChildRouter.triggerKind),
                        "instance": .string(parent.text), "step": .string(request.step),
                        "event": .string(event.id.text),
                        "position": .uint(event.position.value),
                    ]
                )
                let refusal = try await send(.start(start), to: request.child, because: event)
                guard let refusal, refusal.code != .exists else { return }
                problems = [refusal.message]
            }
        }
        let refusal = InstanceCommand.ChildEnd(
            child: request.child,
            status: .refused,
            failure: ActionFailure(
                code: "child_refused",
                message: problems.joined(separator: "; "),
                isRetryable: false
            )
        )
        try await send(.childEnded(refusal), to: parent, because: event)
    }

    private func close(
        _ request: InstanceEvent.ChildCloseRequested,
        because event: Event
    ) async throws {
        let reason = "the instance that called it goes on or ended without it"
        switch request.how {
        case .cancel: try await send(.cancel(reason: reason), to: request.child, because: event)
        case .terminate:
            try await send(.terminate(reason: reason), to: request.child, because: event)
        case .abandon: break
        }
    }

    private func tellParent(
        _ report: InstanceCommand.ChildEnd,
        because event: Event
    ) async throws {
        let trigger: Value
        do throws(CommandError) {
            trigger = try processor.load(report.child).state.trigger
        } catch {
            guard error.isOfInstance else { throw error }
            return complain(error, about: report.child)
        }
        guard trigger["kind"] == .string(ChildRouter.triggerKind),
            let parent = trigger["instance"]?.stringValue.flatMap({ EventID($0) })
        else { return }
        try await send(.childEnded(report), to: parent, because: event)
    }

    private func complain(_ error: CommandError, about instance: EventID) {
        context.logger.error(
            "a command between instances failed",
            metadata: ["instance": "\(instance)", "error": "\(error)"]
        )
    }

    /// - Returns: why it was refused; nil if it was not.
    @discardableResult
    private func send(
        _ command: InstanceCommand,
        to instance: EventID,
        because event: Event
    ) async throws -> Rejection? {
        do throws(CommandError) {
            try await processor.execute(
                command,
                on: instance,
                origin: InstanceProcessor.Origin(
                    actor: context.configuration.actor,
                    causation: event.id,
                    correlation: event.correlation
                )
            )
        } catch {
            guard case .rejected(let rejection) = error else {
                guard error.isOfInstance else { throw error }
                complain(error, about: instance)
                return nil
            }
            // It was done before a stop, or nobody waits for it any more; a limit is news.
            context.logger.log(
                level: rejection.code == .limit ? .error : .debug,
                "a command between instances was refused",
                metadata: ["instance": "\(instance)", "reason": "\(rejection)"]
            )
            return rejection
        }
        return nil
    }
}
