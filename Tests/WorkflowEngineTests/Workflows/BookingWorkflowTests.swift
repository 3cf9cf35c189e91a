import DaybookTestKit
import EventModel
import Foundation
import Testing
import WorkflowEngine

/// The booking workflow as it is shipped, with the world played by hand.
@Suite struct BookingWorkflowTests {
    /// 2026-11-20T09:00:00Z, eleven days before the session.
    private static let start = Timestamp(seconds: 1_795_165_200)
    private static let payload: Value = [
        "event": "new_booking", "booking_id": "BK-1001",
        "client": ["name": " Ana Novak ", "email": "Ana@Example.org", "phone": "+386 40 111-222"],
        "service": "Deep tissue massage", "specialization": "massage",
        "starts_at": "2026-12-01T10:00:00Z", "duration_minutes": 60,
        "payment_info": "secret://payment_info/1", "notes": "",
    ]

    private static func definition() throws -> WorkflowDefinition {
        let file = "Workflows/the_7_space/wellness_booking_automation.yaml"
        let text = try String(contentsOfFile: file, encoding: .utf8)
        return try WorkflowDefinition.parse(text, file: file, actions: .describedForBooking)
    }

    private static func specification() throws -> Specification {
        Specification(try definition(), now: start)
    }

    private let client: Value = ["id": "c1", "created": true, "record": [:]]
    private let schedule: Value = ["people": [["id": "p1"]], "busy": [:], "synced_at": "x"]
    private let practitioner: Value = [
        "practitioner_id": "p1", "name": "Mia", "email": "mia@example.org", "reservation_id": "r1",
    ]
    private let room: Value = [
        "reservation_id": "r2", "room_id": "room1", "room": "Room 1", "equipment": [],
    ]

    /// The moves up to the room, all of which succeed.
    private var bookedMoves: [Specification.Move] {
        [
            .starts(BookingWorkflowTests.payload), .succeeds("client_lookup", client),
            .succeeds("practitioner_schedule", schedule),
            .succeeds("practitioner_assignment", practitioner),
            .succeeds("resource_booking", room),
        ]
    }

    private func scheduledInput(_ specification: Specification, _ step: String) -> Value? {
        specification.state.openSteps.first { $0.step == step }?.input
    }

