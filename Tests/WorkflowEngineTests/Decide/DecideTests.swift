import DaybookTestKit
import EventModel
import Testing
import WorkflowEngine

/// What happens in one small workflow, in short form.
struct DecideCase: Sendable, CustomTestStringConvertible {
    var name: String
    var steps: String
    var moves: [Specification.Move]
    var then: [String]

    init(
        _ name: String,
        _ steps: String,
        _ moves: [Specification.Move],
        then: [String]
    ) {
        self.name = name
        self.steps = steps
        self.moves = moves
        self.then = then
    }

    var testDescription: String { name }

    /// Begins an instance of a workflow with these steps.
    static func specification(_ steps: String) throws -> Specification {
        let text = "workflow: small\nsteps:\n\(steps)\n"
        return Specification(try WorkflowDefinition.parse(text, file: "small.yaml", actions: nil))
    }
}

@Suite struct DecideTests {
    @Test(arguments: sequenceCases + waitCases + choiceCases)
    func sequences(_ example: DecideCase) throws { try check(example) }

    @Test(arguments: retryCases + timeoutCases)
    func failures(_ example: DecideCase) throws { try check(example) }

    @Test(arguments: fallbackCases + incidentCases)
    func fallbacks(_ example: DecideCase) throws { try check(example) }

    @Test(arguments: parallelCases + stopCases)
    func branches(_ example: DecideCase) throws { try check(example) }

    @Test(arguments: lateCases + cancelCases)
    func refusals(_ example: DecideCase) throws { try check(example) }

    private func check(_ example: DecideCase) throws {
        var specification = try DecideCase.specification(example.steps)
        #expect(specification.play(example.moves) == example.then)
        #expect(specification.refolded.digest == specification.state.digest)
    }
}

private let oneCall = "- {name: one, action: a.b, retry: {attempts: 2, delay: 10s}}"
private let twoCalls = "- {name: one, action: a.b}\n- {name: two, action: a.b}"

private let sequenceCases: [DecideCase] = [
    DecideCase(
        "the first step is scheduled with its timeout",
        twoCalls,
        [.starts(.null)],
        then: ["InstanceStarted", "StepScheduled one 1", "TimerSet one#timeout1"]
    ),
    DecideCase(
        "a result leads to the next step",
        twoCalls,
        [.starts(.null), .begins("one"), .succeeds("one", 1)],
        then: [
            "StepCompleted one 1", "TimerCancelled one#timeout1", "StepScheduled two 1",
            "TimerSet two#timeout1",
        ]
    ),
    DecideCase(
        "the last result completes the instance",
        twoCalls,
        [.starts(.null), .succeeds("one", 1), .succeeds("two", 2)],
        then: [
            "StepCompleted two 1", "TimerCancelled two#timeout1", "InstanceCompleted completed",
        ]
    ),
    DecideCase(
        "steps without an action run at once",
        "- {name: one, set: {x: 1}}\n- {name: two, set: {y: \"{{ vars.x + 1 }}\"}}",
        [.starts(.null)],
        then: [
            "InstanceStarted", "StepCompleted one 0", "StepCompleted two 0",
            "InstanceCompleted completed",
        ]
    ),
    DecideCase(
        "an instance starts once",
        twoCalls,
        [.starts(.null), .starts(.null)],
        then: ["Rejection exists"]
    ),
    DecideCase(
        "what is not there takes no commands",
        twoCalls,
        [.succeeds("one", 1)],
        then: ["Rejection missing"]
    ),
    DecideCase(
        "an attempt starts once",
        twoCalls,
        [.starts(.null), .begins("one"), .begins("one")],
        then: ["Rejection stale"]
    ),
    DecideCase(
        "a step that the workflow lacks is named",
        twoCalls,
        [.starts(.null), .succeeds("three", 1)],
        then: ["Rejection missing"]
    ),
]

