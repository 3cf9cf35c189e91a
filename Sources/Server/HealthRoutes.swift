import EventLog
import EventModel
import Hummingbird
import Runtime

extension DaybookServer {
    /// `GET /healthz`, `/readyz` and `/metrics`; open to all, since they tell nothing of the data.
    func addHealthRoutes(to router: Router<BasicRequestContext>) {
        router.get("/healthz") { _, _ in Response.json(["status": "alive"]) }
        router.get("/readyz") { _, _ in
            let health = engine.health
            return Response.json(
                ["ready": .bool(health.takesWork), "head": .uint(store.head.value)],
                status: health.takesWork ? .ok : .serviceUnavailable
            )
        }
        router.get("/metrics") { _, _ in
            let text = Metrics.text(
                engine.health,
                head: store.head,
                scrub: scrubs.status,
                more: gauges()
            )
            return Response(
                status: .ok,
                headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: text))
            )
        }
    }
}

/// The engine's figures in the text format of Prometheus (exposition format 0.0.4).
enum Metrics {
    static func text(
        _ health: EngineHealth,
        head: Position,
        scrub: ScrubBoard.Status,
        more: [DaybookServer.Gauge] = []
    ) -> String {
        var lines: [String] = []
        func gauge(_ name: String, _ help: String, _ samples: [(labels: String, value: String)]) {
            lines.append("# HELP daybook_\(name) \(help)")
            lines.append("# TYPE daybook_\(name) gauge")
            for sample in samples {
                lines.append("daybook_\(name)\(sample.labels) \(sample.value)")
            }
        }
        gauge("log_head_position", "Position of the last event.", [("", String(head.value))])
        gauge("ready", "1 if the engine takes work.", [("", health.takesWork ? "1" : "0")])
        gauge(
            "follower_lag_events",
            "Events that a follower of the log has yet to see.",
            health.followers.map { (follower($0.name), String($0.lag)) }
        )
        gauge(
            "follower_failed",
            "1 if a follower stands still because of an error.",
            health.followers.map { (follower($0.name), $0.failure == nil ? "0" : "1") }
        )
        gauge("steps_open", "Steps scheduled and not ended.", [("", String(health.openStepCount))])
        gauge(
            "timers_waiting",
            "Durable timers not yet due.",
            [("", String(health.waitingTimerCount))]
        )
        gauge(
            "sink_debt_rows",
            "Rows that a sink has yet to take.",
            health.sinks.map { (sinkLabels($0), String($0.rowCount)) }
        )
        gauge(
            "sink_refused_rows",
            "Rows that a sink can never take as they are.",
            health.sinks.map { (sinkLabels($0), String($0.refusedCount)) }
        )
        gauge("calls_in_flight", "Calls of actions in flight.", [("", String(health.callCount))])
        gauge(
            "integration_circuit",
            "0 if calls to an integration pass, 1 if one tries, 2 if they are held back.",
            health.circuits.map(circuitFigure)
        )
        for (name, help, count) in agentFigures(health.agents) + scheduleFigures(health) {
            gauge(name, help, [("", String(count))])
        }
        gauge(
            "log_scrub_end_seconds",
            "When the last scrub ended, in seconds since 1970; 0 if there was none.",
            [("", String(scrub.endedAt?.seconds ?? 0))]
        )
        gauge(
            "log_scrub_problems",
            "Records that the last scrub found changed.",
            [("", String(scrub.problemCount))]
        )
        for figure in more {
            let isWhole = figure.value == figure.value.rounded() && abs(figure.value) < 1e15
            let value = isWhole ? String(Int64(figure.value)) : String(figure.value)
            gauge(figure.name, figure.help, [("", value)])
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func circuitFigure(
        _ circuit: EngineHealth.Circuit
    ) -> (labels: String, value: String) {
        let label = "{integration=\"\(escaped(circuit.integration))\"}"
        return (label, ["closed": "0", "half_open": "1"][circuit.phase] ?? "2")
    }

    private static func agentFigures(
        _ agents: EngineHealth.Agents
    ) -> [(name: String, help: String, count: Int)] {
        [
            ("agents_live", "Agents heard of within their lease.", agents.liveCount),
            ("agent_work_waiting", "Steps that wait for an agent.", agents.waitingCount),
            ("agent_work_assigned", "Steps that are with an agent.", agents.assignedCount),
        ]
    }

    private static func scheduleFigures(
        _ health: EngineHealth
    ) -> [(name: String, help: String, count: Int)] {
        let next = Int(health.nextTick?.seconds ?? 0)
        let help = "When the next tick of a schedule runs, in seconds since 1970; 0 if none will."
        return [
            ("schedules_waiting", "Schedules with a tick to come.", health.scheduleCount),
            ("schedule_next_tick_seconds", help, next),
        ]
    }

    private static func sinkLabels(_ sink: EngineHealth.SinkDebt) -> String {
        "{projection=\"\(escaped(sink.projection))\",kind=\"\(escaped(sink.kind))\"}"
    }

    private static func follower(_ name: String) -> String { "{follower=\"\(escaped(name))\"}" }

    static func escaped(_ label: String) -> String {
        label.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
            .replacing("\n", with: "\\n")
    }
}

extension EngineHealth {
    /// False also while the engine drains, so that a balancer sends the next request elsewhere.
    var takesWork: Bool { isReady && !isStopping }

    /// The figures as a value, for `/api/status`.
    var value: Value {
        [
            "ready": .bool(isReady), "stopping": .bool(isStopping), "head": .uint(head.value),
            "open_steps": .int(Int64(openStepCount)), "calls": .int(Int64(callCount)),
            "timers_waiting": .int(Int64(waitingTimerCount)),
            "next_timer": nextTimer.map(Value.timestamp) ?? .null,
            "agents": [
                "live": .int(Int64(agents.liveCount)),
                "work_waiting": .int(Int64(agents.waitingCount)),
                "work_assigned": .int(Int64(agents.assignedCount)),
            ],
            "circuits": .list(circuits.map(\.value)),
            "schedules": .int(Int64(scheduleCount)),
            "next_tick": nextTick.map(Value.timestamp) ?? .null,
            "followers": .list(
                followers.map {
                    [
                        "name": .string($0.name), "position": .uint($0.position.value),
                        "lag": .uint($0.lag), "failure": $0.failure.map(Value.string) ?? .null,
                    ]
                }
            ),
            "sinks": .list(
                sinks.map {
                    [
                        "projection": .string($0.projection), "kind": .string($0.kind),
                        "target": .string($0.target), "rows": .int(Int64($0.rowCount)),
                        "refused": .int(Int64($0.refusedCount)),
                        "failure": $0.failure.map(Value.string) ?? .null,
                    ]
                }
            ),
        ]
    }
}
