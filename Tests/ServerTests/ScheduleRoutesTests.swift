import EventModel
import Hummingbird
import HummingbirdTesting
import Runtime
import Schedules
import Testing
import WorkflowEngine

/// Schedules over the control API.
@Suite struct ScheduleRoutesTests {
    private static let yearly = """
        workflow: report
        triggers: [{schedule: "0 0 1 1 *"}]
        steps: [{name: note, set: {x: 1}}]
        """

    /// Deploys a yearly schedule and waits until the engine knows it.
    private func run(
        _ body: @escaping @Sendable (ServerHarness, any TestClientProtocol) async throws -> Void
    ) async throws {
        try await ServerHarness.run(deploying: false) { harness, client in
            let text: Value = ["text": .string(Self.yearly), "file": "report.yaml"]
            let answer = try await client.control("/api/workflows", text)
            #expect(answer.status == .ok)
            await harness.engine.waitUntilIdle()
            try await body(harness, client)
        }
    }

    @Test func pausesResumesAndTriggers() async throws {
        try await run { harness, client in
            let why: Value = ["reason": "holidays", "actor": "user:ana"]
            let paused = try await client.control("/api/schedules/report/pause", why)
            #expect(paused.status == .ok)
            let again = try await client.control("/api/schedules/report/pause", why)
            #expect(again.status == .conflict)
            #expect(again.message.contains("paused already"))
            let state = try ScheduleReader(store: harness.log).state(of: "report")
            #expect(state.pauseReason == "holidays")
            let resumed = try await client.control("/api/schedules/report/resume")
            #expect(resumed.body["paused"] == false)
            let started = try await client.control("/api/schedules/report/trigger")
            let instance = try #require(started.body["instance"]?.stringValue)
            await harness.engine.waitUntilIdle()
            let id = try #require(Identifier(instance))
            let found = try InstanceReader(store: harness.log).state(of: id)
            #expect(found?.trigger["schedule"] == "report")
        }
    }

    @Test func backfillShowsFirstAndRunsEachTickOnce() async throws {
        try await run { harness, client in
            var ask: ValueMap = [
                "from": "2020-01-01T00:00:00Z", "to": "2022-06-01T00:00:00Z",
            ]
            let path = "/api/schedules/report/backfill"
            let plan = try await client.control(path, .map(ask))
            #expect(plan.body["runs"]?.listValue?.count == 3)
            #expect(plan.body["undecided"]?.listValue?.first == "2020-01-01T00:00:00Z")
            #expect(try ScheduleReader(store: harness.log).decisions(of: "report", limit: 9) == [])
            ask["dry_run"] = false
            let done = try await client.control(path, .map(ask))
            #expect(done.body["ticks"]?.listValue?.count == 3)
            await harness.engine.waitUntilIdle()
            let state = try ScheduleReader(store: harness.log).state(of: "report")
            #expect(state.startCount == 3)
            #expect(state.queue.isEmpty)
            let rest = try await client.control(path, .map(ask))
            #expect(rest.body["ticks"] == [])
            ask["dry_run"] = true
            let after = try await client.control(path, .map(ask))
            #expect(after.body["ran"]?.listValue?.count == 3)
        }
    }

    @Test(
        arguments: [
            ("report/resume", [:], 409, "not paused"),
            ("reprot/pause", [:], 404, "did you mean 'report'"),
            ("report/backfill", ["from": "soon"], 400, "'from' must be an instant"),
            (
                "report/backfill", ["from": "2022-01-01T00:00:00Z", "to": "2021-01-01T00:00:00Z"],
                422,
                "ends before it begins"
            ),
        ] as [(String, Value, Int, String)]
    )
    func saysWhatIsWrong(path: String, body: Value, status: Int, words: String) async throws {
        try await run { _, client in
            let answer = try await client.control("/api/schedules/\(path)", body)
            #expect(answer.status.code == status)
            #expect(answer.message.contains(words), "\(answer.message)")
        }
    }
}
