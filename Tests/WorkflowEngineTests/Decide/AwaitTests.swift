import DaybookTestKit
import EventModel
import Testing
import WorkflowEngine

/// Waits for something outside, approvals and children.
@Suite struct AwaitTests {
    @Test(arguments: signalCases + approvalCases + childCases)
    func awaits(_ example: DecideCase) throws {
        var specification = try DecideCase.specification(example.steps)
        #expect(specification.play(example.moves) == example.then)
        #expect(specification.refolded.digest == specification.state.digest)
        #expect(try InstanceState(value: specification.state.value) == specification.state)
    }

    private static func delivery(_ data: Value) -> InstanceCommand {
        .deliver(
            InstanceCommand.Delivery(
                step: "paid",
                kind: .event,
                name: "PaymentReceived",
                word: nil,
                data: data,
                variables: ["event": ["type": "PaymentReceived"], "data": data],
                output: ["timed_out": false, "data": data]
            )
        )
    }

    @Test func takesTheEventThatMatchesAndNoOther() throws {
        var specification = try DecideCase.specification(
            """
            - name: paid
              wait:
                event: PaymentReceived
                match: {"order.id": "{{ input.order }}"}
                if: data.amount >= 100
                timeout: 2d
            - {name: after, set: {amount: "{{ steps.paid.data.amount }}"}}
            """
        )
        _ = specification.play([.starts(["order": 7])])
        let awaited = specification.state.awaitedEvents
        #expect(awaited.map(\.step) == ["paid"])
        #expect(awaited.first?.event.match == ["order.id": 7])
        let other: Value = ["order": ["id": 8], "amount": 200]
        let little: Value = ["order": ["id": 7], "amount": 5]
        let right: Value = ["order": ["id": 7], "amount": 200]
        for data in [other, little] {
            #expect(
                specification.play([.command(Self.delivery(data))]) == ["Rejection unneeded"]
            )
        }
        _ = specification.play([.command(Self.delivery(right))])
        #expect(specification.state.variables["amount"] == 200)
        #expect(specification.state.timers.isEmpty)
        #expect(specification.play([.command(Self.delivery(right))]) == ["Rejection ended"])
    }

    @Test func onlyThoseWhoAreAskedMayAnswer() throws {
        var specification = try DecideCase.specification(
            "- {name: gate, approval: {title: \"Book {{ input.room }}?\", who: [user:eva, lead]}}"
        )
        _ = specification.play([.starts(["room": "Blue"])])
        #expect(specification.play([.answers(.approved)]) == ["Rejection not_allowed"])
        let answer = InstanceCommand.Answer(
            step: "gate",
            outcome: .approved,
            comment: "fine",
            actor: "user:eva"
        )
        _ = specification.play([.command(.approve(answer))])
        let output = specification.state.outputs["gate"]
        #expect(output?["approved"] == true && output?["comment"] == "fine")
        #expect(output?["actor"] == "user:eva" && output?["timed_out"] == false)
        // What an approval gives is no variable.
        #expect(specification.state.variables.isEmpty)
    }

    @Test func theChildsEndIsTheStepsResult() throws {
        var specification = try DecideCase.specification(
            "- {name: sub, call: other, with: {n: \"{{ input.n }}\"}}\n"
                + "- {name: after, set: {got: \"{{ steps.sub.output.x }}\"}}"
        )
        let events = try specification.when(.starts(["n": 1]))
        guard case .childRequested(let request)? = events.last else {
            Issue.record("no child was requested")
            return
        }
        #expect(request.workflow == "other" && request.input == ["n": 1] && request.waits)
        #expect(request.child == .derived(from: specification.instance, "child/sub/1"))
        let end = InstanceCommand.ChildEnd(
            child: request.child,
            status: .completed,
            outcome: "completed",
            output: ["x": 5]
        )
        _ = specification.play([.command(.childEnded(end))])
        #expect(specification.state.status == .completed)
        #expect(specification.state.variables == ["got": 5])
        #expect(specification.play([.command(.childEnded(end))]) == ["Rejection ended"])
    }

    /// What a wait gives is no assignment, whether the signal came before the wait or after it began.
    @Test(arguments: [true, false])
    func aSignalChangesNoVariables(cameEarly: Bool) throws {
        let steps = """
            - {name: note, set: {name: kept, data: kept}}
            - {name: call, action: a.b}
            - {name: go, wait: {signal: go}}
            """
        var specification = try DecideCase.specification(steps)
        _ = specification.play([.starts(.null)])
        let signal = Specification.Move.signals("go", ["n": 2])
        _ = specification.play(
            cameEarly ? [signal, .succeeds("call", 1)] : [.succeeds("call", 1), signal]
        )
        #expect(specification.state.status == .completed)
        #expect(specification.state.variables == ["name": "kept", "data": "kept"])
        #expect(specification.refolded.digest == specification.state.digest)
    }
}

private let wait = """
    - {name: go, wait: {signal: go, if: data.n > 1, timeout: 1h, on_timeout: [{name: late, set: {l: 1}}]}}
    """

