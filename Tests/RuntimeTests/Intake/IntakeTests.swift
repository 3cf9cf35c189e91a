import DaybookTestKit
import EventLog
import EventModel
import Runtime
import Testing
import WorkflowEngine

@Suite struct IntakeTests {
    private let begin = Timestamp(seconds: 1_795_161_600)

    private func harness(_ folder: TemporaryFolder) throws -> EngineHarness {
        var parts = EngineHarness.Parts()
        parts.configuration.webhookBodyBytesMax = 1000
        parts.configuration.webhookSources = [
            Booking.source, WebhookSource(name: "notion", scheme: .notion, secret: nil),
        ]
        return try EngineHarness(parts, folder: folder, time: VirtualTime(now: begin))
    }

    private func code(
        _ harness: EngineHarness,
        _ delivery: WebhookDelivery
    ) async -> IntakeError.Code? {
        do throws(IntakeError) {
            _ = try await harness.engine.receive(delivery)
            return nil
        } catch {
            return error.code
        }
    }

    @Test func refusesWhatItMustNotTake() async throws {
        let folder = try TemporaryFolder()
        let harness = try harness(folder)
        await harness.start()
        let good = Array("{}".utf8)
        var unknown = Booking.signed("m1", body: good, at: begin)
        unknown.source = "nobody"
        var forged = Booking.signed("m2", body: good, at: begin)
        forged.body = Array("{\"a\": 1}".utf8)
        var old = Booking.signed("m3", body: good, at: begin)
        old.receivedAt = begin + .seconds(301)
        let list = Booking.signed("m4", body: Array("[1]".utf8), at: begin)
        let broken = Booking.signed("m5", body: Array("{".utf8), at: begin)
        let long = Array("{\"a\": \"\(String(repeating: "x", count: 1000))\"}".utf8)
        let large = Booking.signed("m6", body: long, at: begin)
        let cases: [(WebhookDelivery, IntakeError.Code)] = [
            (unknown, .unknownSource), (forged, .badSignature), (old, .stale),
            (list, .malformed), (broken, .malformed), (large, .tooLarge),
        ]
        for (delivery, expected) in cases {
            #expect(await code(harness, delivery) == expected)
        }
        // Refusals are recorded, but not those of sources that nobody knows.
        let refused = harness.store.events.filter { $0.type == "WebhookRefused" }
        #expect(
            refused.map { $0.data["code"]?.stringValue } == [
                "bad_signature", "stale", "malformed", "malformed", "too_large",
            ]
        )
        try await harness.stop()
    }

    @Test func recordsNoMoreThanThirtyRefusalsAMinute() async throws {
        let folder = try TemporaryFolder()
        let harness = try harness(folder)
        await harness.start()
        var forged = Booking.signed("m", body: Array("{}".utf8), at: begin)
        forged.body = Array("{ }".utf8)
        for _ in 0..<50 { #expect(await code(harness, forged) == .badSignature) }
        forged.receivedAt = begin + .seconds(60)
        #expect(await code(harness, forged) == .badSignature)
        let refused = harness.store.events.filter { $0.type == "WebhookRefused" }
        #expect(refused.count == 31)
        #expect(refused.last?.data["left_out"] == 20)
        try await harness.stop()
    }

    @Test func takesTheTokenOfAHandshakeOnce() async throws {
        let folder = try TemporaryFolder()
        let harness = try harness(folder)
        await harness.start()
        let body = Array("{\"verification_token\":\"secret_one\"}".utf8)
        let delivery = WebhookDelivery(source: "notion", headers: [], body: body)
        #expect(await code(harness, delivery) == nil)
        #expect(
            harness.secrets.all.values.map { String(decoding: $0, as: UTF8.self) } == ["secret_one"]
        )
        let event = try #require(harness.store.events.last)
        #expect(event.data["event"] == "handshake")
        #expect(try !JSON.text(event.data).contains("secret_one"))
        // From now on everything must be signed with it, another token too.
        let other = Array("{\"verification_token\":\"secret_two\"}".utf8)
        let second = WebhookDelivery(source: "notion", headers: [], body: other)
        #expect(await code(harness, second) == .badSignature)
        try await harness.stop()
    }

    @Test func startsByTheVersionThatWasActive() async throws {
        let folder = try TemporaryFolder()
        let harness = try harness(folder)
        await harness.start()
        let body = Array("{\"event\": \"ping\", \"kind\": \"b\"}".utf8)
        let early = Booking.signed("m1", body: body, at: begin)
        // Nothing is deployed yet, so nothing starts; and a later deployment changes nothing about it.
        #expect(try await harness.engine.receive(early).started == [])
        let text = """
            workflow: pong
            title: Pong
            description: Answers.
            entity: the_7_space
            triggers:
              - webhook: booking_system
                event: ping
                if: payload.kind == 'b'
            steps:
              - name: answer
                set: {answer: "{{ input.kind }}"}
            """
        _ = try await harness.engine.deploy(text: text, file: "pong.yaml", actor: "user:ana")
        #expect(try await harness.engine.receive(early).started == [])
        let late = Booking.signed("m2", body: body, at: begin)
        #expect(try await harness.engine.receive(late).started.map(\.workflow) == ["pong"])
        let other = Array("{\"event\": \"ping\", \"kind\": \"c\"}".utf8)
        let unwanted = Booking.signed("m3", body: other, at: begin)
        #expect(try await harness.engine.receive(unwanted).started == [])
        await harness.engine.waitUntilIdle()
        #expect(try harness.summaries().map(\.status) == [.completed])
        let again = try await harness.engine.deploy(
            text: text + "\n# a comment",
            file: "pong.yaml",
            actor: "user:ana"
        )
        #expect(!again.isNew)
        try await harness.stop()
    }

    @Test func saysThatTheLogTakesNothing() async throws {
        let folder = try TemporaryFolder()
        let harness = try harness(folder)
        await harness.start()
        harness.store.failNextAppends(with: [EventLogError(.diskFull, "no room")])
        let delivery = Booking.signed("m1", body: Array("{}".utf8), at: begin)
        #expect(await code(harness, delivery) == .unavailable)
        #expect(await code(harness, delivery) == nil)
        try await harness.stop()
    }
}
