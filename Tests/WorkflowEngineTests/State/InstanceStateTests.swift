import DaybookTestKit
import EventModel
import Testing
import WorkflowEngine

@Suite struct InstanceStateTests {
    private func specification(_ steps: String) throws -> Specification {
        try DecideCase.specification(steps)
    }

    @Test func initialStateIsAbsentAndReadsBack() throws {
        #expect(InstanceState.initial.status == .absent)
        #expect(try InstanceState(value: InstanceState.initial.value) == .initial)
    }

    @Test func openStepsHoldWhatTheDispatcherNeeds() throws {
        var specification = try specification(
            "- {name: one, action: a.b, with: {x: 1}, timeout: 10s}"
        )
        _ = specification.play([.starts(.null)])
        let open = try #require(specification.state.openSteps.first)
        #expect(open.action == "a.b")
        #expect(open.input == ["x": 1])
        #expect(open.attempt == 1)
        #expect(!open.isStarted)
        #expect(open.deadline == specification.now + .seconds(10))
        _ = specification.play([.begins("one")])
        #expect(specification.state.openSteps.first?.isStarted == true)
        #expect(specification.state.currentAttempts == ["one": 1])
        _ = specification.play([.fails("one", .passing())])
        #expect(specification.state.openSteps.isEmpty)
        #expect(specification.state.waitingTimers.map(\.timer) == ["one#retry2"])
    }

    @Test func retriesRepeatTheInputOfTheFirstAttempt() throws {
        var specification = try specification(
            "- {name: one, action: a.b, with: {at: \"{{ now }}\"}}"
        )
        _ = specification.play([.starts(.null)])
        let first = specification.state.openSteps.first
        _ = specification.play([
            .passes(.seconds(60)), .fails("one", .passing()), .fires("one#retry2"),
        ])
        #expect(specification.state.openSteps.first?.input == first?.input)
        #expect(specification.state.openSteps.first?.idempotencyKey == first?.idempotencyKey)
    }

    @Test func isAsBigAsTheWorkflowHoweverLongTheHistory() throws {
        var specification = try specification("- {name: one, action: a.b, retry: {attempts: 1}}")
        _ = specification.play([.starts(.null), .fails("one", .lasting("no"))])
        let size = specification.state.value.canonicalBytes.count
        for _ in 0..<200 {
            _ = specification.play([.resumes, .begins("one"), .fails("one", .lasting("no"))])
        }
        #expect(specification.history.count > 1_000)
        #expect(specification.state.value.canonicalBytes.count < size + 40)
    }

    @Test func namesTheMemberOfASnapshotThatIsBroken() throws {
        var specification = try specification("- {name: one, action: a.b}")
        _ = specification.play([.starts(.null)])
        var map = try #require(specification.state.value.mapValue)
        var steps = try #require(map["steps"]?.mapValue)
        steps["one"] = ["phase": "dancing"]
        map["steps"] = .map(steps)
        #expect {
            try InstanceState(value: .map(map))
        } throws: { error in
            (error as? EventDataError)?.field == "steps.one.phase"
        }
    }

    @Test func evolveTakesAnyEventInAnyState() {
        var state = InstanceState.initial
        for event in InstanceEventCodecTests.samples.reversed() + InstanceEventCodecTests.samples {
            state.evolve(event, recordedAt: Timestamp(seconds: 1))
        }
        #expect(state.eventCount == UInt64(InstanceEventCodecTests.samples.count) * 2)
        #expect((try? InstanceState(value: state.value)) == state)
    }
}
