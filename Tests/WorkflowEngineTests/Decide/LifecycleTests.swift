import DaybookTestKit
import EventModel
import Testing
import WorkflowEngine

/// What people can do with an instance, and what waits before it begins.
@Suite struct LifecycleTests {
    @Test(arguments: suspensionCases + skipCases)
    func lives(_ example: DecideCase) throws {
        var specification = try DecideCase.specification(example.steps)
        #expect(specification.play(example.moves) == example.then)
        #expect(specification.refolded.digest == specification.state.digest)
        #expect(try InstanceState(value: specification.state.value) == specification.state)
    }

    private let steps = """
        - {name: first, set: {x: "{{ input.x }}"}}
        - {name: one, action: a.b, with: {x: "{{ vars.x }}"}}
        - {name: two, action: a.b, with: {x: "{{ vars.x + steps.one }}"}, retry: {attempts: 1}}
        - {name: three, fail: {code: no}}
        """

    /// The state after so many of the events.
    private func state(_ specification: Specification, after count: Int) -> InstanceState {
        var state = InstanceState.initial
        for (event, instant) in specification.history.prefix(count) {
            state.evolve(event, recordedAt: instant)
        }
        return state
    }

    @Test func goesBackToAnEarlierEventByAppending() throws {
        var specification = try DecideCase.specification(steps)
        _ = specification.play([.starts(["x": 1]), .succeeds("one", 10), .succeeds("two", 1)])
        #expect(specification.state.status == .failed)
        let base = state(specification, after: 4)
        #expect(base.openSteps.map(\.step) == ["one"])
        let reset = InstanceCommand.Reset(
            count: 4,
            base: base,
            reason: "wrong data",
            variables: ["x": 5]
        )
        let events = specification.play([.command(.reset(reset))])
        #expect(events == ["InstanceReset 4", "StepScheduled one 2", "TimerSet one#timeout2"])
        #expect(specification.state.status == .running)
        // The call is repeated as it was; what comes later sees what was changed.
        #expect(specification.state.openSteps.first?.input == ["x": 1])
        let late = InstanceCommand.completeStep(step: "one", attempt: 1, output: 99)
        #expect(specification.play([.command(late)]) == ["ResultRefused one 1"])
        _ = specification.play([.succeeds("one", 20)])
        #expect(specification.state.openSteps.first?.input == ["x": 25])
        // An attempt that was made after the event counts, too.
        #expect(specification.state.openSteps.first?.attempt == 2)
        #expect(specification.refolded.digest == specification.state.digest)
    }

    /// A return must not forget what has to be undone.
    @Test func nobodyGoesBackBehindWhatHasToBeUndone() throws {
        let steps = """
            - {name: one, action: a.b}
            - {name: book, action: a.b, compensate: [{name: release, action: a.c}]}
            - {name: two, action: a.b}
            """
        var specification = try DecideCase.specification(steps)
        _ = specification.play([.starts(.null)])
        let before = specification.history.count
        _ = specification.play([.succeeds("one", 1), .succeeds("book", 1)])
        let after = specification.history.count
        #expect(specification.state.compensations.map(\.step) == ["book"])
        func reset(_ count: Int) -> InstanceCommand {
            let base = state(specification, after: count)
            return .reset(InstanceCommand.Reset(count: count, base: base, reason: "r"))
        }
        #expect(specification.play([.command(reset(before))]) == ["Rejection wrong_status"])
        let events = specification.play([.command(reset(after))])
        #expect(events.first == "InstanceReset \(after)")
        #expect(specification.state.compensations.map(\.step) == ["book"])
    }

    @Test func nobodyGoesBackToWhereNothingWentOn() throws {
        var specification = try DecideCase.specification(steps)
        _ = specification.play([.starts(["x": 1]), .succeeds("one", 10), .succeeds("two", 1)])
        for count in [0, specification.history.count] {
            let base = state(specification, after: count)
            let reset = InstanceCommand.Reset(count: count, base: base, reason: "r")
            #expect(specification.play([.command(.reset(reset))]) == ["Rejection wrong_status"])
        }
    }

