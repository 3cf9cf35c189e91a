import DaybookTestKit
import EventLog
import EventModel
import Runtime
import Testing
import WorkflowEngine

@Suite struct BookingWorkflowTests {
    // 2026-11-20T08:00:00Z
    private let begin = Timestamp(seconds: 1_795_161_600)

    private func harness(
        _ actions: [ScriptedAction],
        _ folder: TemporaryFolder
    ) throws -> EngineHarness {
        var parts = EngineHarness.Parts()
        parts.actions = ActionCatalogue(actions)
        parts.configuration.webhookSources = [Booking.source]
        return try EngineHarness(parts, folder: folder, time: VirtualTime(now: begin))
    }

    @Test func confirmsABookingAndReminds() async throws {
        let folder = try TemporaryFolder()
        let actions = Booking.actions()
        let harness = try harness(actions, folder)
        await harness.start()
        let text = try Booking.text()
        let deployment = try await harness.engine.deploy(
            text: text,
            file: Booking.file,
            actor: "user:ana"
        )
        #expect(deployment.isNew)
        let answer = try await harness.engine.receive(Booking.delivery("msg_1", at: begin))
        #expect(answer.started.map(\.workflow) == ["wellness_booking_automation"])
        let instance = try #require(answer.started.first?.instance)
        await harness.engine.waitUntilIdle()

        let waiting = try TimerTable.waiting(views: harness.views)
        // The day before and two hours before 2026-12-01T10:00:00Z.
        #expect(waiting.map(\.due.seconds) == [1_796_032_800, 1_796_112_000])
        let directory = InstanceDirectory(views: harness.views)
        #expect(try directory.entry(instance)?.summary.status == .running)

        await harness.pass(until: Timestamp(seconds: 1_796_200_000))
        let entry = try #require(try directory.entry(instance))
        #expect(entry.summary.status == .completed)
        #expect(entry.state.output["client_id"] == "c-1")
        #expect(entry.state.output["booking_confirmed"] == true)
        let sent = actions.first { $0.descriptor.name == "notify.send" }?.requests
        #expect(
            sent?.map { $0.input["template"]?.stringValue } == [
                "booking_confirmed", "booking_reminder_24h", "booking_reminder_2h",
            ]
        )
        #expect(try Replay.verify(store: harness.store, views: harness.views).isClean)
        #expect(harness.engine.health.isReady)
        #expect(harness.engine.health.openStepCount == 0)
        try await harness.stop()
        #expect(harness.store.events.last?.type == "EngineStopped")
    }

    @Test func keepsThePaymentOutOfTheLog() async throws {
        let folder = try TemporaryFolder()
        let harness = try harness(Booking.actions(), folder)
        await harness.start()
        _ = try await harness.engine.deploy(
            text: try Booking.text(),
            file: Booking.file,
            actor: "user:ana"
        )
        _ = try await harness.engine.receive(Booking.delivery("msg_1", at: begin))
        await harness.engine.waitUntilIdle()
        for event in harness.store.events {
            let text = try JSON.text(event.data)
            let isClean = !text.contains("tok_secret")
            if !isClean { Issue.record("event \(event.position) holds the payment") }
        }
        let received = try #require(harness.store.events.first { $0.type == "WebhookReceived" })
        let text = try #require(received.data[path: "payload", "payment_info"]?.stringValue)
        let reference = try #require(SecretReference(text))
        let kept = try #require(harness.secrets.all[reference])
        #expect(try Value(canonicalBytes: kept)["card_token"] == "tok_secret")
        try await harness.stop()
    }

    @Test func answersARepeatedDeliveryAsBefore() async throws {
        let folder = try TemporaryFolder()
        let actions = Booking.actions()
        let harness = try harness(actions, folder)
        await harness.start()
        _ = try await harness.engine.deploy(
            text: try Booking.text(),
            file: Booking.file,
            actor: "user:ana"
        )
        let delivery = try Booking.delivery("msg_1", at: begin)
        let first = try await harness.engine.receive(delivery)
        await harness.engine.waitUntilIdle()
        let head = harness.store.head
        var second = try await harness.engine.receive(delivery)
        await harness.engine.waitUntilIdle()
        #expect(second.isRepeat)
        second.isRepeat = false
        #expect(second == first)
        #expect(harness.store.head == head)
        let lookUps = actions.first { $0.descriptor.name == "records.find_or_create" }?.requests
        #expect(lookUps?.count == 1)
        try await harness.stop()
    }

    @Test func offersOtherTimesWhenNobodyIsFree() async throws {
        let folder = try TemporaryFolder()
        let busy = ScriptedAction(
            Booking.descriptor("booking.assign_practitioner"),
            results: [
                .failure(
                    ActionFailure(
                        code: "nobody_available",
                        message: "nobody",
                        isRetryable: false,
                        details: ["alternatives": ["2026-12-01T12:00:00Z"]]
                    )
                )
            ]
        )
        let harness = try harness(Booking.actions([busy]), folder)
        await harness.start()
        _ = try await harness.engine.deploy(
            text: try Booking.text(),
            file: Booking.file,
            actor: "user:ana"
        )
        let answer = try await harness.engine.receive(Booking.delivery("msg_1", at: begin))
        let instance = try #require(answer.started.first?.instance)
        await harness.engine.waitUntilIdle()
        let entry = try InstanceDirectory(views: harness.views).entry(instance)
        #expect(entry?.summary.status == .completed)
        #expect(entry?.summary.outcome == "alternative_suggested")
        #expect(entry?.state.output["task_id"] == "t-1")
        try await harness.stop()
    }
}