    @Test func declaresItsTriggerAndItsInput() throws {
        let definition = try BookingWorkflowTests.definition()
        #expect(definition.entity == "the_7_space")
        let trigger = try #require(definition.webhookTriggers.first)
        #expect(trigger.source == "booking_system")
        #expect(trigger.secrets == ["payment_info"])
        #expect(try trigger.accepts(event: "new_booking", payload: BookingWorkflowTests.payload))
        #expect(try !trigger.accepts(event: "booking_cancelled", payload: [:]))
        #expect(definition.inputProblems(BookingWorkflowTests.payload).isEmpty)
        #expect(
            definition.inputProblems(["booking_id": 7, "client": [:], "starts_at": "tomorrow"])
                .count
                == 5
        )
    }

    @Test func normalizesTheClientBeforeItLooksForHim() throws {
        var specification = try BookingWorkflowTests.specification()
        _ = specification.play([.starts(BookingWorkflowTests.payload)])
        #expect(
            scheduledInput(specification, "client_lookup")
                == [
                    "database": "contacts_profiles", "match_fields": ["email", "phone"],
                    "record": [
                        "full_name": "Ana Novak", "email": "ana@example.org",
                        "phone": "+38640111222", "contact_type": "Client",
                        "lead_source": "Website", "status": "Active Client",
                    ],
                ]
        )
        #expect(
            specification.state.variables["ends_at"]
                == .timestamp(Timestamp(seconds: 1_796_122_800))
        )
    }

    @Test func confirmsAndRemindsInParallel() throws {
        var specification = try BookingWorkflowTests.specification()
        let events = specification.play(bookedMoves)
        let branch = "confirmation_workflow"
        #expect(
            events == [
                "StepCompleted resource_booking 1", "TimerCancelled resource_booking#timeout1",
                "StepStarted \(branch) 0",
                "StepScheduled \(branch).immediate_confirmation.send_confirmation 1",
                "TimerSet \(branch).immediate_confirmation.send_confirmation#timeout1",
                "ConditionEvaluated \(branch).reminder_24h.remind_a_day_before true",
                "TimerSet \(branch).reminder_24h.remind_a_day_before.wait_for_day_before#wait",
                "ConditionEvaluated \(branch).reminder_2h.remind_two_hours_before true",
                "TimerSet \(branch).reminder_2h.remind_two_hours_before.wait_for_two_hours_before#wait",
            ]
        )
        let dues = specification.state.waitingTimers.filter { $0.purpose == .wait }.map(\.due)
        let session = Timestamp(seconds: 1_796_119_200)
        #expect(dues == [session - .seconds(86_400), session - .seconds(7_200)])
        let data = scheduledInput(
            specification,
            "\(branch).immediate_confirmation.send_confirmation"
        )
        #expect(data?[path: "data", "room"] == "Room 1")
        #expect(data?[path: "to", "email"] == "ana@example.org")
    }

    @Test func completesWithTheIdsThatOthersNeed() throws {
        var specification = try BookingWorkflowTests.specification()
        let branch = "confirmation_workflow"
        let day = "\(branch).reminder_24h.remind_a_day_before"
        let hours = "\(branch).reminder_2h.remind_two_hours_before"
        let events = specification.play(
            bookedMoves + [
                .succeeds("\(branch).immediate_confirmation.send_confirmation", ["sent": []]),
                .fires("\(day).wait_for_day_before#wait"),
                .succeeds("\(day).send_day_before", ["sent": []]),
                .fires("\(hours).wait_for_two_hours_before#wait"),
                .succeeds("\(hours).send_two_hours_before", ["sent": []]),
            ]
        )
        #expect(events.suffix(2) == ["StepCompleted \(branch) 0", "InstanceCompleted completed"])
        #expect(
            specification.state.output
                == [
                    "booking_confirmed": true, "booking_id": "BK-1001", "client_id": "c1",
                    "practitioner_id": "p1", "room_id": "room1",
                    "starts_at": .timestamp(Timestamp(seconds: 1_796_119_200)),
                ]
        )
        #expect(specification.refolded.digest == specification.state.digest)
    }

    @Test func leavesOutRemindersWhoseTimeIsPast() throws {
        var specification = try BookingWorkflowTests.specification()
        specification.now = Timestamp(seconds: 1_796_119_200) - .seconds(3_600)
        _ = specification.play(bookedMoves)
        #expect(specification.state.waitingTimers.allSatisfy { $0.purpose == .timeout })
        let send = "confirmation_workflow.immediate_confirmation.send_confirmation"
        #expect(
            specification.play([.succeeds(send, ["sent": []])]).last
                == "InstanceCompleted completed"
        )
    }

    @Test func offersOtherTimesAndAsksAPersonIfNobodyIsFree() throws {
        var specification = try BookingWorkflowTests.specification()
        let nobody = ActionFailure.lasting(
            "nobody_available",
            details: ["alternatives": ["2026-12-01T12:00:00Z"]]
        )
        let around = "practitioner_assignment"
        let events = specification.play([
            .starts(BookingWorkflowTests.payload), .succeeds("client_lookup", client),
            .succeeds("practitioner_schedule", schedule), .fails(around, nobody),
        ])
        #expect(
            events == [
                "StepFailed \(around) 1 nobody_available", "TimerCancelled \(around)#timeout1",
                "FallbackEntered \(around)", "StepScheduled \(around).suggest_alternatives 1",
                "TimerSet \(around).suggest_alternatives#timeout1",
            ]
        )
        let input = scheduledInput(specification, "\(around).suggest_alternatives")
        #expect(input?[path: "data", "alternatives"] == ["2026-12-01T12:00:00Z"])
        let end = specification.play([
            .succeeds("\(around).suggest_alternatives", ["sent": []]),
            .succeeds("\(around).ask_a_person", ["task_id": "t1", "title": "x"]),
        ])
        #expect(end.last == "InstanceCompleted alternative_suggested")
        #expect(
            specification.state.output
                == ["client_id": "c1", "booking_confirmed": false, "task_id": "t1"]
        )
    }

    @Test func pausesIfThePractitionersCannotBeAsked() throws {
        var specification = try BookingWorkflowTests.specification()
        let events = specification.play([
            .starts(BookingWorkflowTests.payload), .succeeds("client_lookup", client),
            .succeeds("practitioner_schedule", schedule),
            .fails("practitioner_assignment", .lasting("not_found")),
        ])
        #expect(events.last == "InstancePaused practitioner_assignment not_found")
        #expect(specification.state.incidents == ["practitioner_assignment"])
    }

    @Test func releasesThePractitionerIfNoRoomIsFree() throws {
        var specification = try BookingWorkflowTests.specification()
        let around = "resource_booking"
        let events = specification.play([
            .starts(BookingWorkflowTests.payload), .succeeds("client_lookup", client),
            .succeeds("practitioner_schedule", schedule),
            .succeeds("practitioner_assignment", practitioner),
            .fails(around, .lasting("resource_conflict")),
            .succeeds("\(around).release_practitioner", ["released": 1]),
            .succeeds("\(around).ask_for_a_room", ["task_id": "t2", "title": "x"]),
        ])
        #expect(events.last == "InstanceCompleted resource_conflict")
        #expect(specification.state.output["task_id"] == "t2")
    }

    @Test func triesTheLookUpFiveTimesWithGrowingPausesAndOneKey() throws {
        var specification = try BookingWorkflowTests.specification()
        _ = specification.play([.starts(BookingWorkflowTests.payload)])
        let key = specification.state.openSteps[0].idempotencyKey
        #expect(key == "\(specification.instance.text)/client_lookup")
        var pauses: [Duration] = []
        for attempt in 2...5 {
            let failed = specification.now
            _ = specification.play([.fails("client_lookup", .passing())])
            let timer = specification.state.waitingTimers[0]
            pauses.append(timer.due - failed)
            _ = specification.play([.fires("client_lookup#retry\(attempt)")])
            #expect(specification.state.openSteps[0].attempt == attempt)
            #expect(specification.state.openSteps[0].idempotencyKey == key)
        }
        for (pause, seconds) in zip(pauses, [1, 2, 4, 8]) {
            #expect(pause >= .seconds(seconds) && pause <= .milliseconds(seconds * 1_100))
        }
        #expect(
            specification.play([.fails("client_lookup", .passing())]).last
                == "InstancePaused client_lookup unavailable"
        )
    }

    @Test func refusesALateResultAndGoesOnWithTheCurrentAttempt() throws {
        var specification = try BookingWorkflowTests.specification()
        let events = specification.play([
            .starts(BookingWorkflowTests.payload), .begins("client_lookup"),
            .fires("client_lookup#timeout1"), .fires("client_lookup#retry2"),
            .command(.completeStep(step: "client_lookup", attempt: 1, output: client)),
        ])
        #expect(events == ["ResultRefused client_lookup 1"])
        #expect(
            specification.play([.succeeds("client_lookup", client)]).first
                == "StepCompleted client_lookup 2"
        )
    }

    @Test func cancelEndsRemindersThatWait() throws {
        var specification = try BookingWorkflowTests.specification()
        let events = specification.play(bookedMoves + [.cancels("the client cannot come")])
        #expect(events.count == 4)
        #expect(events.last == "InstanceCancelled")
        #expect(specification.state.timers.isEmpty)
        #expect(specification.state.openSteps.isEmpty)
        let send = "confirmation_workflow.immediate_confirmation.send_confirmation"
        #expect(specification.play([.succeeds(send, ["sent": []])]) == ["ResultRefused \(send) 1"])
    }
}