private let signalCases: [DecideCase] = [
    DecideCase(
        "a signal that is waited for goes to the step",
        wait,
        [.starts(.null), .signals("go", ["n": 2])],
        then: [
            "SignalReceived go", "StepCompleted go 0", "TimerCancelled go#deadline",
            "InstanceCompleted completed",
        ]
    ),
    DecideCase(
        "one that the condition does not want is kept",
        wait,
        [.starts(.null), .signals("go", ["n": 1])],
        then: ["SignalReceived go"]
    ),
    DecideCase(
        "one that came early is taken when the step begins",
        "- {name: call, action: a.b}\n" + wait,
        [.starts(.null), .signals("go", ["n": 1]), .signals("go", ["n": 2]), .succeeds("call", 1)],
        then: [
            "StepCompleted call 1", "TimerCancelled call#timeout1", "SignalTaken go",
            "StepCompleted go 0", "InstanceCompleted completed",
        ]
    ),
    DecideCase(
        "after the time is up something else is done",
        wait,
        [.starts(.null), .fires("go#deadline")],
        then: [
            "TimerFired go#deadline", "StepStarted go 0", "StepCompleted go.late 0",
            "StepCompleted go 0", "InstanceCompleted completed",
        ]
    ),
    DecideCase(
        "without something else it is a failure",
        "- {name: go, wait: {event: X, timeout: 1h}}",
        [.starts(.null), .fires("go#deadline")],
        then: [
            "TimerFired go#deadline", "StepFailed go 0 timeout", "InstancePaused go timeout",
        ]
    ),
]

private let gate = """
    - name: gate
      approval:
        title: Good?
        deadline: 3d
        reminders: [1d, 2d, 5d]
        on_rejected: [{name: sorry, action: a.b}]
        on_timeout: [{name: late, set: {l: 1}}]
    """

private let approvalCases: [DecideCase] = [
    DecideCase(
        "people are asked, and reminded until the deadline",
        gate,
        [.starts(.null)],
        then: [
            "InstanceStarted", "ApprovalRequested gate", "TimerSet gate#deadline",
            "TimerSet gate#reminder1", "TimerSet gate#reminder2",
        ]
    ),
    DecideCase(
        "a reminder is an event",
        gate,
        [.starts(.null), .fires("gate#reminder1"), .fires("gate#reminder2")],
        then: ["TimerFired gate#reminder2", "ApprovalReminded gate 2"]
    ),
    DecideCase(
        "a yes goes on",
        gate,
        [.starts(.null), .answers(.approved)],
        then: [
            "TimerCancelled gate#deadline", "TimerCancelled gate#reminder1",
            "TimerCancelled gate#reminder2", "ApprovalDecided gate approved",
            "StepCompleted gate 0", "InstanceCompleted completed",
        ]
    ),
    DecideCase(
        "a no does what is said for it, and then goes on",
        gate,
        [.starts(.null), .answers(.rejected), .succeeds("gate.sorry", 1)],
        then: [
            "StepCompleted gate.sorry 1", "TimerCancelled gate.sorry#timeout1",
            "StepCompleted gate 0", "InstanceCompleted completed",
        ]
    ),
    DecideCase(
        "an answer comes once",
        gate,
        [.starts(.null), .answers(.rejected), .answers(.approved)],
        then: ["Rejection stale"]
    ),
    DecideCase(
        "no answer in time",
        gate,
        [.starts(.null), .fires("gate#deadline")],
        then: [
            "TimerFired gate#deadline", "TimerCancelled gate#reminder1",
            "TimerCancelled gate#reminder2", "StepStarted gate 0", "StepCompleted gate.late 0",
            "StepCompleted gate 0", "InstanceCompleted completed",
        ]
    ),
]

private func ended(_ status: InstanceEvent.ChildEnd) -> Specification.Move {
    let instance = EventID(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_0001)
    return .command(
        .childEnded(
            InstanceCommand.ChildEnd(
                child: .derived(from: instance, "child/sub/1"),
                status: status,
                failure: status == .failed ? .lasting("broke") : nil
            )
        )
    )
}

private let childCases: [DecideCase] = [
    DecideCase(
        "a child that fails is a failure of the step",
        "- {name: sub, call: other, on_failure: {then: continue}}",
        [.starts(.null), ended(.failed)],
        then: [
            "ChildEnded sub failed", "StepFailed sub 1 child_failed", "FallbackEntered sub",
            "StepCompleted sub 0", "InstanceCompleted completed",
        ]
    ),
    DecideCase(
        "it is begun anew if the step says so",
        "- {name: sub, call: other, retry: {attempts: 2, delay: 1s}}",
        [.starts(.null), ended(.failed), .fires("sub#retry2")],
        then: ["TimerFired sub#retry2", "ChildRequested sub"]
    ),
    DecideCase(
        "a child that is not waited for is on its own",
        "- {name: sub, call: {workflow: other, wait: false}}",
        [.starts(.null)],
        then: [
            "InstanceStarted", "ChildRequested sub", "StepCompleted sub 1",
            "InstanceCompleted completed",
        ]
    ),
    DecideCase(
        "it ends with its parent",
        "- {name: sub, call: other}",
        [.starts(.null), .cancels("enough")],
        then: ["ChildCloseRequested sub", "InstanceCancelled"]
    ),
    DecideCase(
        "or is left alone",
        "- {name: sub, call: {workflow: other, when_parent_ends: abandon}}",
        [.starts(.null), .cancels("enough")],
        then: ["InstanceCancelled"]
    ),
    DecideCase(
        "it ends with the step that waits for it",
        "- {name: sub, call: other, timeout: 5s}",
        [.starts(.null), .fires("sub#timeout")],
        then: [
            "TimerFired sub#timeout", "ChildCloseRequested sub", "StepFailed sub 0 timeout",
            "InstancePaused sub timeout",
        ]
    ),
]
