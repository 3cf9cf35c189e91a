import EventLog
import EventModel
import Logging
import Projections
import WorkflowEngine

extension Engine {
    /// Everything that is at rest only when it has come to the head of the log.
    private var partNames: [String] {
        var names = [
            InstanceFold.follower, TriggerRouter.follower, RecordFold.follower, Dispatcher.name,
            TimerWheel.name, AgentFold.follower, AdmissionDesk.name, ChildRouter.follower,
            ApprovalTasks.follower,
        ]
        names += ScheduleParts.names
        names += projections.map(\.name)
        names += sinks.map(\.name)
        return names
    }

    func registerParts() {
        let names = partNames
        context.board.update { $0.parts = Set(names) }
    }

    func wakeAll() {
        dispatcher.wake()
        timers.wake()
        agents.wake()
        schedules.clock.wake()
        desk.wake()
        for sink in sinks { sink.wake() }
    }

    /// Throws away what belongs to another log, to a log before a restore, or to an older version.
    ///
    /// - Returns: the names of the followers that begin anew.
    func prepareViews() async throws -> [String] {
        var rebuilt: [String] = []
        let owned =
            [
                (InstanceFold.follower, InstanceFold.tables),
                (RecordFold.follower, RecordFold.tables),
                (AgentFold.follower, AgentFold.tables),
                (TriggerRouter.follower, []), (ChildRouter.follower, []),
                (ApprovalTasks.follower, []),
            ] + ScheduleParts.owned
        for (name, tables) in owned {
            guard let kept = try context.cursor(name) else { continue }
            guard try kept.version != ViewTables.version || !kept.fits(context.store) else {
                continue
            }
            try await context.views.clear(tables)
            try await context.views.put([
                (table: ViewTables.cursors, key: ViewKey.text(name), value: nil)
            ])
            context.logger.notice("views are built anew", metadata: ["follower": "\(name)"])
            rebuilt.append(name)
        }
        return rebuilt
    }

    func recordStart(rebuilt: [String]) async throws {
        try await record(
            type: EngineEvents.startedType,
            data: .map([
                "views_rebuilt": .list(rebuilt.map(Value.string)),
                "head": .uint(context.store.head.value),
                "projections": .list(projections.map { .string($0.definition.name) }),
            ])
        )
    }

    private func record(type: String, data: Value) async throws {
        let event = ProposedEvent(
            id: RandomIdentity.next(at: context.time.now),
            type: type,
            actor: context.configuration.actor,
            data: data
        )
        _ = try await context.store.append([
            StreamWrite(stream: EngineEvents.stream, expected: .any, events: [event])
        ])
    }

    func addFollowers(to group: inout TaskGroup<Bool>) {
        let instances = Follower(
            name: InstanceFold.follower,
            filter: InstanceFold.filter,
            version: ViewTables.version,
            context: context
        ) { [dispatcher, timers, desk, fold, processor] in
            processor.forget(fold.erased.take())
            dispatcher.wake()
            timers.wake()
            desk.wake()
        }
        group.addTask { [fold] in
            await instances.run { batch, changes in try fold.apply(batch, &changes) }
            return false
        }
        let recordFollower = Follower(
            name: RecordFold.follower,
            filter: RecordFold.filter,
            version: ViewTables.version,
            context: context
        )
        group.addTask { [records] in
            await recordFollower.run { batch, changes in try records.apply(batch, &changes) }
            return false
        }
        let agentFollower = Follower(
            name: AgentFold.follower,
            filter: AgentFold.filter,
            version: ViewTables.version,
            context: context
        )
        group.addTask {
            let fold = AgentFold()
            await agentFollower.run { batch, changes in try fold.apply(batch, &changes) }
            return false
        }
        addScheduleFold(to: &group)
        for runner in projections {
            let own = sinks.filter { $0.projection == runner.definition.name }
            group.addTask {
                await runner.run { for sink in own { sink.wake() } }
                return false
            }
        }
    }

