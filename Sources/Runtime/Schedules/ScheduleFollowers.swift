import EventLog
import EventModel
import Logging
import Schedules
import WorkflowEngine

/// Gives schedules what their workflows' deployments say of them.
struct ScheduleDeployments: Sendable {
    static let follower = "schedules"
    static let filter = EventFilter(
        categories: ["workflow"],
        types: [WorkflowRegistry.deployedType]
    )

    let context: EngineContext
    let registry: SharedRegistry
    let processor: ScheduleProcessor

    func apply(_ batch: EventSubscription.Batch) async throws {
        for event in batch.events {
            guard let name = event.data["name"]?.stringValue else { continue }
            try await take(event, of: name)
        }
    }

    private func take(_ event: Event, of workflow: String) async throws {
        let current = try registry.current()
        let versions = current.versions(of: workflow).filter { $0.position <= event.position }
        // A version that this program cannot read says nothing; its schedules stay as they are.
        guard let version = versions.last, version.position == event.position,
            let definition = try? version.definition.get()
        else { return }
        let wanted = definition.scheduleTriggers
        let ids = Set(wanted.map { $0.id(in: workflow) })
        for trigger in wanted {
            try await deploy(trigger, of: workflow, event)
        }
        let earlier = versions.dropLast().flatMap { version in
            (try? version.definition.get())?.scheduleTriggers.map { $0.id(in: workflow) } ?? []
        }
        for id in Set(earlier).subtracting(ids).sorted() {
            try await settle(id, before: event)
            try await processor.execute(on: id, actor: event.actor, causation: event.id) { _, _ in
                .remove(deployment: event.position)
            }
        }
    }

    private func deploy(
        _ trigger: ScheduleTrigger,
        of workflow: String,
        _ event: Event
    ) async throws {
        let id = trigger.id(in: workflow)
        let deployed = ScheduleEvent.Deployed(
            workflow: workflow,
            definition: trigger.definition,
            deployment: event.position,
            from: event.recordedAt
        )
        try await settle(id, before: event)
        try await processor.execute(on: id, actor: event.actor, causation: event.id) { _, _ in
            .deploy(deployed)
        }
    }

    /// What was due before the deployment is the earlier version's.
    private func settle(_ id: String, before event: Event) async throws {
        let known = try processor.load(id)
        guard known.state.isLive, known.state.deployment < event.position else { return }
        do {
            try await processor.advance(id, through: event.recordedAt)
        } catch ScheduleError.unknownZone(let schedule, let zone) {
            context.logger.warning(
                "ticks before a deployment cannot be decided",
                metadata: ["schedule": "\(schedule)", "zone": "\(zone)"]
            )
        }
    }
}

/// Lets the next tick of a queue go when the instance that it waits for has ended.
struct ScheduleEnds: Sendable {
    static let follower = "schedule_ends"
    static let filter = EventFilter(
        categories: ["instance"],
        types: ["InstanceCompleted", "InstanceFailed", "InstanceCancelled"]
    )

    let context: EngineContext
    let processor: ScheduleProcessor

    func apply(_ batch: EventSubscription.Batch) async throws {
        // A tick that was queued before the end must be in the table before it is looked for there.
        let board = context.board
        await board.wait { state in
            state.isStopping
                || (state.positions[ScheduleFold.follower] ?? .start) >= batch.position
        }
        for event in batch.events {
            guard let instance = InstanceStream.instance(of: event.stream) else { continue }
            let waits = try context.views.value(ViewTables.scheduleWaits, instance.bytes)
            guard let waits, let id = try Value(canonicalBytes: waits).stringValue else { continue }
            try await processor.advance(id, through: context.time.now)
        }
    }
}
