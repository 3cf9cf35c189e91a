import EventLog
import EventModel
import Logging
import WorkflowEngine

/// Makes one call of an action: records that it begins, calls, and reports what came of it.
struct ActionCaller: Sendable {
    private enum Outcome: Sendable {
        case success(Value)
        case failure(ActionFailure)
        /// The attempt's time is over, or nobody waits for the result any more.
        case abandoned
    }

    let context: EngineContext
    let processor: InstanceProcessor
    let actions: ActionCatalogue
    let circuits: CircuitBoard

    /// Calls the action of an open step; returns when its result is in the log, was refused, or the
    /// task was cancelled.
    ///
    /// - Returns: the integration that is down and for which the call must wait, not begun; or nil.
    func call(_ entry: OpenStepEntry) async -> String? {
        var logger = context.logger
        logger[metadataKey: "instance"] = "\(entry.instance)"
        logger[metadataKey: "step"] = "\(entry.step)"
        logger[metadataKey: "attempt"] = "\(entry.attempt)"
        // The integration whose circuit waits to hear of this call.
        var admitted: String?
        do throws(CommandError) {
            guard let step = try openStep(entry)?.step else { return nil }
            let integration = actions[step.action]?.integration(for: step.input)
            if let integration, case .wait = await circuits.admit(integration) {
                return integration
            }
            admitted = integration
            guard let call = try await prepare(entry) else {
                if let admitted { circuits.gaveUp(admitted) }
                return nil
            }
            let outcome = await perform(call, entry, logger)
            if let integration { await note(outcome, of: integration, call.request) }
            admitted = nil
            try await report(outcome, of: entry, logger)
        } catch {
            if let admitted { circuits.gaveUp(admitted) }
            switch error {
            case .rejected(let rejection):
                // Somebody was faster: a timer, a cancellation, an earlier run of this engine.
                logger.info("a step's command was refused", metadata: ["reason": "\(rejection)"])
            case .log, .unknownWorkflow, .unknownRequest, .missingDefinition, .badInput,
                .unreadable:
                guard !Task.isCancelled else { return nil }
                logger.error("a step cannot go on", metadata: ["error": "\(error)"])
                context.board.failed(Dispatcher.name, "\(error)", at: context.time.now)
            }
        }
        return nil
    }

    /// Tells the circuit whether the call reached the other side.
    private func note(
        _ outcome: Outcome,
        of integration: String,
        _ request: ActionRequest
    ) async {
        switch outcome {
        case .success: await circuits.note(integration, outage: nil)
        case .failure(let failure):
            let isOutage = Circuit.isOutage(failure.code)
            await circuits.note(integration, outage: isOutage ? failure.code : nil)
        case .abandoned:
            if let deadline = request.deadline, deadline <= context.time.now {
                await circuits.note(integration, outage: "timeout")
            } else {
                circuits.gaveUp(integration)
            }
        }
    }

    private func prepare(
        _ entry: OpenStepEntry
    ) async throws(CommandError) -> (action: String, request: ActionRequest)? {
        guard let step = try openStep(entry)?.step else { return nil }
        if !step.isStarted {
            try await send(
                .markStepStarted(step: entry.step, attempt: entry.attempt),
                to: entry
            )
        }
        // Read back after the mark: only what the log holds is acted on.
        guard let (loaded, step) = try openStep(entry), step.isStarted else { return nil }
        let request = ActionRequest(
            instance: entry.instance,
            workflow: loaded.state.workflow,
            step: entry.step,
            attempt: entry.attempt,
            idempotencyKey: step.idempotencyKey,
            entity: loaded.entity,
            input: step.input,
            correlation: loaded.correlation ?? entry.instance,
            causation: entry.scheduledBy,
            deadline: step.deadline
        )
        return (step.action, request)
    }

    private func openStep(
        _ entry: OpenStepEntry
    ) throws(CommandError) -> (loaded: LoadedInstance, step: OpenStep)? {
        let loaded = try processor.load(entry.instance)
        let step = loaded.state.openSteps.first {
            $0.step == entry.step && $0.attempt == entry.attempt
        }
        return step.map { (loaded, $0) }
    }