private let waitCases: [DecideCase] = [
    DecideCase(
        "a wait sets a timer",
        "- {name: pause, wait: {for: 10m}}",
        [.starts(.null)],
        then: ["InstanceStarted", "TimerSet pause#wait"]
    ),
    DecideCase(
        "its firing goes on",
        "- {name: pause, wait: {for: 10m}}",
        [.starts(.null), .fires("pause#wait")],
        then: ["TimerFired pause#wait", "StepCompleted pause 0", "InstanceCompleted completed"]
    ),
    DecideCase(
        "a timer does not fire before it is due",
        "- {name: pause, wait: {for: 10m}}",
        [.starts(.null), .passes(.seconds(599)), .command(.fireTimer(timer: "pause#wait"))],
        then: ["Rejection no_timer"]
    ),
    DecideCase(
        "a timer fires once",
        "- {name: pause, wait: {for: 10m}}\n- {name: more, wait: {for: 10m}}",
        [.starts(.null), .fires("pause#wait"), .fires("pause#wait")],
        then: ["Rejection no_timer"]
    ),
    DecideCase(
        "what is past is not waited for",
        "- {name: pause, wait: {until: \"{{ now - duration('1h') }}\"}}",
        [.starts(.null)],
        then: ["InstanceStarted", "StepCompleted pause 0", "InstanceCompleted completed"]
    ),
    DecideCase(
        "an instant in a text is waited for",
        "- {name: pause, wait: {until: \"{{ input.at }}\"}}",
        [.starts(["at": "2026-01-01T00:00:00Z"])],
        then: ["InstanceStarted", "TimerSet pause#wait"]
    ),
    DecideCase(
        "nobody waits for centuries",
        "- {name: pause, wait: {until: \"{{ input.at }}\"}}",
        [.starts(["at": "2999-01-01T00:00:00Z"])],
        then: [
            "InstanceStarted", "StepFailed pause 0 expression_error",
            "InstancePaused pause expression_error",
        ]
    ),
    DecideCase(
        "a wait for no instant is an incident",
        "- {name: pause, wait: {until: \"{{ 7 }}\"}}",
        [.starts(.null)],
        then: [
            "InstanceStarted", "StepFailed pause 0 expression_error",
            "InstancePaused pause expression_error",
        ]
    ),
]

private let choiceCases: [DecideCase] = [
    DecideCase(
        "a false condition skips the step",
        "- {name: one, if: input.x > 1, action: a.b}\n- {name: two, set: {y: 1}}",
        [.starts(["x": 1])],
        then: [
            "InstanceStarted", "ConditionEvaluated one false", "StepSkipped one",
            "StepCompleted two 0", "InstanceCompleted completed",
        ]
    ),
    DecideCase(
        "a true one does not",
        "- {name: one, if: input.x > 1, action: a.b}",
        [.starts(["x": 2])],
        then: [
            "InstanceStarted", "ConditionEvaluated one true", "StepScheduled one 1",
            "TimerSet one#timeout1",
        ]
    ),
    DecideCase(
        "then",
        "- {name: c, if: input.x > 1, then: [{name: a, set: {v: 1}}], else: [{name: b, set: {v: 2}}]}",
        [.starts(["x": 2])],
        then: [
            "InstanceStarted", "ConditionEvaluated c true", "StepCompleted c.a 0",
            "StepCompleted c 0", "InstanceCompleted completed",
        ]
    ),
    DecideCase(
        "else",
        "- {name: c, if: input.x > 1, then: [{name: a, set: {v: 1}}], else: [{name: b, set: {v: 2}}]}",
        [.starts(["x": 1])],
        then: [
            "InstanceStarted", "ConditionEvaluated c false", "StepCompleted c.b 0",
            "StepCompleted c 0", "InstanceCompleted completed",
        ]
    ),
    DecideCase(
        "no else is no step",
        "- {name: c, if: input.x > 1, then: [{name: a, set: {v: 1}}]}",
        [.starts(["x": 1])],
        then: [
            "InstanceStarted", "ConditionEvaluated c false", "StepCompleted c 0",
            "InstanceCompleted completed",
        ]
    ),
    DecideCase(
        "a condition that is no boolean is an incident",
        "- {name: one, if: input.x, action: a.b}",
        [.starts(["x": 1])],
        then: [
            "InstanceStarted", "StepFailed one 0 expression_error",
            "InstancePaused one expression_error",
        ]
    ),
]

