import Documents
import EventLog
import EventModel
import Hummingbird
import Runtime

extension DaybookServer {
    /// What the command line asks of a running engine, below `/api`.
    ///
    /// Every call needs the control token. One that names a position in the header
    /// `Daybook-At-Least` is answered from a log that has come as far.
    func addControlRoutes(to router: Router<BasicRequestContext>) {
        let api = router.group("/api")
            .add(middleware: ControlToken(configuration.controlToken))
            .add(middleware: AtLeastPosition(store: store))
        api.get("/status") { _, _ in Response.json(engine.health.value) }
        api.get("/agents") { _, _ in Response.json(engine.agents.value) }
        api.post("/workflows") { request, _ in
            let body = try await request.json(max: configuration.bodyBytesMax)
            let text = try Self.text(body, "text")
            let file = body["file"]?.stringValue ?? "workflow.yaml"
            do {
                let deployment = try await engine.deploy(text: text, file: file, actor: actor(body))
                return Response.json(deployment.value)
            } catch let problems as Problems {
                return Self.refusal(problems)
            }
        }
        api.post("/workflows/:name/run") { request, context in
            let name = try context.parameters.require("name")
            let body = try await request.json(max: configuration.bodyBytesMax)
            let instance = try await engine.start(
                workflow: name,
                input: body["input"] ?? .map(ValueMap()),
                actor: actor(body),
                idempotencyKey: body["idempotency_key"]?.stringValue
            )
            return Response.json(["instance": .string(instance.description)])
        }
        addInstanceRoutes(to: api)
        addRequestRoutes(to: api)
        api.post("/sync") { request, _ in
            let body = try await request.json(max: configuration.bodyBytesMax)
            let names = body["databases"]?.listValue?.compactMap(\.stringValue)
            return Response.json(try await engine.syncNow(databases: names).value)
        }
        addScheduleRoutes(to: api)
        addSubjectRoutes(to: api)
        addLogRoutes(to: api)
        api.post("/scrubs") { request, _ in
            let body = try await request.json(max: configuration.bodyBytesMax)
            guard let report = body["report"].flatMap(ScrubEvents.report) else {
                throw HTTPError(.badRequest, message: "the member 'report' is no scrub's result")
            }
            try await engine.record(scrub: report, actor: actor(body))
            scrubs.note(report)
            return Response.json(["problems": .uint(report.problemCount)])
        }
        api.post("/projections/:name/rebuild") { _, context in
            let name = try context.parameters.require("name")
            return Response.json(try await engine.rebuild(projection: name).value)
        }
    }

    private func addRequestRoutes(to api: RouterGroup<BasicRequestContext>) {
        api.post("/requests/:name") { request, context in
            let name = try context.parameters.require("name")
            let body = try await request.json(max: configuration.bodyBytesMax)
            let taken = try await engine.receive(
                EntityRequest(
                    name: name,
                    from: body["from"]?.stringValue,
                    entities: body["entities"]?.listValue?.compactMap(\.stringValue) ?? [],
                    payload: body["payload"] ?? .map(ValueMap()),
                    actor: actor(body),
                    idempotencyKey: body["idempotency_key"]?.stringValue
                )
            )
            return Response.json([
                "event": .string(taken.event.text), "position": .uint(taken.position.value),
            ])
        }
    }

    private func addLogRoutes(to api: RouterGroup<BasicRequestContext>) {
        api.post("/log/signing") { request, _ in
            let body = try await request.json(max: configuration.bodyBytesMax)
            let type = try Self.text(body, "type")
            guard SigningEvents.eventTypes.contains(where: { $0.type == type }),
                let id = Identifier(try Self.text(body, "id")), let data = body["data"]
            else {
                throw HTTPError(.badRequest, message: "this is no event about the log's key")
            }
            let event = ProposedEvent(id: id, type: type, actor: actor(body), data: data)
            let result = try await store.append([
                StreamWrite(stream: SigningEvents.stream, expected: .any, events: [event])
            ])
            return Response.json(["position": .uint(result.lastPosition.value)])
        }
    }

    private func addSubjectRoutes(to api: RouterGroup<BasicRequestContext>) {
        api.post("/subjects/erase") { request, _ in
            let body = try await request.json(max: configuration.bodyBytesMax)
            let outcome = try await engine.erase(
                subject: try Self.text(body, "subject"),
                reason: body["reason"]?.stringValue ?? "",
                actor: actor(body),
                includingRunning: body["running"] == true
            )
            return Response.json(outcome.value)
        }
        for (path, isHeld) in [("/subjects/hold", true), ("/subjects/release", false)] {
            api.post(RouterPath(path)) { request, _ in
                let body = try await request.json(max: configuration.bodyBytesMax)
                let position = try await engine.hold(
                    subject: try Self.text(body, "subject"),
                    isHeld: isHeld,
                    reason: body["reason"]?.stringValue ?? "",
                    actor: actor(body)
                )
                return Response.json(["position": .uint(position.value)])
            }
        }
    }

    private func actor(_ body: Value) -> String { body["actor"]?.stringValue ?? "user:unknown" }

    private static func refusal(_ problems: Problems) -> Response {
        let places = problems.list.map { problem -> Value in
            [
                "file": .string(problem.place.file), "line": .int(Int64(problem.place.line)),
                "column": .int(Int64(problem.place.column)), "message": .string(problem.message),
                "remedy": .string(problem.remedy),
            ]
        }
        return .json(
            [
                "error": [
                    "code": "invalid_workflow", "message": .string(problems.description),
                    "problems": .list(places),
                ]
            ],
            status: .unprocessableContent
        )
    }

    private static func text(_ body: Value, _ key: String) throws -> String {
        guard let text = body[key]?.stringValue else {
            throw HTTPError(.badRequest, message: "the member '\(key)' is missing")
        }
        return text
    }
}

/// Lets only the holder of the control token through.
struct ControlToken<Context: RequestContext>: RouterMiddleware {
    private let expected: Digest

    init(_ token: String) { expected = Digest.sha256("Bearer \(token)".utf8) }

    func handle(
        _ request: Request,
        context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        // Digests are compared instead of texts, so that the time taken tells nothing of the token.
        let given = Digest.sha256((request.headers[.authorization] ?? "").utf8)
        guard given == expected else {
            throw HTTPError(
                .unauthorized,
                message: "send the control token of data/engine.json as Authorization: Bearer"
            )
        }
        return try await next(request, context)
    }
}

extension Deployment {
    var value: Value {
        [
            "name": .string(name), "definition": .string(definition.hexadecimal),
            "is_new": .bool(isNew), "position": .uint(position.value),
        ]
    }
}

extension SyncReport {
    var value: Value {
        let rows = databases.map { database -> Value in
            [
                "database": .string(database.database), "full": .bool(database.isFull),
                "complete": .bool(database.isComplete), "read": .int(Int64(database.recordCount)),
                "created": .int(Int64(database.createdCount)),
                "updated": .int(Int64(database.updatedCount)),
                "trashed": .int(Int64(database.trashedCount)),
                "restored": .int(Int64(database.restoredCount)),
            ]
        }
        return ["databases": .list(rows)]
    }
}

extension RebuildReport {
    var value: Value {
        [
            "added": .int(Int64(addedCount)), "changed": .int(Int64(changedCount)),
            "removed": .int(Int64(removedCount)), "unchanged": .int(Int64(unchangedCount)),
        ]
    }
}
