import EventModel
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Runtime
import Testing

@testable import Server

@Suite struct AgentRoutesTests {
    private static func call(
        _ client: any TestClientProtocol,
        _ verb: String,
        _ body: Value,
        token: String? = ServerHarness.agentToken
    ) async throws -> Answer {
        var headers: HTTPFields = [:]
        if let token { headers[.authorization] = "Bearer \(token)" }
        let bytes = Array(try JSON.text(body).utf8)
        return try await client.ask(.post, "/api/agents/\(verb)", headers: headers, bytes: bytes)
    }

    @Test func letsOnlyAgentsIn() async throws {
        try await ServerHarness.run(deploying: false) { _, client in
            for token in [nil, "wrong", ServerHarness.token] {
                let answer = try await Self.call(client, "register", [:], token: token)
                #expect(answer.status == .unauthorized)
                #expect(answer.message.contains("agents.token"))
            }
            let list = try await client.ask(.get, "/api/agents")
            #expect(list.status == .unauthorized)
        }
    }

    @Test func speaksTheProtocol() async throws {
        try await ServerHarness.run { harness, client in
            let welcome = try await Self.call(
                client,
                "register",
                ["agent": "ana", "capabilities": ["greeting"], "capacity": 3]
            )
            #expect(welcome.status == .ok && welcome.body["lease_seconds"]?.doubleValue == 30)
            let session = welcome.body["session"] ?? .null
            _ = try await harness.engine.deploy(
                text: """
                    workflow: errand
                    triggers: [manual]
                    steps:
                      - name: greet
                        action: agent.run
                        with: {capability: greeting, input: {name: Maya}}
                        retry: {attempts: 1}
                    output: {text: "{{ steps.greet.text }}"}
                    """,
                file: "errand.yaml",
                actor: "user:ana"
            )
            let run = try await client.control("/api/workflows/errand/run", [:])
            #expect(run.status == .ok, "\(run.text)")
            let caller: ValueMap = ["agent": "ana", "session": session]
            func body(_ more: ValueMap) -> Value {
                var members = caller
                for key in more.stringKeys { members[key] = more[key] }
                return .map(members)
            }
            let polled = try await Self.call(client, "poll", body(["wait_seconds": 15]))
            let work = try #require(polled.body["work"]?.listValue?.first, "\(polled.text)")
            #expect(work["input"] == ["name": "Maya"] && work["number"] == 1)
            let shown = try await client.control("/api/agents")
            #expect(shown.body["agents"]?.listValue?.first?["work"]?.listValue?.count == 1)
            #expect(!shown.text.contains(session.stringValue ?? "-"))
            let known: Value = .list([work["work"] ?? .null, "gone"])
            let beat = try await Self.call(
                client,
                "heartbeat",
                body(["health": "degraded", "load": 0.5, "running": known])
            )
            #expect(beat.body["give_up"] == ["gone"])
            let turn: ValueMap = ["work": work["work"] ?? .null, "number": 1]
            var result = turn
            result["output"] = ["text": "Hello Maya"]
            let done = try await Self.call(client, "complete", body(result))
            #expect(done.status == .ok && done.body["accepted"] == true)
            result["number"] = 7
            let late = try await Self.call(client, "complete", body(result))
            #expect(late.status == .conflict && late.code == "late_result")
            #expect(try harness.events("WorkResultRefused").count == 1)
            #expect(try harness.events("StepCompleted").map(\.actor) == ["agent:ana"])
            let left = try await Self.call(client, "leave", body([:]))
            #expect(left.status == .ok)
            let stale = try await Self.call(client, "poll", body([:]))
            #expect(stale.status == .conflict && stale.code == "stale_session")
        }
    }

    @Test(
        arguments: [
            ("register", ["agent": "ana"], HTTPResponse.Status.badRequest, "bad_request"),
            ("poll", ["agent": "ana"], .badRequest, "bad_request"),
            ("poll", ["agent": "nobody", "session": "x"], .notFound, "unknown_agent"),
            ("fail", ["agent": "ana", "session": "x"], .badRequest, "bad_request"),
            (
                "heartbeat", ["agent": "ana", "session": "x", "health": "fine"], .badRequest,
                "bad_request"
            ),
        ] as [(String, Value, HTTPResponse.Status, String)]
    )
    func refuses(
        _ verb: String,
        _ body: Value,
        _ status: HTTPResponse.Status,
        _ code: String
    ) async throws {
        try await ServerHarness.run(deploying: false) { _, client in
            let answer = try await Self.call(client, verb, body)
            #expect(answer.status == status && answer.code == code, "\(answer.text)")
        }
    }
}