private let retryCases: [DecideCase] = [
    DecideCase(
        "a passing failure sets a timer for the next attempt",
        oneCall,
        [.starts(.null), .fails("one", .passing())],
        then: [
            "StepFailed one 1 unavailable again", "TimerCancelled one#timeout1",
            "TimerSet one#retry2",
        ]
    ),
    DecideCase(
        "its firing schedules the next attempt",
        oneCall,
        [.starts(.null), .fails("one", .passing()), .fires("one#retry2")],
        then: ["TimerFired one#retry2", "StepScheduled one 2", "TimerSet one#timeout2"]
    ),
    DecideCase(
        "when attempts run out the instance pauses",
        oneCall,
        [
            .starts(.null), .fails("one", .passing()), .fires("one#retry2"),
            .fails("one", .passing()),
        ],
        then: [
            "StepFailed one 2 unavailable", "TimerCancelled one#timeout2",
            "InstancePaused one unavailable",
        ]
    ),
    DecideCase(
        "a lasting failure is not tried again",
        oneCall,
        [.starts(.null), .fails("one", .lasting("invalid_input"))],
        then: [
            "StepFailed one 1 invalid_input", "TimerCancelled one#timeout1",
            "InstancePaused one invalid_input",
        ]
    ),
    DecideCase(
        "only the named failures are tried again",
        "- {name: one, action: a.b, retry: {on: [rate_limited]}}",
        [.starts(.null), .fails("one", .passing("unavailable"))],
        then: [
            "StepFailed one 1 unavailable", "TimerCancelled one#timeout1",
            "InstancePaused one unavailable",
        ]
    ),
]

private let timeoutCases: [DecideCase] = [
    DecideCase(
        "a timeout fails the attempt and is tried again",
        oneCall,
        [.starts(.null), .begins("one"), .fires("one#timeout1")],
        then: ["TimerFired one#timeout1", "StepFailed one 1 timeout again", "TimerSet one#retry2"]
    ),
    DecideCase(
        "a timeout of branches gives up all that is inside",
        """
        - name: both
          timeout: 1m
          parallel:
            - {name: left, steps: [{name: one, action: a.b}]}
            - {name: right, steps: [{name: pause, wait: {for: 1h}}]}
          on_failure: {steps: [{name: mend, set: {code: "{{ error.code }}"}}], then: continue}
        """,
        [.starts(.null), .fires("both#timeout")],
        then: [
            "TimerFired both#timeout", "StepFailed both 0 timeout",
            "TimerCancelled both.left.one#timeout1", "TimerCancelled both.right.pause#wait",
            "FallbackEntered both", "StepCompleted both.mend 0", "StepCompleted both 0",
            "InstanceCompleted completed",
        ]
    ),
]

