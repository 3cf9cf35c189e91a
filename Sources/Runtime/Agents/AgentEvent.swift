import EventModel

/// What happens to agents and to the work that they do, as the log holds it.
///
/// An agent has a stream of its own (`agent/<name>`), and so has every attempt of a step that waits for
/// an agent (`work/<id>`). Inputs and outputs are not repeated in here: they are in the instance's events.
enum AgentEvent: Sendable, Hashable {
    case registered(AgentState.Registration)
    case healthReported(agent: String, session: String, health: AgentState.Health, load: Double)
    case lost(agent: String, session: String)
    case left(agent: String, session: String)
    case offered(AgentWork.Offer)
    case assigned(AgentWork.Assignment)
    case released(AgentWork.Assignment, reason: AgentWork.Reason)
    case closed(AgentWork.Assignment, outcome: AgentWork.Outcome, code: String?)
    case refused(AgentWork.Assignment, reason: String)

    static let agentCategory = "agent"
    static let workCategory = "work"

    /// The types, for comparison with the catalogue.
    static let declarations = [
        EventTypeDeclaration(type: "AgentRegistered", category: agentCategory),
        EventTypeDeclaration(type: "AgentHealthReported", category: agentCategory),
        EventTypeDeclaration(type: "AgentLost", category: agentCategory),
        EventTypeDeclaration(type: "AgentLeft", category: agentCategory),
        EventTypeDeclaration(type: "WorkOffered", category: workCategory),
        EventTypeDeclaration(type: "WorkAssigned", category: workCategory),
        EventTypeDeclaration(type: "WorkReleased", category: workCategory),
        EventTypeDeclaration(type: "WorkClosed", category: workCategory),
        EventTypeDeclaration(type: "WorkResultRefused", category: workCategory),
    ]

    static func agentStream(_ name: String) -> StreamName { StreamName(category: "agent", name) }
    static func workStream(_ work: EventID) -> StreamName {
        StreamName(category: "work", work.text)
    }

    var type: String {
        switch self {
        case .registered: "AgentRegistered"
        case .healthReported: "AgentHealthReported"
        case .lost: "AgentLost"
        case .left: "AgentLeft"
        case .offered: "WorkOffered"
        case .assigned: "WorkAssigned"
        case .released: "WorkReleased"
        case .closed: "WorkClosed"
        case .refused: "WorkResultRefused"
        }
    }

    var stream: StreamName {
        switch self {
        case .registered(let registration): Self.agentStream(registration.agent)
        case .healthReported(let agent, _, _, _), .lost(let agent, _), .left(let agent, _):
            Self.agentStream(agent)
        case .offered(let offer): Self.workStream(offer.work)
        case .assigned(let assignment), .released(let assignment, _), .closed(let assignment, _, _),
            .refused(let assignment, _):
            Self.workStream(assignment.work)
        }
    }

    var data: Value {
        switch self {
        case .registered(let registration): return .map(registration.members)
        case .healthReported(let agent, let session, let health, let load):
            return [
                "agent": .string(agent), "session": .string(session),
                "health": .string(health.rawValue), "load_percent": .int(Int64(load * 100)),
            ]
        case .lost(let agent, let session), .left(let agent, let session):
            return ["agent": .string(agent), "session": .string(session)]
        case .offered(let offer): return .map(offer.members)
        case .assigned(let assignment): return .map(assignment.members)
        case .released(let assignment, let reason):
            return Self.value(assignment, ["reason": .string(reason.rawValue)])
        case .closed(let assignment, let outcome, let code):
            var more: ValueMap = ["outcome": .string(outcome.rawValue)]
            more["code"] = code.map(Value.string)
            return Self.value(assignment, more)
        case .refused(let assignment, let reason):
            return Self.value(assignment, ["reason": .string(reason)])
        }
    }

    private static func value(_ assignment: AgentWork.Assignment, _ more: ValueMap) -> Value {
        var members = assignment.members
        for key in more.stringKeys { members[key] = more[key] }
        return .map(members)
    }

    /// Reads an event back; nil if it is of another type or cannot be read.
    init?(type: String, data: Value) {
        let agent = data["agent"]?.stringValue
        let session = data["session"]?.stringValue
        switch type {
        case "AgentRegistered":
            guard let registration = AgentState.Registration(data) else { return nil }
            self = .registered(registration)
        case "AgentHealthReported":
            guard let agent, let session,
                let health = data["health"]?.stringValue.flatMap(AgentState.Health.init(rawValue:))
            else { return nil }
            let percent = data["load_percent"]?.intValue ?? 0
            self = .healthReported(
                agent: agent,
                session: session,
                health: health,
                load: Double(percent) / 100
            )
        case "AgentLost", "AgentLeft":
            guard let agent, let session else { return nil }
            self =
                type == "AgentLost"
                ? .lost(agent: agent, session: session) : .left(agent: agent, session: session)
        case "WorkOffered":
            guard let offer = AgentWork.Offer(data) else { return nil }
            self = .offered(offer)
        default:
            guard let event = Self.aboutAssignment(type, data) else { return nil }
            self = event
        }
    }

    private static func aboutAssignment(_ type: String, _ data: Value) -> AgentEvent? {
        guard let assignment = AgentWork.Assignment(data) else { return nil }
        let reason = data["reason"]?.stringValue
        switch type {
        case "WorkAssigned": return .assigned(assignment)
        case "WorkReleased":
            return reason.flatMap(AgentWork.Reason.init(rawValue:)).map {
                .released(assignment, reason: $0)
            }
        case "WorkClosed":
            let outcome = data["outcome"]?.stringValue.flatMap(AgentWork.Outcome.init(rawValue:))
            let code = data["code"]?.stringValue
            return outcome.map { .closed(assignment, outcome: $0, code: code) }
        case "WorkResultRefused": return .refused(assignment, reason: reason ?? "")
        default: return nil
        }
    }
}