    @Test func aForkIsAnInstanceOfItsOwn() throws {
        var original = try DecideCase.specification(steps)
        _ = original.play([.starts(["x": 1]), .succeeds("one", 10)])
        let base = state(original, after: 6)
        var fork = Specification(
            original.definition,
            instance: EventID(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_0009)
        )
        let command = InstanceCommand.fork(
            InstanceCommand.Fork(
                start: InstanceCommand.Start(
                    workflow: "small",
                    definition: original.definition.hash,
                    input: ["x": 7],
                    entity: nil,
                    trigger: ["kind": "fork", "instance": .string(original.instance.text)]
                ),
                reset: InstanceCommand.Reset(
                    count: 6,
                    base: base,
                    reason: "what if",
                    input: ["x": 7]
                )
            )
        )
        let events = fork.play([.command(command)])
        // The event lies in the middle of a decision; what followed it follows here, too.
        #expect(
            events == [
                "InstanceStarted", "InstanceReset 6", "StepScheduled two 1",
                "TimerSet two#timeout1",
            ]
        )
        #expect(fork.state.trigger["kind"] == "fork" && fork.state.input == ["x": 7])
        #expect(fork.state.outputs["one"] == 10)
        let open = try #require(fork.state.openSteps.first)
        #expect(open.step == "two" && open.idempotencyKey.hasPrefix(fork.instance.text))
        #expect(fork.refolded.digest == fork.state.digest)
        #expect(fork.play([.command(command)]) == ["Rejection exists"])
    }

    @Test func movesToAVersionThatFits() throws {
        var specification = try DecideCase.specification("- {name: one, action: a.b}")
        _ = specification.play([.starts(.null)])
        func version(_ steps: String) throws -> WorkflowDefinition {
            let text = "workflow: small\nsteps:\n\(steps)\n"
            return try WorkflowDefinition.parse(text, file: "small.yaml", actions: nil)
        }
        let command = InstanceCommand.migrate(from: specification.definition, reason: "better")
        func decide(_ target: WorkflowDefinition) throws(Rejection) -> [InstanceEvent] {
            try InstanceDecider.decide(
                command,
                state: specification.state,
                instance: specification.instance,
                definition: target,
                at: specification.now
            )
        }
        let unfit = try version("- {name: one, wait: {for: 1h}}")
        #expect(throws: Rejection.self) { try decide(unfit) }
        let gone = try version("- {name: other, action: a.b}")
        #expect(throws: Rejection.self) { try decide(gone) }
        #expect(throws: Rejection.self) { try decide(specification.definition) }
        let longer = try version("- {name: one, action: a.b}\n- {name: two, action: a.b}")
        let events = try decide(longer)
        #expect(events.map(\.summary) == ["InstanceMigrated"])
        var state = specification.state
        for event in events { state.evolve(event, recordedAt: specification.now) }
        #expect(state.definition == longer.hash)
        let next = try InstanceDecider.decide(
            .completeStep(step: "one", attempt: 1, output: 1),
            state: state,
            instance: specification.instance,
            definition: longer,
            at: specification.now
        )
        #expect(next.map(\.summary).contains("StepScheduled two 1"))
    }

    @Test func waitsForItsTurnWithItsKeysWorkedOut() throws {
        let text = """
            workflow: small
            priority: high
            concurrency: {key: "{{ input.room }}", limit: 2, when_full: skip}
            rate_limit: {limit: 10, per: 1m}
            dedup: {key: "{{ input.id }}", window: 1h}
            steps: [{name: one, action: a.b}]
            """
        let definition = try WorkflowDefinition.parse(text, file: "small.yaml", actions: nil)
        var specification = Specification(definition)
        #expect(
            specification.play([.starts(["room": "Blue", "id": 7])]) == [
                "InstanceStarted", "InstanceQueued",
            ]
        )
        let admission = try #require(specification.state.admission)
        #expect(admission.concurrency?.key == "Blue" && admission.concurrency?.limit == 2)
        #expect(admission.concurrency?.whenFull == .skip && admission.priority == 1)
        #expect(admission.rate?.key == "" && admission.rate?.per == .seconds(60))
        #expect(admission.deduplication?.key == "7")
        #expect(specification.state.status == .queued)
        #expect(
            specification.play([.command(.admit)]) == [
                "InstanceAdmitted", "StepScheduled one 1", "TimerSet one#timeout1",
            ]
        )
        #expect(specification.state.admission?.isAdmitted == true)
        #expect(specification.play([.command(.admit)]) == ["Rejection wrong_status"])
        #expect(specification.refolded.digest == specification.state.digest)
    }

    @Test func failsInsteadOfPausingIfTheWorkflowSaysSo() throws {
        let text =
            "workflow: small\non_incident: fail\nsteps: [{name: one, action: a.b, retry: {attempts: 1}}]"
        let definition = try WorkflowDefinition.parse(text, file: "small.yaml", actions: nil)
        var specification = Specification(definition)
        let events = specification.play([.starts(.null), .fails("one", .lasting("no"))])
        #expect(events.last == "InstanceFailed one no")
    }
}