private let fallbackCases: [DecideCase] = [
    DecideCase(
        "on_failure takes over and the workflow goes on",
        """
        - name: one
          action: a.b
          on_failure: {steps: [{name: mend, set: {why: "{{ error.code + error.step }}"}}], then: continue}
        - {name: two, action: a.b}
        """,
        [.starts(.null), .fails("one", .lasting("no"))],
        then: [
            "StepFailed one 1 no", "TimerCancelled one#timeout1", "FallbackEntered one",
            "StepCompleted one.mend 0", "StepCompleted one 0", "StepScheduled two 1",
            "TimerSet two#timeout1",
        ]
    ),
    DecideCase(
        "without a sequel the failure ends the instance",
        """
        - name: one
          action: a.b
          on_failure: {steps: [{name: mend, action: a.c}]}
        """,
        [.starts(.null), .fails("one", .lasting("no")), .succeeds("one.mend", .null)],
        then: [
            "StepCompleted one.mend 1", "TimerCancelled one.mend#timeout1",
            "InstanceFailed one no",
        ]
    ),
    DecideCase(
        "on_failure for other failures is passed over",
        """
        - name: one
          action: a.b
          on_failure: {on: [nobody_available], steps: [{name: mend, action: a.c}]}
        """,
        [.starts(.null), .fails("one", .lasting("no"))],
        then: [
            "StepFailed one 1 no", "TimerCancelled one#timeout1", "InstancePaused one no",
        ]
    ),
    DecideCase(
        "a failure inside goes to the on_failure around it and ends the other branches",
        """
        - name: both
          parallel:
            - {name: left, steps: [{name: one, action: a.b}]}
            - {name: right, steps: [{name: two, action: a.b}]}
          on_failure: {then: continue}
        """,
        [.starts(.null), .fails("both.left.one", .lasting("no"))],
        then: [
            "StepFailed both.left.one 1 no", "TimerCancelled both.left.one#timeout1",
            "TimerCancelled both.right.two#timeout1", "StepFailed both 0 no",
            "FallbackEntered both both.left.one", "StepCompleted both 0",
            "InstanceCompleted completed",
        ]
    ),
    DecideCase(
        "branches that have not begun never do",
        """
        - name: both
          parallel:
            - {name: left, steps: [{name: one, fail: {code: no}}]}
            - {name: right, steps: [{name: two, action: a.b}]}
          on_failure: {then: continue}
        - {name: after, action: a.b}
        """,
        [.starts(.null)],
        then: [
            "InstanceStarted", "StepStarted both 0", "StepFailed both.left.one 0 no",
            "StepFailed both 0 no", "FallbackEntered both both.left.one", "StepCompleted both 0",
            "StepScheduled after 1", "TimerSet after#timeout1",
        ]
    ),
    DecideCase(
        "a failure inside on_failure goes outwards, not to the same one",
        """
        - name: outer
          if: 'true'
          then:
            - name: one
              action: a.b
              on_failure: {steps: [{name: mend, fail: {code: worse}}]}
          on_failure: {then: continue}
        """,
        [.starts(.null), .fails("outer.one", .lasting("no"))],
        then: [
            "StepFailed outer.one 1 no", "TimerCancelled outer.one#timeout1",
            "FallbackEntered outer.one", "StepFailed outer.one.mend 0 worse",
            "StepFailed outer 0 worse", "FallbackEntered outer outer.one.mend",
            "StepCompleted outer 0", "InstanceCompleted completed",
        ]
    ),
]

