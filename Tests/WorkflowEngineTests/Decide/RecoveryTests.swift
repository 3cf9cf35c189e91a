import DaybookTestKit
import EventModel
import Testing
import WorkflowEngine

/// Levels of `on_failure`, compensation, limits of attempts.
@Suite struct RecoveryTests {
    @Test(arguments: levelCases + compensationCases + limitCases)
    func recovers(_ example: DecideCase) throws {
        var specification = try DecideCase.specification(example.steps)
        #expect(specification.play(example.moves) == example.then)
        #expect(specification.refolded.digest == specification.state.digest)
        #expect(try InstanceState(value: specification.state.value) == specification.state)
    }

    @Test func aLevelGivesWhatTheStepShouldHave() throws {
        var specification = try DecideCase.specification(
            levels + "- {name: after, set: {got: \"{{ steps.call }}\"}}"
        )
        _ = specification.play([
            .starts(.null), .fails("call", .lasting("no")), .fails("call.other", .lasting("no")),
            .succeeds("call.simple", ["n": 1]),
        ])
        #expect(specification.state.variables == ["got": ["n": 1]])
    }

    @Test func aDegradedStepGivesWhatIsWrittenThere() throws {
        var specification = try DecideCase.specification(
            """
            - name: call
              action: a.b
              retry: {attempts: 1}
              on_failure: {degrade: {price: 10, why: "{{ error.code }}"}}
            - {name: after, set: {got: "{{ steps.call.why }}"}}
            """
        )
        _ = specification.play([.starts(.null), .fails("call", .lasting("down"))])
        #expect(specification.state.status == .completed)
        #expect(specification.state.variables == ["got": "down"])
    }

    @Test func whatRoundsDidIsUndoneWithWhatTheyKnew() throws {
        var specification = try DecideCase.specification(
            """
            - name: each
              for_each:
                items: [5, 6]
                steps:
                  - name: book
                    action: a.b
                    compensate:
                      - {name: unbook, action: a.c, with: {x: "{{ item + steps.book.n }}"}}
            - {name: broke, fail: {code: no}}
            """
        )
        _ = specification.play([
            .starts(.null), .succeeds("each[0].book", ["n": 10]),
            .succeeds("each[1].book", ["n": 20]),
        ])
        #expect(specification.state.status == .compensating)
        #expect(specification.state.openSteps.map(\.input) == [["x": 26]])
        _ = specification.play([.succeeds("each[1].book.unbook", 1)])
        #expect(specification.state.openSteps.map(\.input) == [["x": 15]])
        _ = specification.play([.succeeds("each[0].book.unbook", 1)])
        #expect(specification.state.status == .failed)
        #expect(specification.state.failure?.code == "no")
    }
}

extension RecoveryTests {
    @Test func whatARoundThatIsGivenUpDidIsUndoneWithWhatItKnew() throws {
        var specification = try DecideCase.specification(
            """
            - name: each
              for_each:
                items: [5, 6]
                steps:
                  - name: book
                    action: a.b
                    compensate:
                      - {name: unbook, action: a.c, with: {x: "{{ item + steps.book.n }}"}}
                  - {name: next, action: a.d}
            """
        )
        _ = specification.play([
            .starts(.null), .succeeds("each[0].book", ["n": 10]), .cancels("enough"),
        ])
        #expect(specification.state.openSteps.map(\.input) == [["x": 15]])
    }
}

private let levels = """
    - name: call
      action: a.b
      retry: {attempts: 1}
      on_failure:
        alternative: [{name: other, action: a.c, retry: {attempts: 1}}]
        simplified: [{name: simple, action: a.d, retry: {attempts: 1}}]
        human: {title: Do it, deadline: 1d}
        degrade: {n: 0}

    """

