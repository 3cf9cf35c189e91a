import Documents
import EventLog
public import EventModel
public import WorkflowEngine

extension Engine {
    /// Ends an instance at once; what it did stays done.
    ///
    /// - Throws: ``CommandError``.
    public func terminate(_ instance: EventID, reason: String, actor: String) async throws {
        try await send(.terminate(reason: reason), to: instance, actor: actor)
    }

    /// Lets an instance stand still: calls in flight may end, nothing new begins until it is resumed.
    ///
    /// - Throws: ``CommandError``.
    public func suspend(_ instance: EventID, reason: String, actor: String) async throws {
        try await send(.suspend(reason: reason), to: instance, actor: actor)
    }

    /// Tells an instance something; kept until a step waits for it.
    ///
    /// - Throws: ``CommandError``.
    public func signal(
        _ instance: EventID,
        name: String,
        data: Value,
        actor: String
    ) async throws {
        try await send(.signal(name: name, data: data, actor: actor), to: instance, actor: actor)
    }

    /// Answers an approval.
    ///
    /// - Parameters:
    ///   - step: the step that asks, by its path; nil if only one does.
    ///   - outcome: yes or no.
    ///   - comment: what the person says.
    /// - Throws: ``CommandError``.
    public func answer(
        _ instance: EventID,
        step: String?,
        outcome: ApprovalState.Outcome,
        comment: String?,
        actor: String
    ) async throws {
        let answer = InstanceCommand.Answer(
            step: step,
            outcome: outcome,
            comment: comment,
            actor: actor
        )
        try await send(.approve(answer), to: instance, actor: actor)
    }

    /// Passes over a step that runs, waits or is an incident.
    ///
    /// - Parameter output: what it gives instead; nil for nothing.
    /// - Throws: ``CommandError``.
    public func skip(
        _ instance: EventID,
        step: String,
        reason: String,
        output: Value?,
        actor: String
    ) async throws {
        let command = InstanceCommand.skip(step: step, reason: reason, output: output)
        try await send(command, to: instance, actor: actor)
    }

    /// Notes that an attempt of a step lives.
    ///
    /// - Returns: false if no sign was needed; nothing was recorded then.
    /// - Throws: ``CommandError``, also if nobody waits for the attempt any more.
    public func heartbeat(
        _ instance: EventID,
        step: String,
        attempt: Int,
        details: Value,
        actor: String
    ) async throws -> Bool {
        let command = InstanceCommand.heartbeat(step: step, attempt: attempt, details: details)
        do {
            try await send(command, to: instance, actor: actor)
            return true
        } catch CommandError.rejected(let rejection) where rejection.code == .unneeded {
            return false
        }
    }

    /// Goes back to where an instance stood after its first events, by appending.
    ///
    /// - Parameters:
    ///   - count: how many events.
    ///   - variables: set on top of those it had then.
    /// - Throws: ``CommandError``.
    public func reset(
        _ instance: EventID,
        toEvent count: UInt64,
        reason: String,
        variables: ValueMap = ValueMap(),
        actor: String
    ) async throws {
        try await onOwnThreads {
            let reset = InstanceCommand.Reset(
                count: Int(count),
                base: try state(of: instance, after: count),
                reason: reason,
                variables: variables
            )
            try await execute(.reset(reset), instance, actor)
        }
    }

    /// Tries the step again at which an instance has failed, from just before its failure.
    ///
    /// A paused instance is resumed, which is the same.
    /// - Throws: ``CommandError``; refused if what it did was undone meanwhile.
    public func retry(_ instance: EventID, actor: String) async throws {
        try await onOwnThreads {
            let state = try processor.load(instance).state
            guard state.status == .failed else {
                return try await execute(.resume, instance, actor)
            }
            let history = try InstanceReader(store: context.store).history(of: instance)
            guard !history.contains(where: { $0.type == "StepCompensated" }) else {
                throw CommandError.rejected(
                    Rejection(
                        .wrongStatus,
                        "what the instance \(instance.text) did was undone; start a new one or fork it"
                    )
                )
            }
            let failed = history.last { event in
                event.type == "StepFailed" && event.data["will_retry"] == false
                    && event.data["step"]?.stringValue == state.failedStep
            }
            guard let failed else {
                throw CommandError.rejected(
                    Rejection(.missing, "the instance \(instance.text) has no step that failed")
                )
            }
            let reset = InstanceCommand.Reset(
                count: Int(failed.revision),
                base: try self.state(of: instance, after: failed.revision),
                reason: "tried again"
            )
            try await execute(.reset(reset), instance, actor)
        }
    }