private let incidentCases: [DecideCase] = [
    DecideCase(
        "resume tries the step again with a new attempt",
        oneCall,
        [.starts(.null), .fails("one", .lasting("no")), .resumes],
        then: ["InstanceResumed one", "StepScheduled one 2", "TimerSet one#timeout2"]
    ),
    DecideCase(
        "and with fresh retries",
        oneCall,
        [
            .starts(.null), .fails("one", .lasting("no")), .resumes,
            .fails("one", .passing()),
        ],
        then: [
            "StepFailed one 2 unavailable again", "TimerCancelled one#timeout2",
            "TimerSet one#retry3",
        ]
    ),
    DecideCase(
        "only a paused instance resumes",
        oneCall,
        [.starts(.null), .resumes],
        then: ["Rejection wrong_status"]
    ),
    DecideCase(
        "an incident in one branch does not hold up the other",
        """
        - name: both
          parallel:
            - {name: left, steps: [{name: one, action: a.b}]}
            - {name: right, steps: [{name: two, action: a.b}, {name: three, action: a.b}]}
        """,
        [
            .starts(.null), .fails("both.left.one", .lasting("no")),
            .succeeds("both.right.two", .null),
        ],
        then: [
            "StepCompleted both.right.two 1", "TimerCancelled both.right.two#timeout1",
            "StepScheduled both.right.three 1", "TimerSet both.right.three#timeout1",
        ]
    ),
    DecideCase(
        "resume lets every incident begin again",
        """
        - name: both
          parallel:
            - {name: left, steps: [{name: one, action: a.b}]}
            - {name: right, steps: [{name: two, action: a.b}]}
        """,
        [
            .starts(.null), .fails("both.right.two", .lasting("no")),
            .fails("both.left.one", .lasting("no")), .resumes,
        ],
        then: [
            "InstanceResumed both.left.one", "StepScheduled both.left.one 2",
            "TimerSet both.left.one#timeout2", "InstanceResumed both.right.two",
            "StepScheduled both.right.two 2", "TimerSet both.right.two#timeout2",
        ]
    ),
    DecideCase(
        "what is inside an incident begins again with fresh retries",
        """
        - name: all
          timeout: 1h
          parallel:
            - {name: left, steps: [{name: one, action: a.b, retry: {attempts: 2, delay: 10s}}]}
        """,
        [
            .starts(.null), .fails("all.left.one", .passing()), .fires("all#timeout"), .resumes,
            .fails("all.left.one", .passing()),
        ],
        then: [
            "StepFailed all.left.one 2 unavailable again",
            "TimerCancelled all.left.one#timeout2", "TimerSet all.left.one#retry3",
        ]
    ),
]

private let parallelCases: [DecideCase] = [
    DecideCase(
        "all branches begin",
        """
        - name: both
          parallel:
            - {name: left, steps: [{name: one, action: a.b}]}
            - {name: right, steps: [{name: pause, wait: {for: 1h}}]}
        - {name: after, set: {x: 1}}
        """,
        [.starts(.null)],
        then: [
            "InstanceStarted", "StepStarted both 0", "StepScheduled both.left.one 1",
            "TimerSet both.left.one#timeout1", "TimerSet both.right.pause#wait",
        ]
    ),
    DecideCase(
        "the last branch to end goes on",
        """
        - name: both
          parallel:
            - {name: left, steps: [{name: one, action: a.b}]}
            - {name: right, steps: [{name: pause, wait: {for: 1h}}]}
        - {name: after, set: {x: 1}}
        """,
        [.starts(.null), .fires("both.right.pause#wait"), .succeeds("both.left.one", .null)],
        then: [
            "StepCompleted both.left.one 1", "TimerCancelled both.left.one#timeout1",
            "StepCompleted both 0", "StepCompleted after 0", "InstanceCompleted completed",
        ]
    ),
    DecideCase(
        "branches that need nobody end at once",
        """
        - name: both
          parallel:
            - {name: left, steps: [{name: one, set: {x: 1}}]}
            - {name: right, steps: [{name: two, set: {y: 1}}]}
        """,
        [.starts(.null)],
        then: [
            "InstanceStarted", "StepStarted both 0", "StepCompleted both.left.one 0",
            "StepCompleted both.right.two 0", "StepCompleted both 0",
            "InstanceCompleted completed",
        ]
    ),
]

private let stopCases: [DecideCase] = [
    DecideCase(
        "stop ends the instance with its word",
        "- {name: end, stop: {outcome: enough}}",
        [.starts(.null)],
        then: ["InstanceStarted", "StepCompleted end 0", "InstanceCompleted enough"]
    ),
    DecideCase(
        "stop in a branch ends the others",
        """
        - name: both
          parallel:
            - {name: left, steps: [{name: one, action: a.b}, {name: end, stop: {}}]}
            - {name: right, steps: [{name: pause, wait: {for: 1h}}]}
        """,
        [.starts(.null), .succeeds("both.left.one", .null)],
        then: [
            "StepCompleted both.left.one 1", "TimerCancelled both.left.one#timeout1",
            "StepCompleted both.left.end 0", "TimerCancelled both.right.pause#wait",
            "InstanceCompleted stopped",
        ]
    ),
    DecideCase(
        "fail ends the instance",
        "- {name: end, fail: {code: no_money, message: \"{{ 'only ' + string(input.x) }}\"}}",
        [.starts(["x": 1])],
        then: ["InstanceStarted", "StepFailed end 0 no_money", "InstanceFailed end no_money"]
    ),
]

