import DaybookTestKit
import EventLog
import EventModel
import Hummingbird
import HummingbirdTesting
import Runtime
import Testing

@testable import Server

@Suite struct HealthRoutesTests {
    @Test func isReadyOnceTheEngineHasCaughtUp() async throws {
        let harness = try ServerHarness()
        let application = Application(router: harness.server.router())
        try await application.test(.router) { client in
            let alive = try await client.ask(.get, "/healthz")
            #expect(alive.status == .ok)
            let early = try await client.ask(.get, "/readyz")
            #expect(early.status == .serviceUnavailable)
            #expect(early.body["ready"] == false)

            let running = Task { try await harness.engine.run() }
            await harness.engine.waitUntilIdle()
            let ready = try await client.ask(.get, "/readyz")
            #expect(ready.status == .ok)
            #expect(ready.body["ready"] == true)

            await harness.engine.stop()
            try await running.value
            let late = try await client.ask(.get, "/readyz")
            #expect(late.status == .serviceUnavailable)
        }
        await harness.close()
    }

    @Test func metricsHaveTheFormOfPrometheus() async throws {
        try await ServerHarness.run { harness, client in
            let answer = try await client.ask(.get, "/metrics")
            #expect(answer.status == .ok)
            #expect(answer.contentType == "text/plain; version=0.0.4; charset=utf-8")
            #expect(answer.text.hasSuffix("\n"))
            let lines = answer.text.split(separator: "\n")
            let sample = /daybook_[a-z_]+(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? \d+/
            let broken = lines.filter { !$0.hasPrefix("# ") && $0.wholeMatch(of: sample) == nil }
            #expect(broken.isEmpty, "\(broken)")
            let declared = lines.filter { $0.hasPrefix("# TYPE ") }.map {
                $0.split(separator: " ")[2]
            }
            #expect(Set(declared).count == declared.count)
            let used = Set(
                lines.filter { !$0.hasPrefix("#") }.map { $0.prefix { $0 != " " && $0 != "{" } }
            )
            #expect(used.isSubset(of: Set(declared)))
            #expect(lines.contains("daybook_ready 1"))
            #expect(lines.contains("daybook_log_head_position \(harness.log.head)"))
        }
    }

    @Test(arguments: [
        ("instances", "instances"), (#"a"b"#, #"a\"b"#), (#"a\b"#, #"a\\b"#), ("a\nb", #"a\nb"#),
    ])
    func labelsAreEscaped(label: String, expected: String) {
        #expect(Metrics.escaped(label) == expected)
    }

    @Test(arguments: ["/", "/nothing", "/webhooks", "/metrics/x"])
    func otherPathsAreNotFound(path: String) async throws {
        try await ServerHarness.run(deploying: false) { _, client in
            let answer = try await client.ask(.get, path)
            #expect(answer.status == .notFound)
            #expect(answer.code == "not_found")
            #expect(answer.message == "there is nothing at GET \(path)")
        }
    }
}
