import DaybookTestKit
import EventLog
import EventModel
import Hummingbird
import HummingbirdTesting
import Runtime
import Testing

@Suite struct ControlRoutesTests {
    static let strangerID = "01234567-89ab-7def-8123-456789abcdef"

    @Test(arguments: [nil, "", "another token"])
    func strangersAreTurnedAway(token: String?) async throws {
        try await ServerHarness.run { _, client in
            for path in ["/api/status", "/api/workflows", "/api/sync"] {
                let answer = try await client.control(path, token: token)
                #expect(answer.status == .unauthorized)
                #expect(answer.code == "unauthorized")
                #expect(answer.message.contains("engine.json"))
            }
        }
    }

    @Test func statusTellsHowFarFollowersAre() async throws {
        try await ServerHarness.run { _, client in
            let answer = try await client.control("/api/status")
            #expect(answer.status == .ok)
            #expect(answer.body["ready"] == true)
            let followers = answer.body["followers"]?.listValue ?? []
            #expect(followers.contains { $0["name"] == "instances" })
            #expect(followers.allSatisfy { $0["failure"] == .null })
        }
    }

    @Test(arguments: [("1", 200, ""), ("0", 200, ""), ("soon", 400, "is 'soon', which is no")])
    func waitsForThePositionThatIsAskedFor(
        position: String,
        status: Int,
        message: String
    ) async throws {
        try await ServerHarness.run { _, client in
            var headers: HTTPFields = [.authorization: "Bearer \(ServerHarness.token)"]
            if let name = HTTPFields.Element.Name("Daybook-At-Least") { headers[name] = position }
            let answer = try await client.ask(.get, "/api/status", headers: headers)
            #expect(answer.status.code == status)
            #expect(answer.message.contains(message), "\(answer.message)")
        }
    }

    @Test func deploysAndKnowsTheSameAgain() async throws {
        try await ServerHarness.run(deploying: false) { harness, client in
            let body: Value = [
                "text": .string(ServerHarness.greeting), "file": "greeting.yaml",
                "actor": "user:ana",
            ]
            let first = try await client.control("/api/workflows", body)
            #expect(first.status == .ok)
            #expect(first.body["name"] == "greeting")
            #expect(first.body["is_new"] == true)
            let second = try await client.control("/api/workflows", body)
            #expect(second.body["is_new"] == false)
            #expect(second.body["definition"] == first.body["definition"])
            let deployed = try harness.events("WorkflowDeployed")
            #expect(deployed.map(\.actor) == ["user:ana"])
        }
    }

    @Test func invalidWorkflowIsRefusedWithItsPlaces() async throws {
        try await ServerHarness.run(deploying: false) { harness, client in
            let text = "workflow: greeting\nsteps:\n  - name: a\n    action: greet.sombody\n"
            let answer = try await client.control(
                "/api/workflows",
                ["text": .string(text), "file": "greeting.yaml"]
            )
            #expect(answer.status == .unprocessableContent)
            #expect(answer.code == "invalid_workflow")
            #expect(answer.message.contains("greeting.yaml:4:13: "))
            #expect(answer.message.contains("did you mean 'greet.somebody'?"))
            let problem = answer.body[path: "error", "problems"]?.listValue?.first
            #expect(problem?["line"] == 4)
            #expect(problem?["column"] == 13)
            #expect(try harness.events("WorkflowDeployed").isEmpty)
        }
    }

