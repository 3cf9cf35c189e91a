import EventModel
import Testing

@testable import WorkflowEngine

@Suite struct RecordedWorldTests {
    private let failure = ActionFailure(code: "away", message: "", isRetryable: true)

    private func scheduled(_ step: String, _ attempt: Int, _ input: Value) -> InstanceEvent {
        .stepScheduled(
            .init(
                step: step,
                attempt: attempt,
                action: "a.b",
                input: input,
                idempotencyKey: "k"
            )
        )
    }

    private var world: RecordedWorld {
        var world = RecordedWorld()
        let events: [InstanceEvent] = [
            scheduled("one", 1, ["n": 1]),
            .stepFailed(.init(step: "one", attempt: 1, failure: failure, willRetry: true)),
            scheduled("one", 2, ["n": 1]),
            .stepCompleted(.init(step: "one", attempt: 2, output: "done")),
            scheduled("around.two", 1, ["n": 2]),
            .timerFired(.init(timer: "around.two#timeout1", step: "around.two")),
            .stepFailed(.init(step: "around.two", attempt: 1, failure: failure, willRetry: false)),
            scheduled("three", 1, ["n": 3]),
            .instanceResumed(.init(step: "around.two")),
            .instanceCancelled(.init(reason: "enough")),
        ]
        world.add(
            events.enumerated().map { ($1, Timestamp(seconds: Int64($0) * 10)) }
        )
        return world
    }

    @Test func callsAreAnsweredByStepThenByInput() {
        typealias Expected = (RecordedWorld.Match, RecordedWorld.Outcome)?
        let cases: [(step: String, attempt: Int, input: Value, expected: Expected)] = [
            ("one", 1, ["n": 1], (.step, .failed(failure))),
            ("one", 2, ["n": 1], (.step, .succeeded("done"))),
            ("one", 2, ["n": 7], (.step, .succeeded("done"))), ("one", 3, ["n": 1], nil),
            ("around.two", 1, ["n": 2], (.step, .silent)), ("two", 1, ["n": 2], (.step, .silent)),
            ("elsewhere.two", 1, [:], (.step, .silent)), ("three", 1, ["n": 3], (.step, .open)),
            ("new", 2, ["n": 1], (.input, .succeeded("done"))), ("new", 1, ["n": 9], nil),
        ]
        for (step, attempt, input, expected) in cases {
            let found = world.find(step: step, action: "a.b", attempt: attempt, input: input)
            let isRight =
                found?.match == expected?.0 && found?.call.outcome == expected?.1
            if !isRight { Issue.record("\(step) \(attempt): \(String(describing: found))") }
        }
        #expect(world.find(step: "one", action: "other", attempt: 1, input: ["n": 1]) == nil)
    }

    @Test func requestsAndDurationsAreKept() {
        #expect(world.requests.map(\.command) == [.resume, .cancel(reason: "enough")])
        #expect(world.calls.map(\.duration) == [.seconds(10), .seconds(10), .seconds(20), .zero])
        var other = RecordedWorld()
        let end = InstanceEvent.instanceCancelled(.init(reason: ""))
        other.add([(end, Timestamp(seconds: 0))], takesRequests: false)
        #expect(other.requests.isEmpty)
    }

    @Test(arguments: [
        ("a", "a"), ("b.a", "a"), ("each[3].a", "[3]a"), ("x.each[3].y.in[0].a", "[3][0]a"),
    ])
    func movedStepsKeepTheirNames(path: String, name: String) {
        #expect(StepName.of(path) == name)
    }

    @Test func instantsThatAreCloseAreTheSame() {
        func history(_ seconds: Double, _ name: String) -> [(event: InstanceEvent, at: Timestamp)] {
            let at = Timestamp(seconds: 100) + .seconds(seconds)
            let output: Value = ["at": .timestamp(at), "name": .string(name)]
            return [
                (.stepCompleted(.init(step: "a", attempt: 0, output: output)), at),
                (
                    .timerSet(
                        .init(timer: "t", step: "b", purpose: .wait, due: at + .seconds(60))
                    ), at
                ),
            ]
        }
        func number(_ seconds: Double, _ name: String) -> Int? {
            HistoryDifference.first(
                between: history(0, "x"),
                and: history(seconds, name),
                recordIsOpen: false,
                imaginedIsOpen: false
            )?.recorded?.number
        }
        #expect(number(0.5, "x") == nil)
        #expect(number(0.5, "y") == 1)
        #expect(number(30, "x") == 1)
    }
}
