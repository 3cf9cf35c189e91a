/// Why an agent's call had no effect.
public struct AgentError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of refusal it is.
    public enum Code: String, Sendable, Hashable, CaseIterable {
        /// The call's body is not as it must be.
        case badRequest = "bad_request"
        /// No agent of this name has registered.
        case unknownAgent = "unknown_agent"
        /// The agent registered anew, left or was given up; it must register again.
        case staleSession = "stale_session"
        /// The work was given to another agent, or is over.
        case lateResult = "late_result"
        /// There are as many agents as there may be.
        case tooManyAgents = "too_many_agents"
        /// The log does not take so large a result.
        case outputTooLarge = "output_too_large"
        /// The engine starts, stops or cannot write; the same call may succeed later.
        case unavailable
    }

    public var code: Code
    public var message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { message }
}

/// How big and how long things about agents can be.
public enum AgentLimits {
    /// Agents that are live at the same time.
    public static let liveAgentsMax = 1_000
    /// Names that have ever registered.
    public static let agentsMax = 10_000
    public static let nameBytesMax = 80
    public static let capabilitiesMax = 64
    public static let entitiesMax = 64
    public static let descriptionBytesMax = 1_000
    /// Steps that one agent takes at the same time.
    public static let capacityMax = 256
    /// Agents that may try one attempt of a step.
    public static let assignmentsMax = 20
    /// A health report that changes nothing is recorded when the last one is this old.
    public static let healthRecordSeconds: Int64 = 300
    /// How often open work is compared with the instances that it belongs to.
    static let sweepSeconds: Int64 = 5
    /// How many works one such comparison looks at.
    static let sweptWorksMax = 500
}