private let levelCases: [DecideCase] = [
    DecideCase(
        "the alternative is tried first",
        levels,
        [.starts(.null), .fails("call", .lasting("no"))],
        then: [
            "StepFailed call 1 no", "TimerCancelled call#timeout1", "FallbackEntered call",
            "StepScheduled call.other 1", "TimerSet call.other#timeout1",
        ]
    ),
    DecideCase(
        "then the simplified way",
        levels,
        [
            .starts(.null), .fails("call", .lasting("no")), .fails("call.other", .lasting("no")),
        ],
        then: [
            "StepFailed call.other 1 no", "TimerCancelled call.other#timeout1",
            "StepFailed call 0 no", "FallbackEntered call call.other",
            "StepScheduled call.simple 1", "TimerSet call.simple#timeout1",
        ]
    ),
    DecideCase(
        "then a person, whose yes mends the step",
        levels,
        [
            .starts(.null), .fails("call", .lasting("no")), .fails("call.other", .lasting("no")),
            .fails("call.simple", .lasting("no")), .answers(.approved),
        ],
        then: [
            "TimerCancelled call._human#deadline", "ApprovalDecided call._human approved",
            "StepCompleted call._human 0", "StepCompleted call 0", "InstanceCompleted completed",
        ]
    ),
    DecideCase(
        "after a no the step gives what is left",
        levels,
        [
            .starts(.null), .fails("call", .lasting("no")), .fails("call.other", .lasting("no")),
            .fails("call.simple", .lasting("no")), .answers(.rejected),
        ],
        then: [
            "TimerCancelled call._human#deadline", "ApprovalDecided call._human rejected",
            "StepCompleted call._human 0", "FallbackEntered call call.simple",
            "StepCompleted call 0", "InstanceCompleted completed",
        ]
    ),
    DecideCase(
        "without a level left the failure goes outwards",
        """
        - name: around
          if: 'true'
          then:
            - name: call
              action: a.b
              retry: {attempts: 1}
              on_failure: {alternative: [{name: other, action: a.c, retry: {attempts: 1}}]}
          on_failure: {then: continue}
        """,
        [
            .starts(.null), .fails("around.call", .lasting("no")),
            .fails("around.call.other", .lasting("never")),
        ],
        then: [
            "StepFailed around.call.other 1 never", "TimerCancelled around.call.other#timeout1",
            "StepFailed around 0 never", "FallbackEntered around around.call.other",
            "StepCompleted around 0", "InstanceCompleted completed",
        ]
    ),
]

private let saga = """
    - {name: one, action: a.b, compensate: [{name: undo_one, action: a.c, retry: {attempts: 2, delay: 1s}}]}
    - {name: two, action: a.b, compensate: [{name: undo_two, action: a.c, retry: {attempts: 1}}]}
    - {name: three, action: a.b, retry: {attempts: 1}, on_failure: {then: fail}}
    """

private let twoDone: [Specification.Move] = [
    .starts(.null), .succeeds("one", 1), .succeeds("two", 2),
]