private let twoCalls =
    "- {name: one, action: a.b, retry: {attempts: 1}}\n- {name: two, action: a.b}"

private let suspensionCases: [DecideCase] = [
    DecideCase(
        "standing still takes results and begins nothing",
        twoCalls,
        [.starts(.null), .command(.suspend(reason: "lunch")), .succeeds("one", 1)],
        then: ["StepCompleted one 1", "TimerCancelled one#timeout1"]
    ),
    DecideCase(
        "going on begins what was held back",
        twoCalls,
        [.starts(.null), .command(.suspend(reason: "lunch")), .succeeds("one", 1), .resumes],
        then: ["InstanceContinued", "StepScheduled two 1", "TimerSet two#timeout1"]
    ),
    DecideCase(
        "a failure is held back, too",
        twoCalls,
        [
            .starts(.null), .command(.suspend(reason: "lunch")), .fails("one", .lasting("no")),
            .resumes,
        ],
        then: ["InstanceContinued", "InstancePaused one no"]
    ),
    DecideCase(
        "what was given up meanwhile does not go on",
        """
        - name: both
          parallel:
            - {name: l, steps: [{name: a, action: a.b, retry: {attempts: 1}}]}
            - {name: r, steps: [{name: b, action: a.b}, {name: c, action: a.b}]}
          on_failure: {then: continue}
        """,
        [
            .starts(.null), .command(.suspend(reason: "lunch")),
            .fails("both.l.a", .lasting("no")), .succeeds("both.r.b", 1), .resumes,
        ],
        then: [
            "InstanceContinued", "StepFailed both 0 no", "FallbackEntered both both.l.a",
            "StepCompleted both 0", "InstanceCompleted completed",
        ]
    ),
    DecideCase(
        "timers wait",
        twoCalls,
        [.starts(.null), .command(.suspend(reason: "lunch")), .fires("one#timeout1")],
        then: ["Rejection wrong_status"]
    ),
    DecideCase(
        "it can be cancelled as it stands",
        twoCalls,
        [.starts(.null), .command(.suspend(reason: "lunch")), .cancels("enough")],
        then: ["TimerCancelled one#timeout1", "InstanceCancelled"]
    ),
    DecideCase(
        "nobody stands still twice",
        twoCalls,
        [
            .starts(.null), .command(.suspend(reason: "lunch")),
            .command(.suspend(reason: "dinner")),
        ],
        then: ["Rejection wrong_status"]
    ),
]

private let skipCases: [DecideCase] = [
    DecideCase(
        "an incident is passed over",
        twoCalls,
        [
            .starts(.null), .fails("one", .lasting("no")),
            .command(.skip(step: "one", reason: "by hand", output: nil)),
        ],
        then: [
            "StepsAbandoned one", "StepSkipped one", "StepScheduled two 1",
            "TimerSet two#timeout1",
        ]
    ),
    DecideCase(
        "with an output, as if it had given that",
        "- {name: one, action: a.b}\n- {name: two, set: {x: \"{{ steps.one.n }}\"}}",
        [.starts(.null), .command(.skip(step: "one", reason: "by hand", output: ["n": 1]))],
        then: [
            "TimerCancelled one#timeout1", "StepsAbandoned one", "StepCompleted one 2",
            "StepCompleted two 0", "InstanceCompleted completed",
        ]
    ),
    DecideCase(
        "with all that is inside",
        "- {name: both, parallel: [{name: l, steps: [{name: a, action: a.b}]}, "
            + "{name: r, steps: [{name: b, wait: {for: 1h}}]}]}",
        [.starts(.null), .command(.skip(step: "both", reason: "by hand", output: nil))],
        then: [
            "TimerCancelled both.l.a#timeout1", "TimerCancelled both.r.b#wait",
            "StepsAbandoned both", "StepSkipped both", "InstanceCompleted completed",
        ]
    ),
    DecideCase(
        "what is over cannot be passed over",
        twoCalls,
        [
            .starts(.null), .succeeds("one", 1),
            .command(.skip(step: "one", reason: "by hand", output: nil)),
        ],
        then: ["Rejection wrong_status"]
    ),
]