    func addActors(to group: inout TaskGroup<Bool>) {
        let head = context.store.head
        let board = context.board
        // Open steps and timers of a half-folded log may long be over, so nobody acts before the fold
        // has come to where the log was at the start.
        let caughtUp: @Sendable () async -> Void = {
            await board.wait { ($0.positions[InstanceFold.follower] ?? .start) >= head }
        }
        let router = TriggerRouter(context: context, processor: processor, registry: registry)
        let follower = Follower(
            name: TriggerRouter.follower,
            filter: EventFilter(types: TriggerMatch.types),
            version: ViewTables.version,
            context: context,
            currentFilter: { [registry] in router.filter.renew(for: try registry.current()) }
        )
        group.addTask {
            await caughtUp()
            await follower.run { batch, _ in try await router.apply(batch) }
            return false
        }
        addFlow(after: caughtUp, to: &group)
        group.addTask { [dispatcher, agents, circuits] in
            await caughtUp()
            circuits.open()
            // Steps that are with agents must be known before they are offered again.
            await board.wait { ($0.positions[AgentFold.follower] ?? .start) >= head }
            await agents.openWhenReadable()
            await dispatcher.run()
            return false
        }
        group.addTask { [agents] in
            await agents.run()
            return false
        }
        group.addTask { [timers] in
            await caughtUp()
            await timers.run()
            return false
        }
        addScheduleActors(to: &group)
        for sink in sinks {
            group.addTask {
                await sink.run()
                return false
            }
        }
        if let sync {
            group.addTask {
                await sync.run()
                return false
            }
        }
        // A sink waits for somebody outside, and nothing outside may keep the engine from its work.
        let outside = Set(sinks.map(\.name))
        group.addTask { [context] in
            await board.wait { state in
                state.parts.subtracting(outside).allSatisfy { name in
                    state.failures[name] != nil || (state.positions[name] ?? .start) >= head
                }
            }
            guard !Task.isCancelled else { return false }
            board.update { $0.isReady = true }
            context.logger.info("the engine is ready", metadata: ["position": "\(head)"])
            return false
        }
    }

    /// What goes on between instances: calls, approvals, taking turns.
    private func addFlow(
        after caughtUp: @escaping @Sendable () async -> Void,
        to group: inout TaskGroup<Bool>
    ) {
        let children = ChildRouter(context: context, processor: processor, registry: registry)
        addFollower(ChildRouter.follower, ChildRouter.types, after: caughtUp, to: &group) { batch in
            try await children.apply(batch)
        }
        let approvals = ApprovalTasks(context: context, processor: processor)
        addFollower(ApprovalTasks.follower, ApprovalTasks.types, after: caughtUp, to: &group) {
            batch in try await approvals.apply(batch)
        }
        group.addTask { [desk] in
            await caughtUp()
            await desk.run()
            return false
        }
    }

    private func addFollower(
        _ name: String,
        _ types: Set<String>,
        after caughtUp: @escaping @Sendable () async -> Void,
        to group: inout TaskGroup<Bool>,
        _ apply: @escaping @Sendable (EventSubscription.Batch) async throws -> Void
    ) {
        let follower = Follower(
            name: name,
            filter: EventFilter(categories: ["instance"], types: types),
            version: ViewTables.version,
            context: context
        )
        group.addTask {
            await caughtUp()
            await follower.run { batch, _ in try await apply(batch) }
            return false
        }
    }

    /// Waits for ``stop()``, then for the calls in flight, and records the end.
    func drain() async {
        let board = context.board
        await board.wait { $0.isStopping }
        guard !Task.isCancelled else { return }
        let deadline = context.time.now + context.configuration.drainTimeout
        let time = context.time
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await board.wait { $0.busyCount == 0 } }
            group.addTask { try? await time.sleep(until: deadline) }
            await group.next()
            group.cancelAll()
        }
        guard !Task.isCancelled else { return }
        let left = dispatcher.callCount
        do {
            try await record(
                type: EngineEvents.stoppedType,
                data: .map(["calls_abandoned": .int(Int64(left))])
            )
        } catch {
            context.logger.error("the stop is not recorded", metadata: ["error": "\(error)"])
        }
        context.logger.info("the engine stops", metadata: ["calls_abandoned": "\(left)"])
    }
}
