public import EventModel

/// One attempt of a step that waits for an agent or is with one.
public struct AgentWork: Sendable, Hashable {
    /// Why an agent no longer has a step.
    public enum Reason: String, Sendable, Hashable, CaseIterable {
        case agentLost = "agent_lost"
        case agentLeft = "agent_left"
        /// It registered anew and so has forgotten what it did.
        case agentRestarted = "agent_restarted"
        /// It took longer than `finish_within`.
        case tooSlow = "too_slow"
    }

    /// How the work ended.
    public enum Outcome: String, Sendable, Hashable, CaseIterable {
        case completed, failed
        /// No agent took it within `start_within`.
        case expired
        /// As many agents as may try it have tried it.
        case exhausted
        /// The step ended for another reason: a timeout, a cancellation.
        case over
    }

    /// What is to be done.
    public struct Offer: Sendable, Hashable {
        public var work: EventID
        public var instance: EventID
        public var workflow: String
        public var step: String
        public var attempt: Int
        public var capability: String
        public var entity: String?
        /// The story that it belongs to, and the event that scheduled it.
        public var correlation: EventID
        public var causation: EventID
        /// Until when an agent must have taken it.
        public var startBefore: Timestamp?
        /// How long an agent may take over it.
        public var finishWithin: Duration?
        /// How many agents may try it, one after the other.
        public var assignmentsMax: Int
    }

    /// An agent's turn at it; the number grows with each, so that late results are recognised.
    public struct Assignment: Sendable, Hashable {
        public var work: EventID
        /// Empty while no agent has had it.
        public var agent: String
        public var session: String
        public var number: Int
        public var finishBefore: Timestamp?
    }

    public var offer: Offer
    /// The agent that has it now, or nil while it waits.
    public var assignment: Assignment?
    /// How many agents have had it.
    public var number = 0
    /// The agents that did not finish it.
    public var triedBy: [String] = []
    public var offeredAt: Timestamp
    /// How many events its stream has.
    var eventCount: UInt64 = 1
}

extension AgentWork.Offer {
    var members: ValueMap {
        var members: ValueMap = [
            "work": .string(work.text), "instance": .string(instance.text),
            "workflow": .string(workflow), "step": .string(step),
            "attempt": .int(Int64(attempt)), "capability": .string(capability),
            "assignments_max": .int(Int64(assignmentsMax)),
            "correlation": .string(correlation.text), "causation": .string(causation.text),
        ]
        members["entity"] = entity.map(Value.string)
        members["start_before"] = startBefore.map(Value.timestamp)
        members["finish_within"] = finishWithin.map(Value.duration)
        return members
    }

    init?(_ data: Value) {
        guard let work = data["work"]?.identifier, let instance = data["instance"]?.identifier,
            let workflow = data["workflow"]?.stringValue, let step = data["step"]?.stringValue,
            let attempt = data["attempt"]?.intValue,
            let capability = data["capability"]?.stringValue,
            let assignmentsMax = data["assignments_max"]?.intValue,
            let correlation = data["correlation"]?.identifier,
            let causation = data["causation"]?.identifier
        else { return nil }
        self.work = work
        self.instance = instance
        self.workflow = workflow
        self.step = step
        self.attempt = Int(attempt)
        self.capability = capability
        self.assignmentsMax = Int(assignmentsMax)
        self.correlation = correlation
        self.causation = causation
        entity = data["entity"]?.stringValue
        startBefore = data["start_before"]?.timestampValue
        finishWithin = data["finish_within"]?.durationValue
    }
}

extension AgentWork.Assignment {
    var members: ValueMap {
        var members: ValueMap = ["work": .string(work.text), "number": .int(Int64(number))]
        members["agent"] = agent.isEmpty ? .none : .string(agent)
        members["session"] = session.isEmpty ? .none : .string(session)
        members["finish_before"] = finishBefore.map(Value.timestamp)
        return members
    }

    init?(_ data: Value) {
        guard let work = data["work"]?.identifier, let number = data["number"]?.intValue
        else { return nil }
        self.work = work
        agent = data["agent"]?.stringValue ?? ""
        session = data["session"]?.stringValue ?? ""
        self.number = Int(number)
        finishBefore = data["finish_before"]?.timestampValue
    }
}

extension AgentWork {
    /// The form in which the views and interfaces hold it.
    public var value: Value {
        var members = offer.members
        members["offered_at"] = .timestamp(offeredAt)
        members["number"] = .int(Int64(number))
        members["tried_by"] = .list(triedBy.map(Value.string))
        members["event_count"] = .uint(eventCount)
        members["assignment"] = assignment.map { .map($0.members) }
        return .map(members)
    }

    init?(_ value: Value) {
        guard let offer = Offer(value), let offeredAt = value["offered_at"]?.timestampValue,
            let eventCount = value["event_count"]?.intValue
        else { return nil }
        self.offer = offer
        self.offeredAt = offeredAt
        self.eventCount = UInt64(eventCount)
        number = Int(value["number"]?.intValue ?? 0)
        triedBy = (value["tried_by"]?.listValue ?? []).compactMap(\.stringValue)
        assignment = value["assignment"].flatMap { Assignment($0) }
    }

    /// Whether as many agents as may try it have had it and none has it now.
    var isExhausted: Bool { assignment == nil && number >= offer.assignmentsMax }

    /// What the work's closing event names: the assignment, or that there was none.
    var lastAssignment: Assignment {
        assignment
            ?? Assignment(work: offer.work, agent: "", session: "", number: number)
    }
}

extension Value {
    /// An identifier that is held as text.
    var identifier: Identifier? { stringValue.flatMap { Identifier($0) } }
}
