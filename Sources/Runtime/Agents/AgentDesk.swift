import EventLog
public import EventModel
import Logging
import Synchronization
import WorkflowEngine

/// Where steps wait for agents and agents come for steps.
///
/// Every decision, who registered, who was lost, who got which step and how that ended, is an event
/// before it has an effect; the roster in memory is a fold of these events. What is only in memory can be
/// lost without harm: who is asking right now, and when each agent was last heard of. After a start every
/// live agent has one whole lease to be heard of again.
public final class AgentDesk: Sendable {
    static let name = "agents.desk"

    struct State {
        var roster = AgentRoster()
        /// True once the roster is that of the log.
        var isOpen = false
        /// Agent to the end of its lease.
        var leases: [String: Timestamp] = [:]
        /// Agent to its waiting request for work; each has one.
        var polls: [String: Poll] = [:]
        /// Work that is being assigned.
        var claims: Set<EventID> = []
        var nextPoll = 0
        /// Where the next comparison of work with instances begins.
        var sweptUpTo = ""
    }

    /// A request for work that waits.
    struct Poll {
        var number: Int
        var session: String
        var max: Int
        var promise: Promise<[AgentAssignment]>
    }

    let context: EngineContext
    let processor: InstanceProcessor
    let state = Mutex(State())
    let locks = KeyedLock<EventID>()
    let registrations = KeyedLock<String>()
    private let pulse = Pulse()

    init(context: EngineContext, processor: InstanceProcessor) {
        self.context = context
        self.processor = processor
    }

    // MARK: Views

    /// All agents that have ever registered, by name.
    public var agents: [AgentState] {
        state.withLock { Array($0.roster.agents.values) }.sorted { $0.name < $1.name }
    }

    /// The work that is open, oldest first.
    public var works: [AgentWork] {
        state.withLock { Array($0.roster.works.values) }
            .sorted { ($0.offeredAt, $0.offer.work.text) < ($1.offeredAt, $1.offer.work.text) }
    }

    /// How many agents are live, how many steps wait for one and how many are with one.
    public var counts: (live: Int, waiting: Int, assigned: Int) {
        state.withLock { state in
            let works = state.roster.works.values
            return (
                state.roster.agents.values.count { $0.status == .live },
                works.count { $0.assignment == nil }, works.count { $0.assignment != nil }
            )
        }
    }

    /// The form of `GET /api/agents`.
    public var value: Value { AgentDirectory.value(agents: agents, works: works) }

    // MARK: Life

    /// Opens; as long as the views cannot be read it says so and tries again.
    func openWhenReadable() async {
        var failures = 0
        while !Task.isCancelled {
            do {
                try open()
                wake()
                return
            } catch {
                failures += 1
                context.board.failed(Self.name, "\(error)", at: context.time.now)
                await context.pause(
                    Self.name,
                    for: Backoff.standard.delay(afterFailures: failures)
                )
            }
        }
    }

    /// Reads the roster from the views, which must have come to the head of the log.
    func open() throws {
        let directory = AgentDirectory(views: context.views)
        let agents = try directory.agents()
        let works = try directory.works()
        let now = context.time.now
        state.withLock { state in
            for agent in agents {
                state.roster.agents[agent.name] = agent
                guard agent.status == .live else { continue }
                state.leases[agent.name] =
                    now + .seconds(Int64(agent.registration.leaseSeconds))
            }
            for work in works { state.roster.works[work.offer.work] = work }
            state.isOpen = true
        }
    }

    /// Watches leases and deadlines until the task is cancelled.
    func run() async {
        while !Task.isCancelled {
            await sweep()
            if context.board.state.isStopping { endPolls() }
            let next = nextLook()
            context.board.sleeps(Self.name, until: next)
            await context.wait(for: pulse, until: next)
        }
        endPolls()
    }

    func wake() { pulse.beat() }

    /// Answers everybody who waits for work with none.
    func endPolls() {
        let polls = state.withLock { state in
            defer { state.polls = [:] }
            return Array(state.polls.values)
        }
        for poll in polls { poll.promise.fulfil([]) }
    }

    // MARK: Log

    /// Appends an event and folds it; the stream of a work must be as it was folded.
    func append(_ event: AgentEvent, actor: String? = nil) async throws(EventLogError) {
        let work: AgentWork.Offer? = state.withLock { state in
            switch event {
            case .offered(let offer): return offer
            case .assigned(let assignment), .released(let assignment, _),
                .closed(let assignment, _, _), .refused(let assignment, _):
                return state.roster.works[assignment.work]?.offer
            case .registered, .healthReported, .lost, .left: return nil
            }
        }
        let count = state.withLock { state in
            work.flatMap { state.roster.works[$0.work]?.eventCount }
        }
        let expected: ExpectedRevision
        switch event {
        case .offered: expected = .none
        case .assigned, .released, .closed: expected = count.map { .exact($0 - 1) } ?? .any
        case .refused, .registered, .healthReported, .lost, .left: expected = .any
        }
        let now = context.time.now
        let proposed = ProposedEvent(
            id: identifier(of: event, at: now),
            type: event.type,
            entity: work?.entity,
            actor: actor ?? context.configuration.actor,
            correlation: work?.correlation,
            causation: work?.causation,
            data: event.data
        )
        let write = StreamWrite(stream: event.stream, expected: expected, events: [proposed])
        let result = try await context.board.busy { () async throws(EventLogError) in
            try await context.store.append([write])
        }
        // A refusal is recorded once; anything else was not folded yet, whoever appended it first.
        if result.isRepeat, case .refused = event { return }
        state.withLock { $0.roster.evolve(event, at: now) }
    }

    /// What can happen once has an identity that says so.
    private func identifier(of event: AgentEvent, at now: Timestamp) -> EventID {
        switch event {
        case .offered(let offer): .derived(from: offer.work, "offered")
        case .assigned(let assignment):
            .derived(from: assignment.work, "assigned/\(assignment.number)")
        case .released(let assignment, _):
            .derived(from: assignment.work, "released/\(assignment.number)")
        case .closed(let assignment, _, _): .derived(from: assignment.work, "closed")
        case .refused(let assignment, _):
            .derived(
                from: assignment.work,
                "refused/\(assignment.agent)/\(assignment.session)/\(assignment.number)"
            )
        case .registered, .healthReported, .lost, .left:
            context.configuration.makeIdentifier(now)
        }
    }
}
