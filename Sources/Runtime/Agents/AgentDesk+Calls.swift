import EventLog
import EventModel
import Synchronization
import WorkflowEngine

// What agents call. Every call of a live session renews its lease.
extension AgentDesk {
    /// What a registered agent must know.
    public struct Welcome: Sendable, Hashable {
        /// Goes with every further call.
        public var session: String
        /// How long the agent may be silent.
        public var lease: Duration
        /// The longest wait of one poll.
        public var pollMax: Duration
    }

    /// Takes an agent in; an earlier session of the same name ends, and its steps go to others.
    ///
    /// - Throws: ``AgentError``.
    public func register(_ introduction: AgentIntroduction) async throws(AgentError) -> Welcome {
        try checkOpen()
        let lease = context.configuration.agentLease
        let session = context.configuration.makeIdentifier(context.time.now).text
        try await registrations.withLock(introduction.agent) { () async throws(AgentError) in
            try checkRoom(for: introduction.agent)
            let registration = AgentState.Registration(
                agent: introduction.agent,
                session: session,
                capabilities: introduction.capabilities,
                capacity: introduction.capacity,
                entities: introduction.entities,
                version: introduction.version,
                description: introduction.description,
                leaseSeconds: Int(lease.components.seconds)
            )
            try await record(.registered(registration), by: introduction.agent)
            let end = context.time.now + lease
            let old = state.withLock { state in
                state.leases[introduction.agent] = end
                return state.polls.removeValue(forKey: introduction.agent)
            }
            old?.promise.fulfil([])
        }
        wake()
        return Welcome(session: session, lease: lease, pollMax: lease / 2)
    }

    /// Waits for work.
    ///
    /// An agent has one waiting poll: a second one ends the first with nothing.
    ///
    /// - Parameters:
    ///   - agent: its name.
    ///   - session: from its registration.
    ///   - wait: how long to wait at the most; half the lease is the longest.
    ///   - max: how many steps to take at the most.
    ///   - running: the works that the agent knows it has; what it was given and does not know of,
    ///     because an answer was lost, it is given again.
    /// - Returns: what to do; empty if nothing came in time.
    /// - Throws: ``AgentError``.
    public func poll(
        agent: String,
        session: String,
        wait: Duration,
        max: Int,
        running: Set<String>
    ) async throws(AgentError) -> [AgentAssignment] {
        try renew(agent, session)
        let again = try await lostAnswers(agent, session, running)
        if !again.isEmpty { return again }
        let now = context.time.now
        let end = now + min(Swift.max(wait, .zero), context.configuration.agentLease / 2)
        let promise = Promise<[AgentAssignment]>()
        let (number, old) = state.withLock { state in
            state.nextPoll += 1
            let old = state.polls.removeValue(forKey: agent)
            state.polls[agent] = Poll(
                number: state.nextPoll,
                session: session,
                max: max,
                promise: promise
            )
            return (state.nextPoll, old)
        }
        old?.promise.fulfil([])
        if context.board.state.isStopping { withdraw(agent, number) }
        await match()
        guard end > now else {
            withdraw(agent, number)
            return await promise.value()
        }
        let time = context.time
        let alarm = Task { [self] in
            try await time.sleep(until: end)
            withdraw(agent, number)
        }
        defer { alarm.cancel() }
        return await withTaskCancellationHandler {
            await promise.value()
        } onCancel: {
            withdraw(agent, number)
        }
    }

    /// Says that an agent lives, and how it is.
    ///
    /// - Returns: the works that it should give up, because they are over or another agent has them.
    /// - Throws: ``AgentError``.
    public func heartbeat(
        agent: String,
        session: String,
        health: AgentState.Health,
        load: Double,
        running: Set<String>
    ) async throws(AgentError) -> [String] {
        try renew(agent, session)
        let now = context.time.now
        let (isNews, cancelled, alive) = state.withLock {
            state -> (Bool, [String], [AgentWork.Offer]) in
            let known = state.roster.agents[agent]
            let age = known.map { now - $0.checkedAt } ?? .zero
            let isNews =
                known?.health != health || (known?.load ?? 0 >= 1) != (load >= 1)
                || age >= .seconds(AgentLimits.healthRecordSeconds)
            let own = state.roster.works.values.filter { $0.assignment?.session == session }
            let alive = own.map(\.offer).filter { running.contains($0.work.text) }
            return (isNews, running.subtracting(own.map(\.offer.work.text)).sorted(), alive)
        }
        for offer in alive { await hear(offer, from: agent) }
        if isNews {
            let report = AgentEvent.healthReported(
                agent: agent,
                session: session,
                health: health,
                load: load
            )
            try await record(report, by: agent)
            await match()
        } else {
            state.withLock { $0.roster.agents[agent]?.load = load }
        }
        return cancelled
    }

