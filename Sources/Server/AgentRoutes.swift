import EventModel
import HTTPTypes
import Hummingbird
import Runtime
import WorkflowEngine

extension DaybookServer {
    /// What agents call, below `/api/agents`; every call needs the agents' token.
    func addAgentRoutes(to router: Router<BasicRequestContext>) {
        let agents = router.group("/api/agents").add(
            middleware: AgentToken(configuration.agentToken)
        )
        agents.post("/register") { request, _ in
            try await agentCall(request) { body throws(AgentError) in
                let welcome = try await engine.agents.register(try AgentIntroduction(body))
                return [
                    "session": .string(welcome.session),
                    "lease_seconds": .double(welcome.lease / .seconds(1)),
                    "poll_seconds_max": .double(welcome.pollMax / .seconds(1)),
                ]
            }
        }
        agents.post("/poll") { request, _ in
            try await agentCall(request) { body throws(AgentError) in
                let caller = try Caller(body)
                let works = try await engine.agents.poll(
                    agent: caller.agent,
                    session: caller.session,
                    wait: .milliseconds(try body.number("wait_seconds", 20, max: 3_600) * 1_000),
                    max: Int(try body.number("max", 1, max: Double(AgentLimits.capacityMax))),
                    running: try body.works("running")
                )
                return ["work": .list(works.map(\.value))]
            }
        }
        agents.post("/heartbeat") { request, _ in
            try await agentCall(request) { body throws(AgentError) in
                let caller = try Caller(body)
                let given = try await engine.agents.heartbeat(
                    agent: caller.agent,
                    session: caller.session,
                    health: try body.health(),
                    load: try body.number("load", 0, max: 1),
                    running: try body.works("running")
                )
                return ["give_up": .list(given.map(Value.string))]
            }
        }
        agents.post("/complete") { request, _ in
            try await agentCall(request) { body throws(AgentError) in
                try await finish(body, .success(body["output"] ?? .null))
            }
        }
        agents.post("/fail") { request, _ in
            try await agentCall(request) { body throws(AgentError) in
                try await finish(body, .failure(try body.failure()))
            }
        }
        agents.post("/leave") { request, _ in
            try await agentCall(request) { body throws(AgentError) in
                let caller = try Caller(body)
                try await engine.agents.leave(agent: caller.agent, session: caller.session)
                return ["left": true]
            }
        }
    }

    private func finish(
        _ body: Value,
        _ result: Result<Value, ActionFailure>
    ) async throws(AgentError) -> Value {
        let caller = try Caller(body)
        try await engine.agents.finish(
            agent: caller.agent,
            session: caller.session,
            body: body,
            result: result
        )
        return ["accepted": true]
    }

    private func agentCall(
        _ request: Request,
        _ body: (Value) async throws(AgentError) -> Value
    ) async throws -> Response {
        let value = try await request.json(max: configuration.bodyBytesMax)
        do throws(AgentError) {
            return Response.json(try await body(value))
        } catch {
            let status: HTTPResponse.Status =
                switch error.code {
                case .badRequest: .badRequest
                case .unknownAgent: .notFound
                case .staleSession, .lateResult: .conflict
                case .tooManyAgents: .tooManyRequests
                case .outputTooLarge: .contentTooLarge
                case .unavailable: .serviceUnavailable
                }
            return .failure(status, code: error.code.rawValue, message: error.message)
        }
    }
}

/// Lets only agents through.
struct AgentToken<Context: RequestContext>: RouterMiddleware {
    private let expected: Digest?

    init(_ token: String?) { expected = token.map { Digest.sha256("Bearer \($0)".utf8) } }

    func handle(
        _ request: Request,
        context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard let expected else {
            throw HTTPError(
                .forbidden,
                message: "no agent can come in; set agents.token in the configuration"
            )
        }
        // Digests are compared instead of texts, so that the time taken tells nothing of the token.
        guard Digest.sha256((request.headers[.authorization] ?? "").utf8) == expected else {
            throw HTTPError(
                .unauthorized,
                message: "send agents.token of the configuration as Authorization: Bearer"
            )
        }
        return try await next(request, context)
    }
}

/// Who calls.
private struct Caller {
    var agent: String
    var session: String

    init(_ body: Value) throws(AgentError) {
        guard let agent = body["agent"]?.stringValue, let session = body["session"]?.stringValue
        else {
            throw AgentError(.badRequest, "'agent' and its registration's 'session' are needed")
        }
        self.agent = agent
        self.session = session
    }
}

extension Value {
    fileprivate func number(
        _ key: String,
        _ missing: Double,
        max: Double
    ) throws(AgentError) -> Double {
        guard let value = self[key], !value.isNull else { return missing }
        guard let number = value.doubleValue, number >= 0, number <= max else {
            throw AgentError(.badRequest, "'\(key)' must be a number from 0 to \(Int(max))")
        }
        return number
    }

    fileprivate func works(_ key: String) throws(AgentError) -> Set<String> {
        guard let value = self[key], !value.isNull else { return [] }
        guard let list = value.listValue, list.count <= 4 * AgentLimits.capacityMax else {
            throw AgentError(.badRequest, "'\(key)' must be the list of the works in hand")
        }
        return Set(list.compactMap(\.stringValue))
    }

    fileprivate func health() throws(AgentError) -> AgentState.Health {
        guard let text = self["health"]?.stringValue else { return .healthy }
        guard let health = AgentState.Health(rawValue: text) else {
            let words = AgentState.Health.allCases.map(\.rawValue).joined(separator: ", ")
            throw AgentError(.badRequest, "'health' is '\(text)'; it can be \(words)")
        }
        return health
    }

    /// The member `failure` with `code`, `message`, `retryable`, `retry_after_seconds`, `details`.
    fileprivate func failure() throws(AgentError) -> ActionFailure {
        guard let failure = self["failure"], let code = failure["code"]?.stringValue,
            !code.isEmpty, code.utf8.count <= AgentLimits.nameBytesMax
        else {
            throw AgentError(.badRequest, "'failure' must have a 'code' and a 'message'")
        }
        let pause = try failure.number("retry_after_seconds", 0, max: 86_400)
        return ActionFailure(
            code: code,
            message: failure["message"]?.stringValue ?? code,
            isRetryable: failure["retryable"]?.boolValue ?? true,
            retryAfter: pause > 0 ? .milliseconds(pause * 1_000) : nil,
            details: failure["details"] ?? .null
        )
    }
}
