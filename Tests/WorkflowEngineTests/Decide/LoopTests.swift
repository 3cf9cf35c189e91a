import DaybookTestKit
import EventModel
import Testing
import WorkflowEngine

@Suite struct LoopTests {
    @Test(arguments: loopCases + joinCases)
    func loops(_ example: DecideCase) throws {
        var specification = try DecideCase.specification(example.steps)
        #expect(specification.play(example.moves) == example.then)
        #expect(specification.refolded.digest == specification.state.digest)
        #expect(try InstanceState(value: specification.state.value) == specification.state)
    }

    @Test func givesWhatEachRoundCollectsInTheOrderOfTheItems() throws {
        var specification = try DecideCase.specification(
            """
            - name: each
              for_each:
                items: "{{ input.people }}"
                as: person
                concurrency: 3
                collect: "{{ person + ':' + string(steps.call) + ':' + string(round.total) }}"
                steps: [{name: call, action: a.b, with: {x: "{{ round.index }}"}}]
            - {name: after, set: {all: "{{ steps.each }}"}}
            """
        )
        _ = specification.play([.starts(["people": ["ana", "bor", "eva"]])])
        let open = specification.state.openSteps
        #expect(open.map(\.step) == ["each[0].call", "each[1].call", "each[2].call"])
        #expect(open.map(\.input) == [["x": 0], ["x": 1], ["x": 2]])
        #expect(open[1].idempotencyKey.hasSuffix("/each[1].call"))
        _ = specification.play([
            .succeeds("each[2].call", 3), .succeeds("each[0].call", 1),
            .succeeds("each[1].call", 2),
        ])
        #expect(specification.state.status == .completed)
        #expect(specification.state.variables["all"] == ["ana:1:3", "bor:2:3", "eva:3:3"])
        // What happened in a round is gone with it.
        #expect(specification.state.steps.keys.sorted() == ["after", "each"])
        #expect(specification.state.outputs["call"] == nil)
    }

    @Test func mapsAndNumbersAreGoneThroughToo() throws {
        var specification = try DecideCase.specification(
            """
            - name: pairs
              for_each:
                items: "{{ {'b': 2, 'a': 1} }}"
                collect: "{{ item.key + string(item.value) }}"
                steps: [{name: x, set: {seen: "{{ item.key }}"}}]
            - name: count
              for_each: {items: 4, limit: 3, collect: "{{ item * 10 }}", steps: [{name: y, set: {z: 1}}]}
            """
        )
        _ = specification.play([.starts(.null)])
        #expect(specification.state.outputs["pairs"] == ["a1", "b2"])
        #expect(specification.state.outputs["count"] == [0, 10, 20])
    }

    @Test func aConditionIsLookedAtBeforeEachRound() throws {
        var specification = try DecideCase.specification(
            """
            - {name: begin, set: {page: 0}}
            - name: pages
              for_each:
                while: vars.page < 3 && round.index < 9
                collect: "{{ vars.page }}"
                steps: [{name: next_page, set: {page: "{{ vars.page + 1 }}"}}]
            """
        )
        _ = specification.play([.starts(.null)])
        #expect(specification.state.status == .completed)
        #expect(specification.state.outputs["pages"] == [1, 2, 3])
    }

    @Test func loopsInLoopsKnowAllItems() throws {
        var specification = try DecideCase.specification(
            """
            - name: outer
              for_each:
                items: [1, 2]
                as: x
                collect: "{{ steps.inner }}"
                steps:
                  - name: inner
                    for_each:
                      items: [10, 20]
                      as: y
                      collect: "{{ x + y + steps.base.b }}"
                      steps: [{name: base, set: {b: "{{ x * 100 }}"}}]
            """
        )
        _ = specification.play([.starts(.null)])
        #expect(specification.state.outputs["outer"] == [[111, 121], [212, 222]])
    }

