import DaybookTestKit
import EventLog
import EventModel
import Hummingbird
import HummingbirdTesting
import Runtime
import Testing

@Suite struct WebhookRoutesTests {
    static let guest = Array(
        #"{"event": "guest_came", "name": "Ana", "card": {"number": "4242"}}"#.utf8
    )

    @Test func signedDeliveryStartsAnInstance() async throws {
        try await ServerHarness.run { harness, client in
            let answer = try await client.deliver("msg_1", Self.guest)
            #expect(answer.status == .ok)
            #expect(answer.contentType.hasPrefix("application/json"))
            #expect(answer.body["status"] == "started")
            let id = answer.body["workflow_id"]?.stringValue.flatMap(Identifier.init)
            let instance = try #require(id)
            #expect(answer.body[path: "instances"]?.listValue?.count == 1)
            await harness.engine.waitUntilIdle()
            let history = try InstanceReader(store: harness.log).history(of: instance)
            #expect(history.first?.type == "InstanceStarted")
            #expect(history.contains { $0.type == "StepCompleted" })
            let received = try #require(try harness.events("WebhookReceived").first)
            let card = received.data[path: "payload", "card"]?.stringValue ?? ""
            #expect(card.hasPrefix("secret://card/"))
        }
    }

    @Test func repeatedDeliveryHasTheSameAnswer() async throws {
        try await ServerHarness.run { harness, client in
            let first = try await client.deliver("msg_1", Self.guest)
            let second = try await client.deliver("msg_1", Self.guest)
            #expect(first.status == .ok)
            #expect(first == second)
            await harness.engine.waitUntilIdle()
            #expect(try harness.events("WebhookReceived").count == 1)
            #expect(try harness.events("InstanceStarted").count == 1)
        }
    }

    @Test func deliveryThatNobodyWaitsForIsAccepted() async throws {
        try await ServerHarness.run { _, client in
            let answer = try await client.deliver("msg_1", Array(#"{"event": "rain"}"#.utf8))
            #expect(answer.status == .ok)
            #expect(answer.body["status"] == "accepted")
            #expect(answer.body["instances"] == [])
        }
    }

    @Test func wrongSignatureIsRefusedAndRecorded() async throws {
        try await ServerHarness.run { harness, client in
            let answer = try await client.deliver(
                "msg_1",
                Self.guest,
                secret: "whsec_b3RoZXJvdGhlcm90aGVyb3RoZXI="
            )
            #expect(answer.status == .unauthorized)
            #expect(answer.code == "bad_signature")
            #expect(!answer.message.isEmpty)
            let refused = try harness.events("WebhookRefused")
            #expect(refused.map { $0.data["code"] } == ["bad_signature"])
            #expect(try harness.events("WebhookReceived").isEmpty)
        }
    }

    @Test func unsignedDeliveryIsRefused() async throws {
        try await ServerHarness.run { _, client in
            let answer = try await client.ask(
                .post,
                "/webhooks/workflow/desk",
                bytes: Self.guest
            )
            #expect(answer.status == .unauthorized)
        }
    }

    @Test func unknownSourceIsNotFound() async throws {
        try await ServerHarness.run { harness, client in
            let answer = try await client.deliver("msg_1", Self.guest, source: "dask")
            #expect(answer.status == .notFound)
            #expect(answer.code == "unknown_source")
            #expect(answer.message.contains("desk"))
            #expect(try harness.events("WebhookReceived").isEmpty)
        }
    }

    @Test func malformedPayloadIsRefused() async throws {
        try await ServerHarness.run { harness, client in
            let answer = try await client.deliver("msg_1", Array(#"{"event": "#.utf8))
            #expect(answer.status == .badRequest)
            #expect(answer.code == "malformed")
            #expect(try harness.events("WebhookRefused").count == 1)
        }
    }

    // The engine's limit is about what is kept, the server's about what is read at all.
    @Test(arguments: [(1000, "too_large"), (512 * 1024, "content_too_large")])
    func bodyThatIsTooLongIsRefused(engineBytesMax: Int, code: String) async throws {
        try await ServerHarness.run(webhookBodyBytesMax: engineBytesMax) { harness, client in
            let length = engineBytesMax == 1000 ? 2000 : ServerHarness.bodyBytesMax + 1
            let body = Array(repeating: UInt8(ascii: " "), count: length)
            let answer = try await client.deliver("msg_1", body)
            #expect(answer.status == .contentTooLarge)
            #expect(answer.code == code)
            #expect(try harness.events("WebhookReceived").isEmpty)
        }
    }

    @Test func inputThatDoesNotFitStartsNothing() async throws {
        try await ServerHarness.run { harness, client in
            let answer = try await client.deliver(
                "msg_1",
                Array(#"{"event": "guest_came"}"#.utf8)
            )
            #expect(answer.status == .ok)
            #expect(answer.body["status"] == "accepted")
            await harness.engine.waitUntilIdle()
            #expect(try harness.events("InstanceStarted").isEmpty)
        }
    }
}
