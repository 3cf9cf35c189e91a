import EventModel
import Hummingbird
import Runtime
import WorkflowEngine

extension DaybookServer {
    /// What people do with instances, below `/api/instances/ID`; the id may be cut as long as it is
    /// the only one that begins so.
    func addInstanceRoutes(to api: RouterGroup<BasicRequestContext>) {
        instanceRoute(api, "cancel") { instance, body, actor in
            let reason = body["reason"]?.stringValue ?? "no reason given"
            try await engine.cancel(instance, reason: reason, actor: actor)
            return ["status": "cancelled"]
        }
        instanceRoute(api, "terminate") { instance, body, actor in
            let reason = body["reason"]?.stringValue ?? "no reason given"
            try await engine.terminate(instance, reason: reason, actor: actor)
            return ["status": "terminated"]
        }
        instanceRoute(api, "pause") { instance, body, actor in
            let reason = body["reason"]?.stringValue ?? "no reason given"
            try await engine.suspend(instance, reason: reason, actor: actor)
            return ["status": "suspended"]
        }
        instanceRoute(api, "resume") { instance, _, actor in
            try await engine.resume(instance, actor: actor)
            return ["status": "resumed"]
        }
        instanceRoute(api, "retry") { instance, _, actor in
            try await engine.retry(instance, actor: actor)
            return ["status": "running"]
        }
        instanceRoute(api, "signal") { instance, body, actor in
            try await engine.signal(
                instance,
                name: try Self.member(body, "name"),
                data: body["data"] ?? .null,
                actor: actor
            )
            return ["signal": body["name"] ?? .null]
        }
        addAnswerRoutes(to: api)
        addVersionRoutes(to: api)
    }

    private func addAnswerRoutes(to api: RouterGroup<BasicRequestContext>) {
        for (verb, outcome) in [
            ("approve", ApprovalState.Outcome.approved), ("reject", .rejected),
        ] {
            instanceRoute(api, verb) { instance, body, actor in
                try await engine.answer(
                    instance,
                    step: body["step"]?.stringValue,
                    outcome: outcome,
                    comment: body["comment"]?.stringValue,
                    actor: actor
                )
                return ["outcome": .string(outcome.rawValue)]
            }
        }
        instanceRoute(api, "skip") { instance, body, actor in
            try await engine.skip(
                instance,
                step: try Self.member(body, "step"),
                reason: body["reason"]?.stringValue ?? "no reason given",
                output: body["output"],
                actor: actor
            )
            return ["skipped": body["step"] ?? .null]
        }
    }

    private func addVersionRoutes(to api: RouterGroup<BasicRequestContext>) {
        instanceRoute(api, "reset") { instance, body, actor in
            let count = try Self.count(body, "event")
            try await engine.reset(
                instance,
                toEvent: count,
                reason: body["reason"]?.stringValue ?? "no reason given",
                variables: body["variables"]?.mapValue ?? ValueMap(),
                actor: actor
            )
            return ["event": .uint(count)]
        }
        instanceRoute(api, "fork") { instance, body, actor in
            let fork = try await engine.fork(
                instance,
                atEvent: try Self.count(body, "event"),
                input: body["input"],
                variables: body["variables"]?.mapValue ?? ValueMap(),
                actor: actor
            )
            return ["fork": .string(fork.text)]
        }
        instanceRoute(api, "migrate") { instance, body, actor in
            let hash = try await engine.migrate(
                instance,
                to: body["version"]?.stringValue,
                reason: body["reason"]?.stringValue ?? "no reason given",
                actor: actor
            )
            return ["definition": .string(hash.hexadecimal)]
        }
    }

    /// Adds the route of a verb; its answer holds the whole id beside what the verb says.
    private func instanceRoute(
        _ api: RouterGroup<BasicRequestContext>,
        _ verb: String,
        _ act: @escaping @Sendable (EventID, Value, String) async throws -> ValueMap
    ) {
        api.post(RouterPath("/instances/:id/\(verb)")) { request, context in
            let text = try context.parameters.require("id")
            guard text.utf8.allSatisfy({ $0 == 0x2D || Character(UnicodeScalar($0)).isHexDigit })
            else { throw HTTPError(.badRequest, message: "'\(text)' is no instance id") }
            let instance = try await engine.instance(prefix: text)
            let body = try await request.json(max: configuration.bodyBytesMax)
            let actor = body["actor"]?.stringValue ?? "user:unknown"
            var answer = try await act(instance, body, actor)
            answer["instance"] = .string(instance.text)
            return Response.json(.map(answer))
        }
    }

    private static func member(_ body: Value, _ key: String) throws -> String {
        guard let text = body[key]?.stringValue else {
            throw HTTPError(.badRequest, message: "the member '\(key)' is missing")
        }
        return text
    }

    private static func count(_ body: Value, _ key: String) throws -> UInt64 {
        guard let count = body[key]?.intValue, count > 0 else {
            throw HTTPError(
                .badRequest,
                message: "the member '\(key)' must say after how many events, from 1"
            )
        }
        return UInt64(count)
    }
}