    @Test func manyRoundsLeaveNoTrace() throws {
        var specification = try DecideCase.specification(
            "- {name: many, for_each: {items: 20000, steps: [{name: x, set: {n: \"{{ item }}\"}}]}}"
        )
        var state = InstanceState.initial
        var count = 0
        var largest = 0
        func take(_ events: [InstanceEvent], _ now: Timestamp) {
            for event in events { state.evolve(event, recordedAt: now) }
            count += events.count
            largest = max(largest, state.steps.count + state.loops.count + state.timers.count)
        }
        var command = specification.startCommand(.null)
        while !state.status.isEnded {
            let events = try InstanceDecider.decide(
                command,
                state: state,
                instance: specification.instance,
                definition: specification.definition,
                at: specification.now
            )
            // No decision holds up others for long.
            #expect(events.count <= WorkflowLimits.eventsPerTurn + 10)
            take(events, specification.now)
            if let timer = state.waitingTimers.first {
                command = .fireTimer(timer: timer.timer)
                specification.now = max(specification.now, timer.due)
            }
        }
        #expect(state.status == .completed)
        #expect(count > 60_000)
        #expect(largest < 10)
        #expect(state.variables["n"] == 19_999)
    }
}

private let each = """
    - name: each
      for_each: {items: [1, 2], fail_fast: false, steps: [{name: call, action: a.b, retry: {attempts: 1}}]}
    """

private let loopCases: [DecideCase] = [
    DecideCase(
        "rounds run one after the other unless more may run",
        "- {name: each, for_each: {items: [1, 2], steps: [{name: call, action: a.b}]}}",
        [.starts(.null), .succeeds("each[0].call", 1)],
        then: [
            "StepCompleted each[0].call 1", "TimerCancelled each[0].call#timeout1",
            "RoundEnded each 0", "RoundStarted each 1", "StepScheduled each[1].call 1",
            "TimerSet each[1].call#timeout1",
        ]
    ),
    DecideCase(
        "no items, no rounds",
        "- {name: each, for_each: {items: [], collect: 1, steps: [{name: call, action: a.b}]}}",
        [.starts(.null)],
        then: [
            "InstanceStarted", "LoopStarted each", "StepCompleted each 0",
            "InstanceCompleted completed",
        ]
    ),
    DecideCase(
        "what cannot be gone through is a failure",
        "- {name: each, for_each: {items: abc, steps: [{name: call, action: a.b}]}}",
        [.starts(.null)],
        then: [
            "InstanceStarted", "StepFailed each 0 expression_error",
            "InstancePaused each expression_error",
        ]
    ),
    DecideCase(
        "a failed round is an incident like any other",
        "- {name: each, for_each: {items: [1], steps: [{name: call, action: a.b}]}}",
        [.starts(.null), .fails("each[0].call", .lasting("no"))],
        then: [
            "StepFailed each[0].call 1 no", "TimerCancelled each[0].call#timeout1",
            "InstancePaused each[0].call no",
        ]
    ),
    DecideCase(
        "after an incident the round goes on",
        "- {name: each, for_each: {items: [1], steps: [{name: call, action: a.b}]}}",
        [
            .starts(.null), .fails("each[0].call", .lasting("no")), .resumes,
            .succeeds("each[0].call", 1),
        ],
        then: [
            "StepCompleted each[0].call 2", "TimerCancelled each[0].call#timeout2",
            "RoundEnded each 0", "StepCompleted each 0", "InstanceCompleted completed",
        ]
    ),
    DecideCase(
        "failed rounds let the others go on if told so",
        each,
        [.starts(.null), .fails("each[0].call", .lasting("no"))],
        then: [
            "StepFailed each[0].call 1 no", "TimerCancelled each[0].call#timeout1",
            "RoundFailed each 0 each[0].call", "RoundStarted each 1",
            "StepScheduled each[1].call 1", "TimerSet each[1].call#timeout1",
        ]
    ),
    DecideCase(
        "and then the loop fails at its end",
        each,
        [
            .starts(.null), .fails("each[0].call", .lasting("no")),
            .succeeds("each[1].call", 1),
        ],
        then: [
            "StepCompleted each[1].call 1", "TimerCancelled each[1].call#timeout1",
            "RoundEnded each 1", "StepFailed each 0 rounds_failed",
            "InstancePaused each rounds_failed",
        ]
    ),
    DecideCase(
        "a condition that never ends is a failure",
        "- {name: on, for_each: {while: true, limit: 2, steps: [{name: x, set: {y: 1}}]}}",
        [.starts(.null)],
        then: [
            "InstanceStarted", "LoopStarted on", "RoundStarted on 0",
            "StepCompleted on[0].x 0", "RoundEnded on 0", "RoundStarted on 1",
            "StepCompleted on[1].x 0", "RoundEnded on 1", "StepFailed on 0 loop_limit",
            "InstancePaused on loop_limit",
        ]
    ),
    DecideCase(
        "a loop's time is up, and all that is inside is given up",
        "- {name: each, timeout: 5s, for_each: {items: [1], steps: [{name: call, action: a.b}]}}",
        [.starts(.null), .fires("each#timeout")],
        then: [
            "TimerFired each#timeout", "StepFailed each 0 timeout",
            "TimerCancelled each[0].call#timeout1", "InstancePaused each timeout",
        ]
    ),
    DecideCase(
        "the result of a round that is over is refused",
        "- {name: each, for_each: {items: [1, 2], steps: [{name: call, action: a.b}]}}",
        [
            .starts(.null), .succeeds("each[0].call", 1),
            .command(.completeStep(step: "each[0].call", attempt: 1, output: 1)),
        ],
        then: ["Rejection stale"]
    ),
]

