import EventLog
import EventModel
import Hummingbird
import HummingbirdTesting
import Runtime
import Testing

/// What people do with instances over HTTP.
@Suite struct InstanceRoutesTests {
    private static let asking = """
        workflow: asking
        steps:
          - {name: gate, approval: {title: "Good?"}}
          - {name: note, wait: {signal: note}}
        output: {by: "{{ steps.gate.actor }}", note: "{{ steps.note.data }}"}
        """

    @Test func answersSignalsAndSteersByTheBeginningOfAnID() async throws {
        try await ServerHarness.run { harness, client in
            let deployed = try await client.control(
                "/api/workflows",
                ["text": .string(Self.asking), "actor": "user:ana"]
            )
            #expect(deployed.status == .ok)
            let started = try await client.control("/api/workflows/asking/run", [:])
            let id = try #require(started.body["instance"]?.stringValue)
            await harness.engine.waitUntilIdle()
            let path = "/api/instances/\(id.prefix(24))"
            let unknown = try await client.control("\(path)/approve", ["step": "wrong"])
            #expect(unknown.status == .conflict && unknown.message.contains("there are: gate"))
            let answer = try await client.control(
                "\(path)/approve",
                ["actor": "user:eva", "comment": "fine"]
            )
            #expect(answer.status == .ok && answer.body["instance"] == .string(id))
            let nameless = try await client.control("\(path)/signal", ["data": 5])
            #expect(nameless.status == .badRequest)
            let paused = try await client.control("\(path)/pause", ["reason": "lunch"])
            #expect(paused.body["status"] == "suspended")
            let resumed = try await client.control("\(path)/resume")
            #expect(resumed.status == .ok)
            let fork = try await client.control("\(path)/fork", ["event": 2])
            #expect(fork.body["fork"]?.stringValue.map { $0 != id } == true)
            // The fork's id may begin in the same way, so from here on the whole id is given.
            let whole = "/api/instances/\(id)"
            let outside = try await client.control("\(whole)/fork", ["event": 99])
            #expect(outside.status == .notFound)
            let signal = try await client.control("\(whole)/signal", ["name": "note", "data": 5])
            #expect(signal.status == .ok)
            await harness.engine.waitUntilIdle()
            let ended = try harness.events("InstanceCompleted").first
            #expect(ended?.data["output"] == ["by": "user:eva", "note": 5])
            let late = try await client.control("\(whole)/terminate", ["reason": "late"])
            #expect(late.status == .conflict)
        }
    }
}
