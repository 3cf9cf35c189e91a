import Documents
import EventLog
public import EventModel
import Logging
import Synchronization
public import WorkflowEngine

// How steps come to agents, and results to steps.
extension AgentDesk {
    /// Takes a step over from the dispatcher; after a start it may have been taken before.
    func take(_ request: ActionRequest) async throws(ActionFailure) {
        let work = Identifier.derived(
            from: request.instance,
            "agent/\(request.step)#\(request.attempt)"
        )
        let offer = try offer(request, as: work)
        try await locks.withLock(work) { () async throws(ActionFailure) in
            guard state.withLock({ $0.roster.works[work] == nil }) else { return }
            do throws(EventLogError) {
                try await append(.offered(offer))
            } catch {
                throw ActionFailure(
                    code: error.code == .wrongExpectedRevision ? "conflict" : "unavailable",
                    message: "the work cannot be offered to agents: \(error.message)",
                    isRetryable: true
                )
            }
        }
        wake()
        await match()
    }

    private func offer(
        _ request: ActionRequest,
        as work: EventID
    ) throws(ActionFailure) -> AgentWork.Offer {
        let count = request.input["assignments"]?.intValue ?? 3
        guard (1...Int64(AgentLimits.assignmentsMax)).contains(count) else {
            throw ActionFailure(
                code: "invalid_input",
                message: "'assignments' must be from 1 to \(AgentLimits.assignmentsMax)",
                isRetryable: false
            )
        }
        let startWithin = request.input["start_within"].flatMap(Self.duration)
        return AgentWork.Offer(
            work: work,
            instance: request.instance,
            workflow: request.workflow,
            step: request.step,
            attempt: request.attempt,
            capability: request.input["capability"]?.stringValue ?? "",
            entity: request.input["entity"]?.stringValue ?? request.entity,
            correlation: request.correlation,
            causation: request.causation,
            startBefore: startWithin.map { context.time.now + $0 },
            finishWithin: request.input["finish_within"].flatMap(Self.duration),
            assignmentsMax: Int(count)
        )
    }

    private static func duration(_ value: Value) -> Duration? {
        value.durationValue ?? value.stringValue.flatMap { try? DurationText.parse($0) }
    }

    /// The step that a work belongs to, if its result is still awaited.
    func openStep(of offer: AgentWork.Offer) -> OpenStep? {
        let loaded = try? processor.load(offer.instance)
        return loaded?.state.openSteps.first {
            $0.step == offer.step && $0.attempt == offer.attempt
        }
    }

    // MARK: Assigning

    /// Gives waiting work to waiting agents until there is no pair left.
    func match() async {
        while true {
            let round = state.withLock { state -> [(poll: Poll, agent: String, works: [EventID])] in
                let given = state.roster.match(
                    asking: state.polls.mapValues(\.max),
                    except: state.claims
                )
                return given.compactMap { agent, works in
                    guard let poll = state.polls.removeValue(forKey: agent) else { return nil }
                    state.claims.formUnion(works)
                    return (poll, agent, works)
                }
            }
            guard !round.isEmpty else { return }
            await withTaskGroup(of: Void.self) { group in
                for (poll, agent, works) in round {
                    group.addTask { await self.assign(works, to: agent, poll) }
                }
            }
        }
    }

    private func assign(_ works: [EventID], to agent: String, _ poll: Poll) async {
        var assignments: [AgentAssignment] = []
        for work in works {
            if let assignment = await assign(work, to: agent, poll.session) {
                assignments.append(assignment)
            }
        }
        // With nothing in hand after all, the agent asks again at once.
        poll.promise.fulfil(assignments)
        state.withLock { $0.claims.subtract(works) }
    }

    private func assign(
        _ work: EventID,
        to agent: String,
        _ session: String
    ) async -> AgentAssignment? {
        await locks.withLock(work) { () async -> AgentAssignment? in
            guard let known = state.withLock({ $0.roster.works[work] }), known.assignment == nil
            else { return nil }
            guard let step = openStep(of: known.offer) else {
                await close(known, .over, code: nil)
                return nil
            }
            let assignment = AgentWork.Assignment(
                work: work,
                agent: agent,
                session: session,
                number: known.number + 1,
                finishBefore: known.offer.finishWithin.map { context.time.now + $0 }
            )
            do throws(EventLogError) {
                try await append(.assigned(assignment))
            } catch {
                report(error, "a step cannot be assigned")
                return nil
            }
            if assignment.finishBefore != nil { wake() }
            return AgentAssignment(
                assignment: assignment,
                offer: known.offer,
                input: step.input["input"] ?? .map(ValueMap()),
                idempotencyKey: step.idempotencyKey
            )
        }
    }

    // MARK: Results