private let lateCases: [DecideCase] = [
    DecideCase(
        "a result of an older attempt is refused and recorded",
        oneCall,
        [
            .starts(.null), .fires("one#timeout1"), .fires("one#retry2"),
            .command(.completeStep(step: "one", attempt: 1, output: 1)),
        ],
        then: ["ResultRefused one 1"]
    ),
    DecideCase(
        "once",
        oneCall,
        [
            .starts(.null), .fires("one#timeout1"), .fires("one#retry2"),
            .command(.completeStep(step: "one", attempt: 1, output: 1)),
            .command(.completeStep(step: "one", attempt: 1, output: 2)),
        ],
        then: ["Rejection stale"]
    ),
    DecideCase(
        "a result between two attempts is refused too",
        oneCall,
        [
            .starts(.null), .fires("one#timeout1"),
            .command(.completeStep(step: "one", attempt: 1, output: 1)),
        ],
        then: ["ResultRefused one 1"]
    ),
    DecideCase(
        "a repeated result is nothing new",
        twoCalls,
        [.starts(.null), .succeeds("one", 1), .succeeds("one", 1)],
        then: ["Rejection stale"]
    ),
    DecideCase(
        "a repeated failure is nothing new",
        oneCall,
        [.starts(.null), .fails("one", .passing()), .fails("one", .passing())],
        then: ["Rejection stale"]
    ),
    DecideCase(
        "another result of the same attempt is recorded",
        twoCalls,
        [.starts(.null), .succeeds("one", 1), .succeeds("one", 2)],
        then: ["ResultRefused one 1"]
    ),
    DecideCase(
        "a result of an attempt that never was",
        twoCalls,
        [.starts(.null), .command(.completeStep(step: "one", attempt: 2, output: 1))],
        then: ["Rejection stale"]
    ),
    DecideCase(
        "a result after the end is recorded",
        oneCall,
        [.starts(.null), .begins("one"), .cancels("no need"), .succeeds("one", 1)],
        then: ["ResultRefused one 1"]
    ),
    DecideCase(
        "and only once",
        oneCall,
        [
            .starts(.null), .begins("one"), .cancels("no need"), .succeeds("one", 1),
            .succeeds("one", 1),
        ],
        then: ["Rejection ended"]
    ),
    DecideCase(
        "a call that a stop has left behind",
        """
        - name: both
          parallel:
            - {name: left, steps: [{name: one, action: a.b}, {name: end, stop: {}}]}
            - {name: right, steps: [{name: two, action: a.b}]}
        """,
        [.starts(.null), .succeeds("both.left.one", .null), .succeeds("both.right.two", 1)],
        then: ["ResultRefused both.right.two 1"]
    ),
]

private let cancelCases: [DecideCase] = [
    DecideCase(
        "cancel ends timers, then the instance",
        "- {name: pause, wait: {for: 1h}}",
        [.starts(.null), .cancels("the client said so")],
        then: ["TimerCancelled pause#wait", "InstanceCancelled"]
    ),
    DecideCase(
        "a paused instance can be cancelled",
        oneCall,
        [.starts(.null), .fails("one", .lasting("no")), .cancels("enough")],
        then: ["InstanceCancelled"]
    ),
    DecideCase(
        "what has ended stays so",
        oneCall,
        [.starts(.null), .cancels("a"), .cancels("b")],
        then: ["Rejection ended"]
    ),
    DecideCase(
        "no timer of an ended instance fires",
        "- {name: pause, wait: {for: 1h}}",
        [.starts(.null), .cancels("a"), .fires("pause#wait")],
        then: ["Rejection ended"]
    ),
]