    /// Tells a step's instance that its attempt lives; most do not ask for that and say so.
    private func hear(_ offer: AgentWork.Offer, from agent: String) async {
        let sign = InstanceCommand.heartbeat(
            step: offer.step,
            attempt: offer.attempt,
            details: .null
        )
        _ = try? await processor.execute(
            sign,
            on: offer.instance,
            origin: InstanceProcessor.Origin(actor: "agent:\(agent)")
        )
    }

    /// Says goodbye: what the agent has goes to others.
    ///
    /// - Throws: ``AgentError``.
    public func leave(agent: String, session: String) async throws(AgentError) {
        try renew(agent, session)
        try await record(.left(agent: agent, session: session), by: agent)
        let poll = state.withLock { state in
            state.leases[agent] = nil
            return state.polls.removeValue(forKey: agent)
        }
        poll?.promise.fulfil([])
        await sweep()
    }

    // MARK: Parts

    func checkOpen() throws(AgentError) {
        guard state.withLock({ $0.isOpen }), !context.board.state.isStopping else {
            throw AgentError(.unavailable, "the engine starts or stops; try again")
        }
    }

    /// Checks a session and renews its lease.
    func renew(_ agent: String, _ session: String) throws(AgentError) {
        try checkOpen()
        let end = context.time.now + context.configuration.agentLease
        let failure = state.withLock { state -> AgentError? in
            guard let known = state.roster.agents[agent] else {
                return AgentError(.unknownAgent, "no agent '\(agent)' has registered; register it")
            }
            guard known.registration.session == session else {
                return AgentError(
                    .staleSession,
                    "'\(agent)' has registered anew since; this session is over"
                )
            }
            guard known.status == .live else {
                return AgentError(
                    .staleSession,
                    "'\(agent)' is \(known.status.rawValue); register again"
                )
            }
            state.leases[agent] = end
            return nil
        }
        if let failure { throw failure }
    }

    func record(_ event: AgentEvent, by agent: String) async throws(AgentError) {
        do throws(EventLogError) {
            try await append(event, actor: "agent:\(agent)")
        } catch {
            throw AgentError(.unavailable, "the log does not take it: \(error.message)")
        }
    }

    private func checkRoom(for agent: String) throws(AgentError) {
        let failure = state.withLock { state -> AgentError? in
            let agents = state.roster.agents
            guard agents[agent]?.status != .live else { return nil }
            let live = agents.values.count { $0.status == .live }
            let isFull =
                live >= AgentLimits.liveAgentsMax
                || agents[agent] == nil && agents.count >= AgentLimits.agentsMax
            guard isFull else { return nil }
            return AgentError(
                .tooManyAgents,
                "at most \(AgentLimits.liveAgentsMax) agents can be live and "
                    + "\(AgentLimits.agentsMax) names registered; reuse names"
            )
        }
        if let failure { throw failure }
    }

    /// Ends a poll with nothing, unless somebody is just about to give it something.
    private func withdraw(_ agent: String, _ number: Int) {
        let poll = state.withLock { state -> Poll? in
            guard state.polls[agent]?.number == number else { return nil }
            return state.polls.removeValue(forKey: agent)
        }
        poll?.promise.fulfil([])
    }

    private func lostAnswers(
        _ agent: String,
        _ session: String,
        _ running: Set<String>
    ) async throws(AgentError) -> [AgentAssignment] {
        let works = state.withLock { state in
            state.roster.works.values.filter { work in
                work.assignment?.agent == agent && work.assignment?.session == session
                    && !running.contains(work.offer.work.text)
                    && !state.claims.contains(work.offer.work)
            }
        }
        var again: [AgentAssignment] = []
        for work in works {
            guard let assignment = work.assignment, let step = openStep(of: work.offer) else {
                continue
            }
            again.append(
                AgentAssignment(
                    assignment: assignment,
                    offer: work.offer,
                    input: step.input["input"] ?? .map(ValueMap()),
                    idempotencyKey: step.idempotencyKey
                )
            )
        }
        return again
    }
}
