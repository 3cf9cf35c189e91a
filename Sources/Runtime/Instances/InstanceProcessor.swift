import EventLog
import EventModel
import Logging
import WorkflowEngine

/// Carries commands to instances: loads the state, lets the kernel decide, appends what it decided.
///
/// The append expects exactly the revision that was decided on; if somebody was faster, everything is
/// read and decided anew. Ids are derived from the instance, the command and that revision, so an
/// append whose answer was lost is recognised. What was appended is not taken into the state until it
/// was read back.
final class InstanceProcessor: Sendable {
    /// Who sends a command, and why.
    struct Origin: Sendable {
        var actor: String
        /// The event that led to the command.
        var causation: EventID?
        /// The story that a new instance belongs to; nil begins one.
        var correlation: EventID?
    }

    private static let conflictsMax = 1000

    private let context: EngineContext
    private let registry: SharedRegistry
    private let locks = KeyedLock<EventID>()
    private let cache: InstanceCache
    /// The state that the views hold, if they do.
    private let snapshot: @Sendable (EventID) -> LoadedInstance?

    init(
        context: EngineContext,
        registry: SharedRegistry,
        snapshot: @escaping @Sendable (EventID) -> LoadedInstance? = { _ in nil }
    ) {
        self.context = context
        self.registry = registry
        self.snapshot = snapshot
        cache = InstanceCache(instancesMax: context.configuration.instancesCachedMax)
    }

    /// The instance as the log has it now.
    func load(_ instance: EventID) throws(CommandError) -> LoadedInstance {
        var loaded = cache[instance] ?? snapshot(instance) ?? .absent
        let before = loaded.count
        try InstanceStream.fold(&loaded, of: instance, from: context.store)
        if loaded.count > 0, loaded.count != before || cache[instance] == nil {
            cache[instance] = loaded
        }
        return loaded
    }

    /// Forgets states that hold what was erased.
    func forget(_ instances: Set<EventID>) {
        for instance in instances { cache[instance] = nil }
    }

    /// Sends a command.
    ///
    /// - Parameter target: the definition to decide by, where it is not the one that the instance
    ///   keeps to: for a migration.
    /// - Returns: what was appended; nothing if the command had no effect.
    @discardableResult
    func execute(
        _ command: InstanceCommand,
        on instance: EventID,
        origin: Origin,
        under target: WorkflowDefinition? = nil
    ) async throws(CommandError) -> AppendResult {
        try await context.board.busy { () async throws(CommandError) in
            try await locks.withLock(instance) { () async throws(CommandError) in
                try await attempt(command, on: instance, origin: origin, under: target)
            }
        }
    }

    private func attempt(
        _ command: InstanceCommand,
        on instance: EventID,
        origin: Origin,
        under target: WorkflowDefinition?
    ) async throws(CommandError) -> AppendResult {
        for _ in 0..<InstanceProcessor.conflictsMax {
            let loaded = try load(instance)
            let definition: WorkflowDefinition
            if let target {
                definition = target
            } else {
                definition = try self.definition(for: command, loaded)
            }
            let events: [InstanceEvent]
            do throws(Rejection) {
                events = try InstanceDecider.decide(
                    command,
                    state: loaded.state,
                    instance: instance,
                    definition: definition,
                    at: context.time.now
                )
            } catch {
                throw .rejected(error)
            }
            guard !events.isEmpty else { return AppendResult(places: [], isRepeat: false) }
            let write = write(events, for: command, on: instance, loaded, definition, origin)
            do throws(EventLogError) {
                return try await context.store.append([write])
            } catch {
                guard error.code == .wrongExpectedRevision else { throw .log(error) }
            }
        }
        throw .log(
            EventLogError(.wrongExpectedRevision, "instance \(instance) never stands still")
        )
    }

    private func definition(
        for command: InstanceCommand,
        _ loaded: LoadedInstance
    ) throws(CommandError) -> WorkflowDefinition {
        let wanted: Digest?
        if case .start(let start) = command, loaded.state.definition == nil {
            wanted = start.definition
        } else if case .fork(let fork) = command, loaded.state.definition == nil {
            wanted = fork.start.definition
        } else {
            wanted = loaded.state.definition
        }
        guard let hash = wanted else {
            throw .rejected(Rejection(.missing, "there is no such instance"))
        }
        let found: WorkflowDefinition?
        do throws(EventLogError) {
            found = try registry.definition(hash)
        } catch {
            throw .log(error)
        }
        guard let found else { throw .missingDefinition(hash) }
        return found
    }

    private func write(
        _ events: [InstanceEvent],
        for command: InstanceCommand,
        on instance: EventID,
        _ loaded: LoadedInstance,
        _ definition: WorkflowDefinition,
        _ origin: Origin
    ) -> StreamWrite {
        let key = "\(command.key)@\(loaded.count)"
        var proposed: [ProposedEvent] = []
        for (index, event) in events.enumerated() {
            proposed.append(
                ProposedEvent(
                    id: .derived(from: instance, "\(key)#\(index)"),
                    type: event.type,
                    entity: loaded.entity ?? definition.entity,
                    actor: origin.actor,
                    correlation: loaded.correlation ?? origin.correlation,
                    causation: origin.causation,
                    data: event.data
                )
            )
        }
        // A new story begins with the instance's first event.
        if loaded.correlation == nil, origin.correlation == nil, let first = proposed.first?.id {
            for index in proposed.indices { proposed[index].correlation = first }
        }
        return StreamWrite(
            stream: InstanceStream.name(instance),
            expected: loaded.count == 0 ? .none : .exact(loaded.count - 1),
            events: proposed
        )
    }
}

extension InstanceCommand {
    /// What names the command among those that an instance can get at one revision.
    var key: String {
        switch self {
        case .start: "start"
        case .markStepStarted(let step, let attempt): "mark/\(step)/\(attempt)"
        case .completeStep(let step, let attempt, _): "complete/\(step)/\(attempt)"
        case .failStep(let step, let attempt, _): "fail/\(step)/\(attempt)"
        case .fireTimer(let timer): "timer/\(timer)"
        case .heartbeat(let step, let attempt, _): "heartbeat/\(step)/\(attempt)"
        case .deliver(let delivery): "deliver/\(delivery.step)"
        case .signal(let name, _, _): "signal/\(name)"
        case .approve: "approve"
        case .childEnded(let end): "child/\(end.child.text)"
        case .admit: "admit"
        case .cancel: "cancel"
        case .terminate: "terminate"
        case .suspend: "suspend"
        case .resume: "resume"
        case .skip(let step, _, _): "skip/\(step)"
        case .reset(let reset): "reset/\(reset.count)"
        case .fork: "fork"
        case .migrate(let previous, _): "migrate/\(previous.hash.hexadecimal)"
        }
    }
}