    @Test(arguments: ["{}", "{", "[]", #"{"text": 3}"#])
    func badRequestsAreExplained(body: String) async throws {
        try await ServerHarness.run { _, client in
            let answer = try await client.ask(
                .post,
                "/api/workflows",
                headers: [.authorization: "Bearer \(ServerHarness.token)"],
                bytes: Array(body.utf8)
            )
            #expect(answer.status == .badRequest)
            #expect(answer.code == "bad_request")
            #expect(!answer.message.isEmpty)
        }
    }

    @Test func startsAnInstanceOncePerKey() async throws {
        try await ServerHarness.run { harness, client in
            let body: Value = [
                "input": ["name": "Ana"], "actor": "user:ana", "idempotency_key": "a",
            ]
            let first = try await client.control("/api/workflows/greeting/run", body)
            #expect(first.status == .ok)
            let second = try await client.control("/api/workflows/greeting/run", body)
            #expect(first.body["instance"] == second.body["instance"])
            await harness.engine.waitUntilIdle()
            let started = try harness.events("InstanceStarted")
            #expect(started.map(\.stream.identifier) == [first.body["instance"]?.stringValue])
        }
    }

    @Test func inputThatDoesNotFitIsExplained() async throws {
        try await ServerHarness.run { _, client in
            let answer = try await client.control("/api/workflows/greeting/run", ["input": [:]])
            #expect(answer.status == .unprocessableContent)
            #expect(answer.code == "bad_input")
            #expect(answer.message.contains("'name' (whom to greet) is missing"))
        }
    }

    @Test func cancelsAnInstanceOnce() async throws {
        try await ServerHarness.run { harness, client in
            let started = try await client.control(
                "/api/workflows/greeting/run",
                ["input": ["name": "Ana"]]
            )
            let id = try #require(started.body["instance"]?.stringValue)
            await harness.engine.waitUntilIdle()
            let path = "/api/instances/\(id)/cancel"
            let answer = try await client.control(path, ["reason": "came by", "actor": "user:ana"])
            #expect(answer.status == .ok)
            let cancelled = try #require(try harness.events("InstanceCancelled").first)
            #expect(cancelled.data["reason"] == "came by")
            #expect(cancelled.actor == "user:ana")
            let again = try await client.control(path, ["reason": "again"])
            #expect(again.status == .conflict)
            #expect(again.message.contains("is cancelled"))
        }
    }

    @Test func resumesOnlyWhatIsPaused() async throws {
        try await ServerHarness.run { harness, client in
            let started = try await client.control(
                "/api/workflows/greeting/run",
                ["input": ["name": "Nobody"]]
            )
            let id = try #require(started.body["instance"]?.stringValue)
            await harness.engine.waitUntilIdle()
            #expect(try harness.events("InstancePaused").count == 1)
            let path = "/api/instances/\(id)/resume"
            let answer = try await client.control(path, ["actor": "user:ana"])
            #expect(answer.status == .ok)
            await harness.engine.waitUntilIdle()
            #expect(try harness.events("InstanceResumed").count == 1)
            // The cause is still there, so it pauses again.
            #expect(try harness.events("InstancePaused").count == 2)
            let running = try await client.control(
                "/api/workflows/greeting/run",
                ["input": ["name": "Ana"]]
            )
            let runningID = try #require(running.body["instance"]?.stringValue)
            await harness.engine.waitUntilIdle()
            let refused = try await client.control("/api/instances/\(runningID)/resume")
            #expect(refused.status == .conflict)
        }
    }

    struct Refusal: CustomTestStringConvertible {
        let path: String
        let status: HTTPResponse.Status
        let code: String
        let message: String

        var testDescription: String { path }
    }

    static let refusals = [
        Refusal(
            path: "/api/workflows/greating/run",
            status: .notFound,
            code: "unknown_workflow",
            message: "did you mean 'greeting'?"
        ),
        Refusal(
            path: "/api/instances/\(strangerID)/cancel",
            status: .notFound,
            code: "missing",
            message: "no such instance"
        ),
        Refusal(
            path: "/api/instances/\(strangerID)/resume",
            status: .notFound,
            code: "missing",
            message: "no such instance"
        ),
        Refusal(
            path: "/api/instances/nonsense/resume",
            status: .badRequest,
            code: "bad_request",
            message: "'nonsense' is no instance id"
        ),
        Refusal(
            path: "/api/sync",
            status: .conflict,
            code: "no_record_source",
            message: "no record source is configured"
        ),
        Refusal(
            path: "/api/projections/tasks/rebuild",
            status: .notFound,
            code: "unknown_projection",
            message: "there is no projection 'tasks'"
        ),
        Refusal(
            path: "/api/nothing",
            status: .notFound,
            code: "not_found",
            message: "there is nothing at POST /api/nothing"
        ),
    ]

    @Test(arguments: refusals)
    func whatIsNotThereIsNamed(refusal: Refusal) async throws {
        try await ServerHarness.run { _, client in
            let answer = try await client.control(refusal.path)
            #expect(answer.status == refusal.status)
            #expect(answer.code == refusal.code)
            #expect(answer.message.contains(refusal.message), "\(answer.message)")
        }
    }
}
