public import EventLog
public import EventModel

/// Keeps agents and open work in the views, so that a start need not read their whole history.
struct AgentFold: Sendable {
    static let follower = "agents"
    static let tables = [ViewTables.agents, ViewTables.agentWork]
    static let filter = EventFilter(
        categories: [AgentEvent.agentCategory, AgentEvent.workCategory]
    )

    /// Folds a batch into the rows that it touches.
    func apply(_ batch: EventSubscription.Batch, _ changes: inout ViewChanges) throws {
        for stored in batch.events {
            guard let event = AgentEvent(type: stored.type, data: stored.data) else { continue }
            var roster = AgentRoster()
            let name = stored.data["agent"]?.stringValue
            let work = stored.data["work"]?.identifier
            if let name, let row = try changes.value(ViewTables.agents, ViewKey.text(name)) {
                roster.agents[name] = AgentState(row)
            }
            if let work, let row = try changes.value(ViewTables.agentWork, work.bytes) {
                roster.works[work] = AgentWork(row)
            }
            roster.evolve(event, at: stored.recordedAt)
            if let name, let agent = roster.agents[name] {
                changes.put(ViewTables.agents, ViewKey.text(name), agent.value)
            }
            guard let work else { continue }
            if let row = roster.works[work] {
                changes.put(ViewTables.agentWork, work.bytes, row.value)
            } else {
                changes.delete(ViewTables.agentWork, work.bytes)
            }
        }
    }
}

/// Agents and open work, as the views hold them.
public struct AgentDirectory: Sendable {
    private static let pageRows = 500

    private let views: TableStore

    public init(views: TableStore) { self.views = views }

    /// All agents that have ever registered, by name.
    ///
    /// - Throws: if the views cannot be read.
    public func agents() throws -> [AgentState] {
        try rows(ViewTables.agents).compactMap { AgentState($0) }.sorted { $0.name < $1.name }
    }

    /// The work that is open, oldest first.
    ///
    /// - Throws: if the views cannot be read.
    public func works() throws -> [AgentWork] {
        try rows(ViewTables.agentWork).compactMap { AgentWork($0) }
            .sorted { ($0.offeredAt, $0.offer.work.text) < ($1.offeredAt, $1.offer.work.text) }
    }

    /// Agents, each with its steps, and the work that waits for one: the form of `GET /api/agents`.
    ///
    /// - Throws: if the views cannot be read.
    public func value() throws -> Value {
        AgentDirectory.value(agents: try agents(), works: try works())
    }

    static func value(agents: [AgentState], works: [AgentWork]) -> Value {
        let waiting = works.filter { $0.assignment == nil }
        return [
            "agents": .list(
                agents.map { agent in
                    var members = agent.value.mapValue ?? ValueMap()
                    let own = works.filter { $0.assignment?.agent == agent.name }
                    members["work"] = .list(own.map { withoutSession($0.value) })
                    return withoutSession(.map(members))
                }
            ),
            "waiting": .list(waiting.map(\.value)),
        ]
    }

    /// A session is good for calls, so it is nobody else's business.
    private static func withoutSession(_ value: Value) -> Value {
        guard var members = value.mapValue else { return value }
        members["session"] = .none
        if let assignment = members["assignment"] {
            members["assignment"] = withoutSession(assignment)
        }
        return .map(members)
    }

    private func rows(_ table: String) throws -> [Value] {
        var values: [Value] = []
        var from: [UInt8]?
        while true {
            let page = try views.rows(table, from: from, limit: Self.pageRows)
            for row in page { values.append(try Value(canonicalBytes: row.value)) }
            guard let last = page.last, page.count == Self.pageRows else { return values }
            from = last.key + [0]
        }
    }
}
