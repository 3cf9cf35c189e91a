import EventLog
import EventModel
import Synchronization
import WorkflowEngine

// What time does: leases end, deadlines pass, steps end for other reasons.
extension AgentDesk {
    /// Looks at everything that time can change; each finding becomes an event.
    func sweep() async {
        guard state.withLock({ $0.isOpen }), !context.board.state.isStopping else { return }
        context.board.recovered(Self.name)
        let now = context.time.now
        let silent = state.withLock { state in
            state.roster.agents.values.filter { agent in
                agent.status == .live && (state.leases[agent.name] ?? now) <= now
            }
        }
        for agent in silent.sorted(by: { $0.name < $1.name }) { await lose(agent) }
        let works = state.withLock { state in
            state.roster.works.values.filter { work in
                guard let assignment = work.assignment else {
                    return work.isExhausted || work.offer.startBefore.map { $0 <= now } ?? false
                }
                return state.roster.problem(assignment, at: now) != nil
            }
        }
        for work in works.sorted(by: { $0.offer.work.text < $1.offer.work.text }) {
            await settle(work.offer.work)
        }
        await closeEnded()
        await match()
    }

    /// When there is something to look at again, or nil.
    func nextLook() -> Timestamp? {
        let now = context.time.now
        return state.withLock { state in
            guard state.isOpen, !context.board.state.isStopping else { return nil }
            var next: Timestamp?
            func consider(_ instant: Timestamp?) {
                guard let instant else { return }
                next = min(next ?? instant, instant)
            }
            for agent in state.roster.agents.values where agent.status == .live {
                consider(state.leases[agent.name])
            }
            for work in state.roster.works.values {
                consider(work.assignment?.finishBefore)
                if work.assignment == nil { consider(work.offer.startBefore) }
            }
            if !state.roster.works.isEmpty { consider(now + .seconds(AgentLimits.sweepSeconds)) }
            // What could not be written is tried again, but not without a breath.
            return next.map { max($0, now + .milliseconds(100)) }
        }
    }

    private func lose(_ agent: AgentState) async {
        await registrations.withLock(agent.name) { () async in
            let session = agent.registration.session
            let isSilent = state.withLock { state in
                let known = state.roster.agents[agent.name]
                return known?.registration.session == session && known?.status == .live
                    && (state.leases[agent.name] ?? context.time.now) <= context.time.now
            }
            guard isSilent else { return }
            do throws(EventLogError) {
                try await append(.lost(agent: agent.name, session: session))
            } catch {
                return report(error, "an agent's end cannot be recorded")
            }
            let poll = state.withLock { state in
                state.leases[agent.name] = nil
                return state.polls.removeValue(forKey: agent.name)
            }
            poll?.promise.fulfil([])
        }
    }

    /// Takes a step from an agent that cannot finish it, or gives up waiting for one.
    private func settle(_ id: EventID) async {
        await locks.withLock(id) { () async in
            let now = context.time.now
            let (assignment, reason) = state.withLock { state in
                let assignment = state.roster.works[id]?.assignment
                return (assignment, assignment.flatMap { state.roster.problem($0, at: now) })
            }
            if let assignment, let reason {
                do throws(EventLogError) {
                    try await append(.released(assignment, reason: reason))
                } catch {
                    return report(error, "a step cannot be taken from its agent")
                }
            }
            guard let work = state.withLock({ $0.roster.works[id] }), work.assignment == nil
            else { return }
            if work.isExhausted {
                let failure = ActionFailure(
                    code: reason == .tooSlow ? "timeout" : "agent_lost",
                    message: "\(work.number) agents had the step and none finished it: "
                        + work.triedBy.joined(separator: ", "),
                    isRetryable: true
                )
                await giveUp(work, .exhausted, failure)
            } else if let end = work.offer.startBefore, end <= now {
                let failure = ActionFailure(
                    code: "no_agent",
                    message: "no agent with the capability '\(work.offer.capability)' took the "
                        + "step in time; start one, or give it more time",
                    isRetryable: true
                )
                await giveUp(work, .expired, failure)
            }
        }
    }

    private func giveUp(
        _ work: AgentWork,
        _ outcome: AgentWork.Outcome,
        _ failure: ActionFailure
    ) async {
        do throws(CommandError) {
            try await processor.execute(
                .failStep(step: work.offer.step, attempt: work.offer.attempt, failure: failure),
                on: work.offer.instance,
                origin: InstanceProcessor.Origin(
                    actor: context.configuration.actor,
                    causation: work.offer.causation
                )
            )
        } catch {
            if case .log(let reason) = error {
                return report(reason, "a step cannot be failed")
            }
            guard case .rejected = error else {
                context.board.failed(Self.name, error.description, at: context.time.now)
                return
            }
        }
        await close(work, outcome, code: failure.code)
    }

    /// Closes work whose step has ended for another reason; some of it at a time.
    private func closeEnded() async {
        let part = state.withLock { state -> [AgentWork] in
            let all = state.roster.works.values.filter { !state.claims.contains($0.offer.work) }
                .sorted { $0.offer.work.text < $1.offer.work.text }
            var part = all.drop { $0.offer.work.text <= state.sweptUpTo }
                .prefix(AgentLimits.sweptWorksMax)
            if part.isEmpty { part = all.prefix(AgentLimits.sweptWorksMax) }
            state.sweptUpTo = part.last?.offer.work.text ?? ""
            return Array(part)
        }
        for work in part where openStep(of: work.offer) == nil {
            await locks.withLock(work.offer.work) { () async in
                guard let known = state.withLock({ $0.roster.works[work.offer.work] }),
                    openStep(of: known.offer) == nil
                else { return }
                await close(known, .over, code: nil)
            }
        }
    }
}
