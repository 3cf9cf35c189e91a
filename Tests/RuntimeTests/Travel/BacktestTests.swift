import DaybookTestKit
import EventModel
import Logging
import Runtime
import Testing
import WorkflowEngine

@Suite struct BacktestTests {
    private func run(
        _ text: String,
        _ past: BookedPast,
        since: Timestamp = BookedPast.begin
    ) throws -> Backtest {
        try Backtest(
            try BookedPast.definition(text),
            store: past.store,
            since: since,
            until: BookedPast.end,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    @Test func theDeployedWorkflowDoesWhatWasRecorded() async throws {
        let past = try await BookedPast.make(["msg_1", "msg_2", "msg_3"])
        let before = past.store.head
        let result = try run(try Booking.text(), past)
        #expect(result.items.map(\.verdict) == [.same, .same, .same])
        #expect(result.items.compactMap(\.instance) == past.instances)
        #expect(result.items.allSatisfy { $0.calls.allSatisfy { $0.found != nil } })
        #expect(past.store.head == before)
    }

    @Test func startsThatComeAndGoAreTold() async throws {
        let past = try await BookedPast.make(["msg_1", "msg_2"])
        let other = try BookedPast.edited("wellness_booking_automation", "another_one")
        let new = try run(other, past)
        #expect(new.items.map(\.verdict) == [.new, .new])
        // Another workflow's record of the same trigger stands in for the world.
        #expect(new.items.map(\.imagined?.status) == [.completed, .completed])
        let manual = """
            workflow: wellness_booking_automation
            entity: the_7_space
            triggers: [manual]
            steps: [{name: done, set: {a: 1}}]
            """
        let gone = try run(manual, past)
        #expect(gone.items.map(\.verdict) == [.gone, .gone])
        #expect(gone.count(.gone) == 2)
    }

    @Test func differencesAndMissingResultsAreTold() async throws {
        let past = try await BookedPast.make(["msg_1"])
        let text = try BookedPast.edited("database: contacts_profiles", "database: clients")
        let changed = try run(text, past)
        #expect(changed.items.map(\.verdict) == [.different])
        #expect(changed.items.first?.difference?.recorded?.event.type == "StepScheduled")
    }

    @Test func whatStillRunsIsComparedAsFarAsItHasCome() async throws {
        let past = try await BookedPast.make(["msg_1"], until: BookedPast.begin + .seconds(60))
        let result = try run(try Booking.text(), past)
        #expect(result.items.map(\.verdict) == [.same])
        #expect(result.items.first?.standstill.isEmpty == false)
        #expect(result.items.first?.recorded?.status == .running)
    }

    @Test func aTimeWithoutTriggersIsEmpty() async throws {
        let past = try await BookedPast.make(["msg_1"])
        let result = try run(try Booking.text(), past, since: BookedPast.end)
        #expect(result.items.isEmpty)
        let empty = BookedPast(store: InMemoryEventStore { BookedPast.begin }, instances: [])
        #expect(try run(try Booking.text(), empty).items.isEmpty)
    }
}