    private func perform(
        _ call: (action: String, request: ActionRequest),
        _ entry: OpenStepEntry,
        _ logger: Logger
    ) async -> Outcome {
        let request = call.request
        guard let handler = actions[call.action] else {
            return .failure(
                ActionFailure(
                    code: "unknown_action",
                    message: "no action is called '\(call.action)'; there are: "
                        + actions.names.joined(separator: ", "),
                    isRetryable: false
                )
            )
        }
        let problems = InputCheck.problems(request.input, handler.descriptor)
        guard problems.isEmpty else {
            return .failure(
                ActionFailure(
                    code: "invalid_input",
                    message: problems.joined(separator: "; "),
                    isRetryable: false
                )
            )
        }
        if let handedOver = handler as? any HandedOverAction {
            do throws(ActionFailure) {
                try await handedOver.take(request)
                return .abandoned
            } catch {
                return .failure(error)
            }
        }
        let services = StoreActionServices(store: context.store, time: context.time)
        logger.debug("calling an action", metadata: ["action": "\(call.action)"])
        let promise = Promise<Outcome>()
        let work = Task {
            let outcome: Outcome
            do throws(ActionFailure) {
                outcome = .success(try await handler.perform(request, services: services))
            } catch {
                outcome = .failure(error)
            }
            guard !promise.fulfil(outcome), case .success = outcome else { return }
            // Too late to count, but the effect outside is real: the instance records the refusal.
            try? await report(outcome, of: entry, logger)
        }
        return await awaitOutcome(promise, of: work, deadline: request.deadline)
    }

    /// Waits for a call and gives it up at its deadline; the timer beside it tells the instance.
    private func awaitOutcome(
        _ promise: Promise<Outcome>,
        of work: Task<Void, Never>,
        deadline: Timestamp?
    ) async -> Outcome {
        let time = context.time
        let alarm = Task {
            guard let deadline else { return }
            try await time.sleep(until: deadline)
            if promise.fulfil(.abandoned) { work.cancel() }
        }
        defer { alarm.cancel() }
        return await withTaskCancellationHandler {
            await promise.value()
        } onCancel: {
            if promise.fulfil(.abandoned) { work.cancel() }
        }
    }

    private func report(
        _ outcome: Outcome,
        of entry: OpenStepEntry,
        _ logger: Logger
    ) async throws(CommandError) {
        let command: InstanceCommand
        switch outcome {
        case .success(let output):
            command = .completeStep(step: entry.step, attempt: entry.attempt, output: output)
        case .abandoned:
            return
        case .failure(let failure):
            logger.warning("an action failed", metadata: ["failure": "\(failure)"])
            command = .failStep(step: entry.step, attempt: entry.attempt, failure: failure)
        }
        do throws(CommandError) {
            try await send(command, to: entry)
        } catch {
            guard case .log(let reason) = error,
                reason.code == .tooLarge || reason.code == .invalid
            else { throw error }
            let failure = ActionFailure(
                code: "output_too_large",
                message: "the log does not take the action's output: \(reason.message)",
                isRetryable: false
            )
            try await send(
                .failStep(step: entry.step, attempt: entry.attempt, failure: failure),
                to: entry
            )
        }
    }

    /// Sends a command and, while the log takes nothing, sends it again.
    private func send(
        _ command: InstanceCommand,
        to entry: OpenStepEntry
    ) async throws(CommandError) {
        var failures = 0
        while true {
            do throws(CommandError) {
                try await processor.execute(
                    command,
                    on: entry.instance,
                    origin: InstanceProcessor.Origin(
                        actor: context.configuration.actor,
                        causation: entry.scheduledBy
                    )
                )
                return
            } catch {
                guard case .log(let reason) = error, reason.isPassing, !Task.isCancelled else {
                    throw error
                }
                failures += 1
                context.board.failed(Dispatcher.name, "\(reason)", at: context.time.now)
                let delay = Backoff.standard.delay(afterFailures: failures)
                await context.rest(
                    "\(Dispatcher.name)/\(entry.instance)/\(entry.step)",
                    for: delay
                )
            }
        }
    }
}

extension EventLogError {
    /// Whether the same append may go through later.
    var isPassing: Bool {
        switch code {
        case .diskFull, .inputOutput, .corrupt: true
        case .wrongExpectedRevision, .conditionFailed, .identityConflict, .tooLarge, .invalid,
            .locked, .newerFormat, .closed, .missing, .exists, .standby, .signingRefused:
            false
        }
    }
}
