import DaybookTestKit
import EventModel
import Runtime
import Testing
import WorkflowEngine

@Suite struct StepCausesTests {
    private let lookup: Value = ["id": "c-1", "created": true, "record": [:]]

    @Test func theChainLeadsBackToTheWebhook() async throws {
        let action = BookedPast.failing("records.find_or_create", times: 2, lookup)
        let past = try await BookedPast.make(actions: [action])
        let instance = try #require(past.instances.first)
        let causes = try StepCauses(of: "practitioner_schedule", in: instance, store: past.store)
        let types = causes.chain.map(\.event.type)
        #expect(types.first == "StepCompleted")
        #expect(types.last == "WebhookReceived")
        #expect(types.contains("InstanceStarted"))
        #expect(types.count { $0 == "TimerFired" } == 2)
        #expect(causes.missing == nil)
        // Every link happened before what it led to.
        let positions = causes.chain.map(\.event.position)
        #expect(positions == positions.sorted(by: >))
        let first = try #require(causes.own.first)
        #expect(causes.chain.allSatisfy { $0.event.position < first.position })
        #expect(causes.correlation == first.correlation)
    }

    @Test func retriesAreToldWithTheirDecisions() async throws {
        let action = BookedPast.failing("records.find_or_create", times: 2, lookup)
        let past = try await BookedPast.make(actions: [action])
        let instance = try #require(past.instances.first)
        let causes = try StepCauses(of: "client_lookup", in: instance, store: past.store)
        let sentences = causes.own.map { EventSentence.text(type: $0.type, data: $0.data) }
        #expect(sentences.count { $0.contains("another attempt follows") } == 2)
        #expect(sentences.contains { $0.hasPrefix("client_lookup set a timer (retry)") })
        #expect(sentences.contains("client_lookup completed in attempt 3"))
    }

    @Test func conditionsAroundAStepAreShown() async throws {
        let text = """
            workflow: wellness_booking_automation
            entity: the_7_space
            triggers: [{webhook: booking_system, event: new_booking}]
            steps:
              - name: choose
                if: input.duration_minutes == 60
                then: [{name: inner, set: {a: 1}}]
                else: [{name: other, set: {a: 2}}]
            """
        let past = try await BookedPast.make(workflow: text)
        let instance = try #require(past.instances.first)
        let causes = try StepCauses(of: "inner", in: instance, store: past.store)
        #expect(causes.step == "choose.inner")
        let conditions = causes.chain.flatMap(\.conditions)
        #expect(conditions.map { $0.data["result"] } == [true])
    }

    @Test func aStepThatHasNotBegunIsSaid() async throws {
        let past = try await BookedPast.make()
        let instance = try #require(past.instances.first)
        do throws(TravelError) {
            _ = try StepCauses(of: "nonsense", in: instance, store: past.store)
            Issue.record("found")
        } catch {
            #expect(error.code == .unknown)
            #expect(error.message.contains("client_lookup"))
        }
    }
}
