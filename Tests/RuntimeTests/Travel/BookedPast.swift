import DaybookTestKit
import EventLog
import EventModel
import Runtime
import Testing
import WorkflowEngine

/// A log in which bookings were worked on, to look back at.
struct BookedPast {
    // 2026-11-20T08:00:00Z
    static let begin = Timestamp(seconds: 1_795_161_600)
    /// After all reminders of the bookings.
    static let end = Timestamp(seconds: 1_796_200_000)

    let store: InMemoryEventStore
    let instances: [EventID]

    /// Lets bookings come and time pass.
    static func make(
        _ bookings: [String] = ["msg_1"],
        actions: [ScriptedAction] = [],
        workflow: String? = nil,
        until end: Timestamp = BookedPast.end
    ) async throws -> BookedPast {
        let folder = try TemporaryFolder()
        var parts = EngineHarness.Parts()
        parts.actions = ActionCatalogue(Booking.actions(actions))
        parts.configuration.webhookSources = [Booking.source]
        let harness = try EngineHarness(parts, folder: folder, time: VirtualTime(now: begin))
        await harness.start()
        _ = try await harness.engine.deploy(
            text: try workflow ?? Booking.text(),
            file: Booking.file,
            actor: "user:ana"
        )
        var instances: [EventID] = []
        for booking in bookings {
            let answer = try await harness.engine.receive(Booking.delivery(booking, at: begin))
            instances += answer.started.map(\.instance)
            await harness.engine.waitUntilIdle()
        }
        await harness.pass(until: end)
        try await harness.stop()
        return BookedPast(store: harness.store, instances: instances)
    }

    /// The booking workflow with something replaced, which must be in it.
    static func edited(_ old: String, _ new: String) throws -> String {
        let text = try Booking.text()
        try #require(text.contains(old))
        return text.replacing(old, with: new)
    }

    static func definition(_ text: String) throws -> WorkflowDefinition {
        try WorkflowDefinition.parse(text, file: "edited.yaml", actions: nil, functions: .workflows)
    }

    /// An action that fails at first and then answers.
    static func failing(_ name: String, times: Int, _ output: Value) -> ScriptedAction {
        ScriptedAction(Booking.descriptor(name)) { request, _ throws(ActionFailure) in
            guard request.attempt > times else { throw .passing("unavailable") }
            return output
        }
    }
}
