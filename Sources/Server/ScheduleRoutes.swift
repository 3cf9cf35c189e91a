import EventModel
import Hummingbird
import Runtime
import Schedules

extension DaybookServer {
    /// What the command line asks of schedules: `POST /api/schedules/<id>/…`.
    func addScheduleRoutes(to api: RouterGroup<BasicRequestContext>) {
        let bodyBytesMax = configuration.bodyBytesMax
        api.post("/schedules/:id/pause") { request, context in
            let id = try context.parameters.require("id")
            let body = try await request.json(max: bodyBytesMax)
            let reason = body["reason"]?.stringValue ?? "no reason given"
            try await engine.pause(schedule: id, reason: reason, actor: Self.actor(of: body))
            return Response.json(["schedule": .string(id), "paused": true])
        }
        api.post("/schedules/:id/resume") { request, context in
            let id = try context.parameters.require("id")
            let body = try await request.json(max: bodyBytesMax)
            try await engine.resume(schedule: id, actor: Self.actor(of: body))
            return Response.json(["schedule": .string(id), "paused": false])
        }
        api.post("/schedules/:id/trigger") { request, context in
            let id = try context.parameters.require("id")
            let body = try await request.json(max: bodyBytesMax)
            let instance = try await engine.trigger(schedule: id, actor: Self.actor(of: body))
            return Response.json(["schedule": .string(id), "instance": .string(instance.text)])
        }
        api.post("/schedules/:id/backfill") { request, context in
            let id = try context.parameters.require("id")
            let body = try await request.json(max: bodyBytesMax)
            let first = try Self.instant(body, "from")
            let last = try Self.instant(body, "to")
            let isComplete = body["missed"] == true
            guard body["dry_run"] == false else {
                let plan = try await engine.planBackfill(schedule: id, from: first, through: last)
                return Response.json(plan.value(includingNotRun: isComplete))
            }
            let ticks = try await engine.backfill(
                schedule: id,
                from: first,
                through: last,
                includingNotRun: isComplete,
                actor: Self.actor(of: body)
            )
            return Response.json(["schedule": .string(id), "ticks": .instants(ticks)])
        }
    }

    private static func actor(of body: Value) -> String {
        body["actor"]?.stringValue ?? "user:unknown"
    }

    private static func instant(_ body: Value, _ key: String) throws -> Timestamp {
        if let instant = body[key]?.timestampValue { return instant }
        if let text = body[key]?.stringValue, let instant = try? Timestamp(rfc3339: text) {
            return instant
        }
        throw HTTPError(
            .badRequest,
            message: "the member '\(key)' must be an instant such as 2026-12-01T00:00:00Z"
        )
    }
}

extension BackfillPlan {
    /// The plan as a value: what would run, and what became of the other ticks.
    func value(includingNotRun: Bool) -> Value {
        [
            "runs": .instants(runs(includingNotRun: includingNotRun)),
            "undecided": .instants(undecided), "not_run": .instants(notRun),
            "waiting": .instants(waiting), "ran": .instants(ran),
        ]
    }
}

extension Value {
    fileprivate static func instants(_ instants: [Timestamp]) -> Value {
        .list(instants.map { .string($0.rfc3339) })
    }
}