private let any = """
    - name: both
      join: any
      parallel:
        - {name: l, steps: [{name: a, action: a.b, retry: {attempts: 1}}]}
        - {name: r, steps: [{name: b, action: a.b, retry: {attempts: 1}}]}
    """

private let joinCases: [DecideCase] = [
    DecideCase(
        "any: the first branch ends the step and the others are given up",
        any,
        [.starts(.null), .succeeds("both.r.b", 1)],
        then: [
            "StepCompleted both.r.b 1", "TimerCancelled both.r.b#timeout1",
            "TimerCancelled both.l.a#timeout1", "StepsAbandoned both", "StepCompleted both 0",
            "InstanceCompleted completed",
        ]
    ),
    DecideCase(
        "any: a branch that fails leaves it to the others",
        any,
        [.starts(.null), .fails("both.r.b", .lasting("no"))],
        then: [
            "StepFailed both.r.b 1 no", "TimerCancelled both.r.b#timeout1",
            "BranchFailed both r both.r.b",
        ]
    ),
    DecideCase(
        "any: when none is left the step fails with the last failure",
        any,
        [
            .starts(.null), .fails("both.r.b", .lasting("no")),
            .fails("both.l.a", .lasting("never")),
        ],
        then: [
            "StepFailed both.l.a 1 never", "TimerCancelled both.l.a#timeout1",
            "BranchFailed both l both.l.a", "StepFailed both 0 never",
            "InstancePaused both never",
        ]
    ),
    DecideCase(
        "any: the late result of a branch that was given up is refused",
        any,
        [
            .starts(.null), .succeeds("both.r.b", 1),
            .command(.completeStep(step: "both.l.a", attempt: 1, output: 1)),
        ],
        then: ["ResultRefused both.l.a 1"]
    ),
    DecideCase(
        "not failing fast, the others come to their end first",
        """
        - name: both
          fail_fast: false
          parallel:
            - {name: l, steps: [{name: a, action: a.b, retry: {attempts: 1}}]}
            - {name: r, steps: [{name: b, action: a.b, retry: {attempts: 1}}]}
        """,
        [
            .starts(.null), .fails("both.l.a", .lasting("no")), .succeeds("both.r.b", 1),
        ],
        then: [
            "StepCompleted both.r.b 1", "TimerCancelled both.r.b#timeout1",
            "StepFailed both 0 no", "InstancePaused both no",
        ]
    ),
]