private let compensationCases: [DecideCase] = [
    DecideCase(
        "a failure undoes what completed, the newest first",
        saga,
        twoDone + [.fails("three", .lasting("no"))],
        then: [
            "StepFailed three 1 no", "TimerCancelled three#timeout1", "FallbackEntered three",
            "CompensationStarted", "CompensationEntered two", "StepScheduled two.undo_two 1",
            "TimerSet two.undo_two#timeout1",
        ]
    ),
    DecideCase(
        "and only then the instance fails",
        saga,
        twoDone + [
            .fails("three", .lasting("no")), .succeeds("two.undo_two", 1),
            .succeeds("one.undo_one", 1),
        ],
        then: [
            "StepCompleted one.undo_one 1", "TimerCancelled one.undo_one#timeout1",
            "StepCompensated one", "InstanceFailed three no",
        ]
    ),
    DecideCase(
        "to cancel undoes too",
        saga,
        twoDone + [
            .cancels("enough"), .succeeds("two.undo_two", 1), .succeeds("one.undo_one", 1),
        ],
        then: [
            "StepCompleted one.undo_one 1", "TimerCancelled one.undo_one#timeout1",
            "StepCompensated one", "InstanceCancelled",
        ]
    ),
    DecideCase(
        "undoing is tried again",
        saga,
        twoDone + [
            .cancels("enough"), .succeeds("two.undo_two", 1), .fails("one.undo_one", .passing()),
        ],
        then: [
            "StepFailed one.undo_one 1 unavailable again", "TimerCancelled one.undo_one#timeout1",
            "TimerSet one.undo_one#retry2",
        ]
    ),
    DecideCase(
        "and needs a person when it cannot be done",
        saga,
        twoDone + [.cancels("enough"), .fails("two.undo_two", .lasting("no"))],
        then: [
            "StepFailed two.undo_two 1 no", "TimerCancelled two.undo_two#timeout1",
            "InstancePaused two.undo_two no",
        ]
    ),
    DecideCase(
        "who can pass over it",
        saga,
        twoDone + [
            .cancels("enough"), .fails("two.undo_two", .lasting("no")),
            .command(.skip(step: "two.undo_two", reason: "done by hand", output: nil)),
        ],
        then: [
            "StepsAbandoned two.undo_two", "StepSkipped two.undo_two", "StepCompensated two",
            "CompensationEntered one", "StepScheduled one.undo_one 1",
            "TimerSet one.undo_one#timeout1",
        ]
    ),
    DecideCase(
        "what is being undone cannot be cancelled again",
        saga,
        twoDone + [.cancels("enough"), .cancels("again")],
        then: ["Rejection wrong_status"]
    ),
    DecideCase(
        "but ended at once",
        saga,
        twoDone + [.cancels("enough"), .command(.terminate(reason: "now"))],
        then: ["TimerCancelled two.undo_two#timeout1", "InstanceTerminated"]
    ),
    DecideCase(
        "what has completed in order stays",
        saga,
        twoDone + [.succeeds("three", 3)],
        then: [
            "StepCompleted three 1", "TimerCancelled three#timeout1",
            "InstanceCompleted completed",
        ]
    ),
]

private let limited = """
    - name: call
      action: a.b
      timeout: {schedule_to_start: 5s, start_to_close: 60s, heartbeat: 9s}
      retry: {attempts: 2, delay: 1s, jitter: 0}
    """

private let limitCases: [DecideCase] = [
    DecideCase(
        "each limit has its timer, from when it counts",
        limited,
        [.starts(.null), .begins("call")],
        then: [
            "StepStarted call 1", "TimerCancelled call#start1", "TimerSet call#close1",
            "TimerSet call#heartbeat1",
        ]
    ),
    DecideCase(
        "nobody begins",
        limited,
        [.starts(.null), .fires("call#start1")],
        then: [
            "TimerFired call#start1", "StepFailed call 1 timeout again", "TimerSet call#retry2",
        ]
    ),
    DecideCase(
        "a sign of life puts the limit off",
        limited,
        [
            .starts(.null), .begins("call"), .passes(.seconds(4)),
            .command(.heartbeat(step: "call", attempt: 1, details: 1)),
        ],
        then: ["StepHeard call", "TimerSet call#heartbeat1"]
    ),
    DecideCase(
        "signs that come too often are not recorded",
        limited,
        [
            .starts(.null), .begins("call"), .passes(.seconds(4)),
            .command(.heartbeat(step: "call", attempt: 1, details: 1)), .passes(.seconds(1)),
            .command(.heartbeat(step: "call", attempt: 1, details: 2)),
        ],
        then: ["Rejection unneeded"]
    ),
    DecideCase(
        "without one the attempt is given up",
        limited,
        [.starts(.null), .begins("call"), .fires("call#heartbeat1")],
        then: [
            "TimerFired call#heartbeat1", "StepFailed call 1 timeout again",
            "TimerCancelled call#close1", "TimerSet call#retry2",
        ]
    ),
]
