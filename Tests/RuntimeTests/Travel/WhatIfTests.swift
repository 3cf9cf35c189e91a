import DaybookTestKit
import EventModel
import Runtime
import Testing
import WorkflowEngine

@Suite struct WhatIfTests {
    private let lookup: Value = ["id": "c-1", "created": true, "record": [:]]

    private static let nobody = ScriptedAction(
        Booking.descriptor("booking.assign_practitioner")
    ) { _, _ throws(ActionFailure) in
        throw .lasting("nobody_available", details: ["alternatives": []])
    }

    private static let broken = ScriptedAction(
        Booking.descriptor("booking.reserve")
    ) { _, _ throws(ActionFailure) in throw .lasting("conflict") }

    // Retries, a fallback, an incident and an open instance: each does again what it did.
    @Test(arguments: ["plain", "retries", "fallback", "incident", "open"])
    func theSameWorkflowDoesTheSame(kind: String) async throws {
        let actions: [ScriptedAction] =
            switch kind {
            case "retries": [BookedPast.failing("records.find_or_create", times: 3, lookup)]
            case "fallback": [Self.nobody]
            case "incident": [Self.broken]
            default: []
            }
        let end = kind == "open" ? BookedPast.begin + .seconds(60) : BookedPast.end
        let past = try await BookedPast.make(actions: actions, until: end)
        let instance = try #require(past.instances.first)
        let before = past.store.head
        let result = try WhatIf(instance, definition: nil, store: past.store)
        #expect(result.difference == nil, "\(String(describing: result.difference))")
        #expect(past.store.head == before)
        if kind == "open" {
            // Its reminders would be due next, and nobody knows what sending them gives.
            #expect(result.run.unanswered?.call.action == "notify.send")
        } else {
            #expect(result.run.unanswered == nil)
            #expect(result.imagined == result.recorded)
        }
        #expect(result.run.calls.allSatisfy { $0.found?.isInputSame ?? (kind == "open") })
    }

    @Test func aMissingResultEndsItWithASentence() async throws {
        let text = try BookedPast.edited(
            "  - name: practitioner_schedule\n",
            """
              - name: ask_first
                action: task.create
                with: {title: "New step"}
              - name: practitioner_schedule

            """
        )
        let past = try await BookedPast.make()
        let instance = try #require(past.instances.first)
        let result = try WhatIf(
            instance,
            definition: try BookedPast.definition(text),
            store: past.store
        )
        #expect(!result.run.isEnded)
        #expect(
            result.run.standstill == [
                "'ask_first' would call task.create (attempt 1), and nothing in the record answers "
                    + "that"
            ]
        )
        #expect(result.difference?.imagined?.event.data["step"] == "ask_first")
        #expect(result.difference?.recorded == nil)
    }

    @Test func aRenamedStepIsAnsweredByItsInput() async throws {
        let text = try Booking.text()
            .replacing("practitioner_schedule", with: "when_are_they_free")
        let past = try await BookedPast.make()
        let instance = try #require(past.instances.first)
        let result = try WhatIf(
            instance,
            definition: try BookedPast.definition(text),
            store: past.store
        )
        #expect(result.imagined == result.recorded)
        let call = try #require(result.run.calls.first { $0.call.action == "calendar.sync" })
        #expect(call.found?.match == .input)
        #expect(call.found?.call.step == "practitioner_schedule")
        #expect(result.difference?.imagined?.event.data["step"] == "when_are_they_free")
    }

    @Test func anotherInputIsFollowedAsFarAsTheRecordGoes() async throws {
        let past = try await BookedPast.make()
        let instance = try #require(past.instances.first)
        let result = try WhatIf(instance, definition: nil, store: past.store) { input in
            var map = input.mapValue ?? ValueMap()
            map["duration_minutes"] = 90
            return .map(map)
        }
        let reserve = try #require(result.run.calls.first { $0.call.action == "booking.reserve" })
        #expect(reserve.found?.isInputSame == false)
        #expect(result.imagined.status == .completed)
        #expect(result.difference != nil)
    }

    @Test func whatDoesNotFitIsRefused() async throws {
        let past = try await BookedPast.make()
        let instance = try #require(past.instances.first)
        do throws(TravelError) {
            _ = try WhatIf(instance, definition: nil, store: past.store) { _ in ["a": 1] }
            Issue.record("started")
        } catch {
            #expect(error.code == .refused)
        }
        do throws(TravelError) {
            _ = try WhatIf(EventID(high: 1, low: 1), definition: nil, store: past.store)
            Issue.record("found")
        } catch {
            #expect(error.code == .unknown)
        }
    }
}
