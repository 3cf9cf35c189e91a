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

    /// More names of schedules than this one workflow has never had; the limit keeps a page small.
    private static let schedulesMax = 10_000

    let context: EngineContext
    let processor: ScheduleProcessor

    func apply(_ batch: EventSubscription.Batch) async throws {
        for event in batch.events {
            // A version that this program cannot read says nothing; its schedules stay as they are.
            guard let source = event.data["source"]?.stringValue,
                let definition = try? WorkflowDefinition.parse(
                    source,
                    file: event.data["file"]?.stringValue ?? "workflow.yaml",
                    actions: nil,
                    functions: .workflows
                )
            else { continue }
            try await take(event, definition)
        }
    }

    private func take(_ event: Event, _ definition: WorkflowDefinition) async throws {
        let wanted = definition.scheduleTriggers
        for trigger in wanted { try await deploy(trigger, of: definition.name, event) }
        let ids = Set(wanted.map { $0.id(in: definition.name) })
        for id in try await known(of: definition.name) where !ids.contains(id) {
            try await settle(id, before: event)
            try await processor.execute(on: id, actor: event.actor, causation: event.id) { _, _ in
                .remove(deployment: event.position)
            }
        }
    }

    /// The schedules that the workflow has had so far.
    private func known(of workflow: String) async throws -> [String] {
        let target = context.store.head
        await context.board.wait { state in
            state.isStopping || (state.positions[ScheduleFold.follower] ?? .start) >= target
        }
        // A name cannot hold a point, so this finds no other workflow's.
        return try [workflow, workflow + "."].flatMap { prefix in
            try context.views.rows(
                ViewTables.schedules,
                prefix: ViewKey.text(prefix),
                limit: ScheduleDeployments.schedulesMax
            )
            .map { String(decoding: $0.key, as: UTF8.self) }
            .filter { prefix.hasSuffix(".") || $0 == workflow }
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
        types: [
            "InstanceCompleted", "InstanceFailed", "InstanceCancelled", "InstanceTerminated",
        ]
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
