public import EventModel

/// An agent as the log has it: a worker outside the engine that takes steps over HTTP.
public struct AgentState: Sendable, Hashable {
    /// Whether it can be given work.
    public enum Status: String, Sendable, Hashable, CaseIterable {
        /// It registered, and has been heard of within its lease.
        case live
        /// Nothing was heard of it for longer than its lease.
        case lost
        /// It said goodbye.
        case left
    }

    /// What an agent says of itself.
    public enum Health: String, Sendable, Hashable, CaseIterable {
        case healthy
        /// It is given work only when no healthy agent can take it.
        case degraded
        /// It is given none.
        case unhealthy
    }

    /// What an agent said when it registered.
    public struct Registration: Sendable, Hashable {
        public var agent: String
        /// One life of the agent; a later registration of the same name ends it.
        public var session: String
        public var capabilities: [String]
        /// How many steps it takes at the same time.
        public var capacity: Int
        /// The business entities that it works for; empty for all.
        public var entities: [String]
        public var version: String?
        public var description: String?
        /// How long it may be silent.
        public var leaseSeconds: Int
    }

    public var registration: Registration
    public var status: Status
    public var health: Health
    /// What it says of its load, 0 to 1.
    public var load: Double
    public var registeredAt: Timestamp
    /// When its status or health was last recorded.
    public var checkedAt: Timestamp
    /// How many assignments it has ever had, and how they ended.
    public var assignedCount = 0
    public var completedCount = 0
    public var failedCount = 0
    public var releasedCount = 0

    public var name: String { registration.agent }

    /// Whether it may be given a step of this kind.
    func fits(_ offer: AgentWork.Offer) -> Bool {
        guard registration.capabilities.contains(offer.capability) else { return false }
        guard let entity = offer.entity, !registration.entities.isEmpty else { return true }
        return registration.entities.contains(entity)
    }
}

extension AgentState.Registration {
    var members: ValueMap {
        var members: ValueMap = [
            "agent": .string(agent), "session": .string(session),
            "capabilities": .list(capabilities.map(Value.string)),
            "capacity": .int(Int64(capacity)), "entities": .list(entities.map(Value.string)),
            "lease_seconds": .int(Int64(leaseSeconds)),
        ]
        members["version"] = version.map(Value.string)
        members["description"] = description.map(Value.string)
        return members
    }

    init?(_ data: Value) {
        guard let agent = data["agent"]?.stringValue, let session = data["session"]?.stringValue,
            let capacity = data["capacity"]?.intValue, let lease = data["lease_seconds"]?.intValue
        else { return nil }
        self.agent = agent
        self.session = session
        capabilities = (data["capabilities"]?.listValue ?? []).compactMap(\.stringValue)
        self.capacity = Int(capacity)
        entities = (data["entities"]?.listValue ?? []).compactMap(\.stringValue)
        version = data["version"]?.stringValue
        description = data["description"]?.stringValue
        leaseSeconds = Int(lease)
    }
}

extension AgentState {
    /// The form in which the views and interfaces hold it.
    public var value: Value {
        var members = registration.members
        members["status"] = .string(status.rawValue)
        members["health"] = .string(health.rawValue)
        members["load"] = .double(load)
        members["registered_at"] = .timestamp(registeredAt)
        members["checked_at"] = .timestamp(checkedAt)
        members["assigned_count"] = .int(Int64(assignedCount))
        members["completed_count"] = .int(Int64(completedCount))
        members["failed_count"] = .int(Int64(failedCount))
        members["released_count"] = .int(Int64(releasedCount))
        return .map(members)
    }

    init?(_ value: Value) {
        guard let registration = Registration(value),
            let status = value["status"]?.stringValue.flatMap(Status.init(rawValue:)),
            let health = value["health"]?.stringValue.flatMap(Health.init(rawValue:)),
            let registeredAt = value["registered_at"]?.timestampValue,
            let checkedAt = value["checked_at"]?.timestampValue
        else { return nil }
        self.registration = registration
        self.status = status
        self.health = health
        self.registeredAt = registeredAt
        self.checkedAt = checkedAt
        load = value["load"]?.doubleValue ?? 0
        assignedCount = Int(value["assigned_count"]?.intValue ?? 0)
        completedCount = Int(value["completed_count"]?.intValue ?? 0)
        failedCount = Int(value["failed_count"]?.intValue ?? 0)
        releasedCount = Int(value["released_count"]?.intValue ?? 0)
    }
}