    /// Starts a new instance where another one stood after its first events, perhaps with other data.
    ///
    /// - Parameters:
    ///   - count: how many events of the other one.
    ///   - input: what takes the place of its input; nil for the same.
    ///   - variables: set on top of those it had then.
    /// - Returns: the new instance.
    /// - Throws: ``CommandError``.
    public func fork(
        _ instance: EventID,
        atEvent count: UInt64,
        input: Value?,
        variables: ValueMap = ValueMap(),
        actor: String
    ) async throws -> EventID {
        try await onOwnThreads {
            let base = try state(of: instance, after: count)
            guard let definition = base.definition else {
                throw CommandError.rejected(
                    Rejection(.missing, "there is no instance \(instance.text)")
                )
            }
            let fork = RandomIdentity.next(at: context.time.now)
            let start = InstanceCommand.Start(
                workflow: base.workflow,
                definition: definition,
                input: input ?? base.input,
                entity: base.entity,
                trigger: [
                    "kind": "fork", "instance": .string(instance.text), "event": .uint(count),
                    "actor": .string(actor),
                ]
            )
            let reset = InstanceCommand.Reset(
                count: Int(count),
                base: base,
                reason: "forked from \(instance.text)",
                input: input,
                variables: variables
            )
            try await execute(.fork(.init(start: start, reset: reset)), fork, actor)
            return fork
        }
    }

    /// Lets an instance keep to another version of its workflow.
    ///
    /// - Parameter version: the hash of the version or its beginning; nil takes the active one.
    /// - Returns: the hash of the version.
    /// - Throws: ``CommandError``; refused if the version does not fit where the instance stands.
    public func migrate(
        _ instance: EventID,
        to version: String?,
        reason: String,
        actor: String
    ) async throws -> Digest {
        try await onOwnThreads {
            let state = try processor.load(instance).state
            guard let hash = state.definition else {
                throw CommandError.rejected(
                    Rejection(.missing, "there is no instance \(instance.text)")
                )
            }
            let registry = try registry.current()
            guard let previous = try registry.version(hash)?.definition.get() else {
                throw CommandError.missingDefinition(hash)
            }
            let known = registry.versions(of: state.workflow)
            let wanted = known.last { entry in
                version.map { entry.hash.hexadecimal.hasPrefix($0.lowercased()) } ?? true
            }
            guard let target = try wanted?.definition.get() else {
                throw CommandError.unknownWorkflow(
                    "\(state.workflow), version \(version ?? "active")",
                    remedy: "'daybook workflow show \(state.workflow)' lists the versions"
                )
            }
            _ = try await processor.execute(
                .migrate(from: previous, reason: reason),
                on: instance,
                origin: InstanceProcessor.Origin(actor: actor),
                under: target
            )
            return target.hash
        }
    }

    /// The instance whose id begins with a text.
    ///
    /// - Throws: ``CommandError`` if there is none or more than one.
    public func instance(prefix: String) async throws -> EventID {
        try await onOwnThreads { try InstancePrefix(views: context.views).find(prefix) }
    }

    private func state(of instance: EventID, after count: UInt64) throws -> InstanceState {
        let reader = InstanceReader(store: context.store)
        guard let state = try reader.state(of: instance, afterEvents: count) else {
            throw CommandError.rejected(
                Rejection(.missing, "there is no instance \(instance.text) with \(count) events")
            )
        }
        guard state.eventCount == count else {
            throw CommandError.rejected(
                Rejection(
                    .missing,
                    "the instance \(instance.text) has \(state.eventCount) events, not \(count)"
                )
            )
        }
        return state
    }

    private func send(
        _ command: InstanceCommand,
        to instance: EventID,
        actor: String
    ) async throws {
        try await onOwnThreads { try await execute(command, instance, actor) }
    }

    private func execute(
        _ command: InstanceCommand,
        _ instance: EventID,
        _ actor: String
    ) async throws {
        _ = try await processor.execute(
            command,
            on: instance,
            origin: InstanceProcessor.Origin(actor: actor)
        )
    }
}
