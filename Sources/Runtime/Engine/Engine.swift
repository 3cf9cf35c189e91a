import Documents
public import EventLog
import EventModel
public import Logging
public import Projections
public import Records
import Synchronization
public import WorkflowEngine

/// Makes the pure modules live: everything in it follows the log from a cursor, and whatever it wants to
/// happen goes through the log.
///
/// Make one, call ``run()`` in a task of its own, and ``stop()`` when it should end. An engine runs
/// once. Dropping it without ``stop()``, as a crash does, loses nothing that was answered for.
public final class Engine: Sendable {
    let context: EngineContext
    let registry: SharedRegistry
    let processor: InstanceProcessor
    let actions: ActionCatalogue
    let databases: DatabaseCatalogue
    let intake: Intake
    let fold: InstanceFold
    let dispatcher: Dispatcher
    let timers: TimerWheel
    let schedules: ScheduleParts
    let desk: AdmissionDesk
    let records: RecordFold
    let projections: [ProjectionRunner]
    let sinks: [SinkPusher]
    let sync: RecordSync?
    let subjects: SubjectService?
    /// Where steps wait for agents and agents come for steps.
    public let agents: AgentDesk
    let circuits: CircuitBoard
    private let run = Mutex(RunState.new)

    private enum RunState {
        case new, running, over
    }

    /// Wires an engine; nothing happens yet.
    ///
    /// - Parameters:
    ///   - store: the log.
    ///   - views: the tables that the engine keeps beside it; they can be deleted at any time.
    ///   - actions: what steps can call.
    ///   - databases: what is known of the record source's databases.
    ///   - projections: the projections to keep.
    ///   - sinks: where projections can be pushed; one for each kind.
    ///   - source: where records live; nil if nowhere.
    ///   - secrets: where the secrets of webhooks are kept.
    ///   - time: the clock.
    ///   - configuration: what the engine can be told.
    ///   - logger: where it reports what operators should see.
    ///   - subjects: what erases people from the log; nil if nothing can.
    /// - Throws: ``EngineError/badConfiguration(_:)``.
    public init(
        store: any EventStore,
        views: TableStore,
        actions: ActionCatalogue,
        databases: DatabaseCatalogue,
        projections definitions: [ProjectionDefinition],
        sinks: [any Sink],
        source: (any RecordSource)?,
        secrets: any SecretStore,
        time: any TimeSource,
        configuration: EngineConfiguration,
        logger: Logger,
        subjects: SubjectService? = nil
    ) throws {
        try Engine.check(configuration, definitions, sinks)
        let context = EngineContext(
            store: store,
            views: views,
            time: time,
            board: Board(),
            configuration: configuration,
            logger: logger
        )
        self.context = context
        self.databases = databases
        registry = SharedRegistry(store: store)
        let directory = InstanceDirectory(views: views)
        processor = InstanceProcessor(context: context, registry: registry) { instance in
            (try? directory.row(instance)).flatMap { row in
                row.problem == nil ? row.loaded : nil
            }
        }
        intake = Intake(context: context, registry: registry, secrets: secrets)
        fold = InstanceFold(
            context: context,
            cache: InstanceCache(instancesMax: configuration.instancesCachedMax)
        )
        agents = AgentDesk(context: context, processor: processor)
        let start = WorkflowStart(
            registry: registry,
            processor: processor,
            actor: configuration.actor
        )
        let own: [any ActionHandler] = [AgentRun(desk: agents), start]
        let catalogue = ActionCatalogue(actions.handlers + own)
        self.actions = catalogue
        circuits = CircuitBoard(context: context)
        let caller = ActionCaller(
            context: context,
            processor: processor,
            actions: catalogue,
            circuits: circuits
        )
        dispatcher = Dispatcher(context: context, caller: caller, circuits: circuits)
        timers = TimerWheel(context: context, processor: processor)
        schedules = ScheduleParts(context: context, instances: processor)
        desk = AdmissionDesk(context: context, processor: processor, queues: fold.queues)
        records = RecordFold(context: context, databases: databases)
        self.subjects = subjects
        let runners = definitions.map { ProjectionRunner(definition: $0, context: context) }
        self.projections = runners
        self.sinks = runners.flatMap { runner in
            SinkPusher.pushers(of: runner.definition, to: sinks, context: context)
        }
        sync = source.map { RecordSync(source: $0, databases: databases, context: context) }
    }

    /// Works until ``stop()`` is called or the task is cancelled.
    ///
    /// It first throws away views that do not belong to this log, then catches up, then acts.
    ///
    /// - Throws: ``EngineError/alreadyRun``, or why the views or the log cannot be used at all.
    public func run() async throws {
        let isFirst = run.withLock { state in
            guard case .new = state else { return false }
            state = .running
            return true
        }
        guard isFirst else { throw EngineError.alreadyRun }
        defer {
            run.withLock { $0 = .over }
            context.board.update { $0.hasEnded = true }
        }
        try await onOwnThreads { [self] in
            let rebuilt = try await prepareViews()
            try await recordStart(rebuilt: rebuilt)
            registerParts()
            await follow()
        }
    }

    private func follow() async {
        await withTaskGroup(of: Bool.self) { group in
            addFollowers(to: &group)
            addActors(to: &group)
            group.addTask { [self] in
                await drain()
                return true
            }
            // Only draining ends the run; a follower that returns was cancelled or the log closed.
            for await isDrained in group where isDrained { break }
            group.cancelAll()
        }
    }

    /// Runs something that reads the log or the views.
    func onOwnThreads<Result, Failure: Error>(
        _ body: () async throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        try await withTaskExecutorPreference(EngineExecutor.shared, operation: body)
    }

    /// Ends the run: nothing new is dispatched, calls in flight may finish until the drain timeout.
    ///
    /// Returns when ``run()`` is about to.
    public func stop() async {
        context.board.update { $0.isStopping = true }
        wakeAll()
        let isRunning = run.withLock { state in
            if case .running = state { return true }
            return false
        }
        if isRunning { await context.board.wait { $0.hasEnded } }
    }
}
