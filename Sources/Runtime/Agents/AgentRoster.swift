import EventModel

/// All agents and all open work: a fold of their events, and the rules by which work finds an agent.
///
/// A value type without clock or lock, so that every rule is tested by itself.
struct AgentRoster: Sendable {
    var agents: [String: AgentState] = [:]
    /// What is open; work that is closed is forgotten.
    var works: [EventID: AgentWork] = [:]

    // MARK: Fold

    /// Takes an event in.
    mutating func evolve(_ event: AgentEvent, at instant: Timestamp) {
        switch event {
        case .registered(let registration):
            var agent =
                agents[registration.agent]
                ?? AgentState(
                    registration: registration,
                    status: .live,
                    health: .healthy,
                    load: 0,
                    registeredAt: instant,
                    checkedAt: instant
                )
            agent.registration = registration
            agent.status = .live
            agent.health = .healthy
            agent.load = 0
            agent.registeredAt = instant
            agent.checkedAt = instant
            agents[registration.agent] = agent
        case .healthReported(let name, let session, let health, let load):
            change(name, session, at: instant) {
                $0.health = health
                $0.load = load
            }
        case .lost(let name, let session):
            change(name, session, at: instant) { $0.status = .lost }
        case .left(let name, let session):
            change(name, session, at: instant) { $0.status = .left }
        case .offered(let offer):
            works[offer.work] = AgentWork(offer: offer, offeredAt: instant)
        case .assigned(let assignment):
            works[assignment.work]?.assignment = assignment
            works[assignment.work]?.number = assignment.number
            works[assignment.work]?.eventCount += 1
            agents[assignment.agent]?.assignedCount += 1
        case .released(let assignment, _):
            works[assignment.work]?.assignment = nil
            works[assignment.work]?.triedBy.append(assignment.agent)
            works[assignment.work]?.eventCount += 1
            agents[assignment.agent]?.releasedCount += 1
        case .closed(let assignment, let outcome, _):
            works[assignment.work] = nil
            switch outcome {
            case .completed: agents[assignment.agent]?.completedCount += 1
            case .failed: agents[assignment.agent]?.failedCount += 1
            case .expired, .exhausted, .over: break
            }
        case .refused(let assignment, _):
            works[assignment.work]?.eventCount += 1
        }
    }

    private mutating func change(
        _ name: String,
        _ session: String,
        at instant: Timestamp,
        _ change: (inout AgentState) -> Void
    ) {
        guard var agent = agents[name], agent.registration.session == session else { return }
        change(&agent)
        agent.checkedAt = instant
        agents[name] = agent
    }

    // MARK: Rules

    /// How many steps the present session of each agent has; agents without any are left out.
    var assignedCounts: [String: Int] {
        var counts: [String: Int] = [:]
        for work in works.values {
            guard let assignment = work.assignment,
                agents[assignment.agent]?.registration.session == assignment.session
            else { continue }
            counts[assignment.agent, default: 0] += 1
        }
        return counts
    }

    /// Why an assignment cannot go on, or nil.
    func problem(_ assignment: AgentWork.Assignment, at now: Timestamp) -> AgentWork.Reason? {
        guard let agent = agents[assignment.agent] else { return .agentLost }
        guard agent.registration.session == assignment.session else { return .agentRestarted }
        switch agent.status {
        case .lost: return .agentLost
        case .left: return .agentLeft
        case .live: break
        }
        if let end = assignment.finishBefore, end <= now { return .tooSlow }
        return nil
    }

    /// Gives waiting work, oldest first, to those who ask for some.
    ///
    /// Of the agents that can take a step the healthy come first, then those that have not tried it
    /// before, then the least loaded.
    ///
    /// - Parameters:
    ///   - asking: who asks, and how many steps each wants at the most.
    ///   - taken: work that somebody deals with already.
    /// - Returns: for each agent the work that it gets.
    func match(asking: [String: Int], except taken: Set<EventID>) -> [String: [EventID]] {
        let counts = assignedCounts
        var room: [String: Int] = [:]
        for (name, wanted) in asking {
            guard let agent = agents[name], agent.status == .live, agent.health != .unhealthy,
                agent.load < 1
            else { continue }
            let free = min(wanted, agent.registration.capacity - (counts[name] ?? 0))
            if free > 0 { room[name] = free }
        }
        var given: [String: [EventID]] = [:]
        guard !room.isEmpty else { return given }
        let waiting = works.values.filter { work in
            work.assignment == nil && !work.isExhausted && !taken.contains(work.offer.work)
        }.sorted { ($0.offeredAt, $0.offer.work.text) < ($1.offeredAt, $1.offer.work.text) }
        for work in waiting {
            guard !room.isEmpty else { break }
            let candidates = room.keys.compactMap { agents[$0] }.filter { $0.fits(work.offer) }
            let best = candidates.min { left, right in
                rank(left, work, given, counts) < rank(right, work, given, counts)
            }
            guard let best else { continue }
            given[best.name, default: []].append(work.offer.work)
            room[best.name, default: 0] -= 1
            if room[best.name] == 0 { room[best.name] = nil }
        }
        return given
    }

    private struct Rank: Comparable {
        var health: Int
        var hasTried: Int
        var load: Double
        var assignedCount: Int
        var name: String

        static func < (left: Rank, right: Rank) -> Bool {
            (left.health, left.hasTried, left.load, left.assignedCount, left.name)
                < (right.health, right.hasTried, right.load, right.assignedCount, right.name)
        }
    }

    private func rank(
        _ agent: AgentState,
        _ work: AgentWork,
        _ given: [String: [EventID]],
        _ counts: [String: Int]
    ) -> Rank {
        let count = (counts[agent.name] ?? 0) + (given[agent.name]?.count ?? 0)
        let share = Double(count) / Double(max(1, agent.registration.capacity))
        return Rank(
            health: agent.health == .healthy ? 0 : 1,
            hasTried: work.triedBy.contains(agent.name) ? 1 : 0,
            load: max(share, agent.load),
            assignedCount: agent.assignedCount,
            name: agent.name
        )
    }
}
