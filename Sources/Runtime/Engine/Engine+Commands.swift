import Documents
import EventLog
public import EventModel
import Logging
import Projections
import Records
import WorkflowEngine

extension Engine {
    /// Takes a webhook in; returns when it is durable.
    ///
    /// - Throws: ``IntakeError``; nothing was recorded but, within limits, the refusal.
    public func receive(
        _ delivery: WebhookDelivery
    ) async throws(IntakeError) -> WebhookAnswer {
        try await onOwnThreads { () async throws(IntakeError) in
            try await intake.receive(delivery)
        }
    }

    /// Makes a version of a workflow the one that new instances are started with.
    ///
    /// The same version again changes nothing.
    ///
    /// - Parameters:
    ///   - text: the YAML document.
    ///   - file: its name, for messages.
    ///   - actor: who deploys it.
    /// - Throws: `Problems` with every mistake, or ``EventLog/EventLogError``.
    public func deploy(text: String, file: String, actor: String) async throws -> Deployment {
        try await onOwnThreads {
            try await append(text: text, file: file, actor: actor)
        }
    }

    private func append(text: String, file: String, actor: String) async throws -> Deployment {
        let definition = try WorkflowDefinition.parse(
            text,
            file: file,
            actions: actions,
            // Without a record source nothing is known of fields.
            databases: databases.databases.isEmpty ? nil : DatabaseShapes(databases),
            functions: .workflows
        )
        try check(definition, file: file)
        let stream = StreamName(category: "workflow", definition.name)
        while true {
            let count = try context.store.eventCount(of: stream)
            if let active = try registry.current().active(definition.name),
                active.hash == definition.hash
            {
                return Deployment(
                    name: definition.name,
                    definition: definition.hash,
                    isNew: false,
                    position: active.position
                )
            }
            let event = ProposedEvent(
                id: DerivedIdentity.deployment(
                    workflow: definition.name,
                    revision: count,
                    definition: definition.hash
                ),
                type: WorkflowRegistry.deployedType,
                entity: definition.entity,
                actor: actor,
                data: .map([
                    "name": .string(definition.name),
                    "definition": .string(definition.hash.hexadecimal),
                    "source": .string(text),
                    "file": .string(file),
                ])
            )
            do throws(EventLogError) {
                let result = try await context.store.append([
                    StreamWrite(
                        stream: stream,
                        expected: count == 0 ? .none : .exact(count - 1),
                        events: [event]
                    )
                ])
                context.logger.info(
                    "a workflow was deployed",
                    metadata: [
                        "workflow": "\(definition.name)", "position": "\(result.lastPosition)",
                    ]
                )
                return Deployment(
                    name: definition.name,
                    definition: definition.hash,
                    isNew: true,
                    position: result.lastPosition
                )
            } catch {
                guard error.code == .wrongExpectedRevision else { throw error }
            }
        }
    }

    /// Starts an instance by hand.
    ///
    /// - Parameters:
    ///   - workflow: its name; the active version is taken.
    ///   - input: what the instance begins with.
    ///   - actor: who starts it.
    ///   - idempotencyKey: the same key for the same workflow starts one instance, however often it
    ///     comes; nil starts a new one each time.
    /// - Returns: the instance.
    /// - Throws: ``CommandError``.
    public func start(
        workflow: String,
        input: Value,
        actor: String,
        idempotencyKey: String?
    ) async throws -> EventID {
        try await onOwnThreads {
            try await begin(workflow, input, actor, idempotencyKey)
        }
    }

    private func begin(
        _ workflow: String,
        _ input: Value,
        _ actor: String,
        _ idempotencyKey: String?
    ) async throws -> EventID {
        let current = try registry.current()
        guard let definition = try current.active(workflow)?.definition.get() else {
            throw CommandError.unknownWorkflow(
                workflow,
                remedy: Suggestion.remedy(for: workflow, among: current.names)
            )
        }
        let problems = definition.inputProblems(input)
        guard problems.isEmpty else { throw CommandError.badInput(problems) }
        let instance =
            idempotencyKey.map { DerivedIdentity.manualStart(workflow: workflow, key: $0) }
            ?? RandomIdentity.next(at: context.time.now)
        let start = InstanceCommand.Start(
            workflow: workflow,
            definition: definition.hash,
            input: input,
            entity: definition.entity,
            trigger: ["kind": "manual", "actor": .string(actor)]
        )
        do throws(CommandError) {
            try await processor.execute(
                .start(start),
                on: instance,
                origin: InstanceProcessor.Origin(actor: actor)
            )
        } catch {
            guard idempotencyKey != nil, case .rejected(let rejection) = error,
                rejection.code == .exists
            else { throw error }
        }
        return instance
    }

    /// Stops an instance for good.
    ///
    /// - Throws: ``CommandError``.
    public func cancel(
        _ instance: EventID,
        reason: String,
        actor: String
    ) async throws {
        try await onOwnThreads {
            _ = try await processor.execute(
                .cancel(reason: reason),
                on: instance,
                origin: InstanceProcessor.Origin(actor: actor)
            )
        }
    }

    /// Lets a paused instance go on: its failed steps begin again with fresh attempts.
    ///
    /// - Throws: ``CommandError``.
    public func resume(_ instance: EventID, actor: String) async throws {
        try await onOwnThreads {
            _ = try await processor.execute(
                .resume,
                on: instance,
                origin: InstanceProcessor.Origin(actor: actor)
            )
        }
    }

    /// Looks at databases of the record source now.
    ///
    /// - Parameter names: their keys or aliases; nil looks at all.
    /// - Throws: ``EngineError``, or why the source or the log failed.
    public func syncNow(databases names: [String]?) async throws -> SyncReport {
        guard let sync else { throw EngineError.noRecordSource }
        return try await onOwnThreads { try await sync.syncNow(names) }
    }

    /// Waits until all followers are at the head of the log and nothing can be done now.
    ///
    /// What sleeps until a later time, a timer, a retry, a poll, does not count; nor does a part that
    /// failed and waits to try again. Returns early if the task is cancelled or the run is over.
    public func waitUntilIdle() async {
        let store = context.store
        let time = context.time
        await context.board.wait { state in
            state.hasEnded || state.isIdle(head: store.head, now: time.now)
        }
    }

    /// The same as ``waitUntilIdle()``.
    public func quiesce() async { await waitUntilIdle() }

    private func check(_ definition: WorkflowDefinition, file: String) throws(Problems) {
        let problems = DeploymentCheck.problems(of: definition, file: file, databases: databases)
        guard problems.isEmpty else { throw Problems(problems) }
    }
}

extension Engine {
    /// Builds a projection anew beside its rows, then swaps; only rows that differ are pushed.
    ///
    /// - Returns: how many rows came, changed and went.
    /// - Throws: ``EngineError/unknownProjection(_:remedy:)``, or why an event cannot be folded.
    public func rebuild(projection name: String) async throws -> RebuildReport {
        guard let runner = projections.first(where: { $0.definition.name == name }) else {
            let names = projections.map(\.definition.name)
            throw EngineError.unknownProjection(
                name,
                remedy: Suggestion.remedy(for: name, among: names)
            )
        }
        return RebuildReport(try await runner.rebuild())
    }
}