    /// Takes a result.
    ///
    /// The same result of the same assignment may come again; one of an older assignment is refused.
    ///
    /// - Parameters:
    ///   - body: `work` and `number` of the assignment.
    ///   - result: the output, or why there is none.
    /// - Throws: ``AgentError``; with `late_result` the refusal is recorded.
    public func finish(
        agent: String,
        session: String,
        body: Value,
        result: Result<Value, ActionFailure>
    ) async throws(AgentError) {
        try renew(agent, session)
        let claimed = try body.assignment(of: agent, session)
        let work = claimed.work
        try await locks.withLock(work) { () async throws(AgentError) in
            guard let known = state.withLock({ $0.roster.works[work] }) else {
                return try await finishAgain(claimed, result)
            }
            guard let assignment = known.assignment, assignment.agent == agent,
                assignment.session == session, assignment.number == claimed.number
            else {
                let reason = "the step was given to another agent or is over"
                try await refuse(claimed, reason)
            }
            try await send(result, for: known, assignment)
            let (outcome, code) = Self.outcome(result)
            await close(known, outcome, code: code)
        }
        await match()
    }

    private static func outcome(
        _ result: Result<Value, ActionFailure>
    ) -> (AgentWork.Outcome, code: String?) {
        switch result {
        case .success: (.completed, nil)
        case .failure(let failure): (.failed, failure.code)
        }
    }

    /// A result for work that is closed: either it was heard and the answer was lost, or it is late.
    private func finishAgain(
        _ claimed: AgentWork.Assignment,
        _ result: Result<Value, ActionFailure>
    ) async throws(AgentError) {
        let stream = AgentEvent.workStream(claimed.work)
        let events: [Event]
        do throws(EventLogError) {
            events = try context.store.readStream(
                stream,
                from: 0,
                direction: .forward,
                limit: 4 * AgentLimits.assignmentsMax
            )
        } catch {
            throw AgentError(.unavailable, "the log cannot be read: \(error.message)")
        }
        guard !events.isEmpty else {
            throw AgentError(.badRequest, "there is no work \(claimed.work)")
        }
        let closing = events.last { $0.type == "WorkClosed" }
            .flatMap { AgentEvent(type: $0.type, data: $0.data) }
        if case .closed(let assignment, let outcome, _) = closing,
            assignment.agent == claimed.agent, assignment.session == claimed.session,
            assignment.number == claimed.number, outcome == Self.outcome(result).0
        {
            return
        }
        try await refuse(claimed, "the work is over")
    }

    private func refuse(
        _ claimed: AgentWork.Assignment,
        _ reason: String
    ) async throws(AgentError) -> Never {
        try await record(.refused(claimed, reason: reason), by: claimed.agent)
        throw AgentError(.lateResult, reason)
    }

    private func send(
        _ result: Result<Value, ActionFailure>,
        for work: AgentWork,
        _ assignment: AgentWork.Assignment
    ) async throws(AgentError) {
        let offer = work.offer
        let command: InstanceCommand =
            switch result {
            case .success(let output):
                .completeStep(step: offer.step, attempt: offer.attempt, output: output)
            case .failure(let failure):
                .failStep(step: offer.step, attempt: offer.attempt, failure: failure)
            }
        // The engine may have died after it took this very result and before it closed the work.
        if openStep(of: offer) == nil, case .success = result,
            let step = try? processor.load(offer.instance).state.steps[offer.step],
            step.attempt == offer.attempt, step.phase == .completed
        {
            return
        }
        let isOpen = openStep(of: offer) != nil
        do throws(CommandError) {
            try await processor.execute(
                command,
                on: offer.instance,
                origin: InstanceProcessor.Origin(
                    actor: "agent:\(assignment.agent)",
                    causation: offer.causation
                )
            )
        } catch {
            try await explain(error, work, assignment)
        }
        guard isOpen else {
            await close(work, .over, code: nil)
            try await refuse(assignment, "the step ended before its result came")
        }
    }

    private func explain(
        _ error: CommandError,
        _ work: AgentWork,
        _ assignment: AgentWork.Assignment
    ) async throws(AgentError) -> Never {
        if case .rejected(let rejection) = error {
            await close(work, .over, code: nil)
            try await refuse(assignment, rejection.message)
        }
        if case .log(let reason) = error, reason.code == .tooLarge || reason.code == .invalid {
            throw AgentError(
                .outputTooLarge,
                "the log does not take the output: \(reason.message); send less, or fail"
            )
        }
        throw AgentError(.unavailable, error.description)
    }

    /// Ends a work; when the log does not take it, the next sweep tries again.
    func close(_ work: AgentWork, _ outcome: AgentWork.Outcome, code: String?) async {
        do throws(EventLogError) {
            try await append(.closed(work.lastAssignment, outcome: outcome, code: code))
        } catch {
            report(error, "a work cannot be closed")
        }
    }

    func report(_ error: EventLogError, _ what: String) {
        context.logger.error("\(what)", metadata: ["error": "\(error)"])
        context.board.failed(Self.name, error.message, at: context.time.now)
    }
}
