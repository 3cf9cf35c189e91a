import EventModel
import Testing
import WorkflowEngine

@Suite struct InstanceEventCodecTests {
    private static let failure = ActionFailure(
        code: "rate_limited",
        message: "slow down",
        isRetryable: true,
        retryAfter: .milliseconds(1_500),
        details: ["left": 0]
    )
    private static let instant = Timestamp(seconds: 1_764_000_000, nanoseconds: 123_000_000)

    /// One event of every type, twice where a member can be missing.
    static let samples: [InstanceEvent] =
        [
            .instanceStarted(
                .init(
                    workflow: "w",
                    definition: .sha256([1]),
                    entity: "e",
                    input: ["a": 1],
                    trigger: .null
                )
            ),
            .instanceStarted(
                .init(workflow: "w", definition: .sha256([1]), input: .null, trigger: ["kind": "x"])
            ),
            .conditionEvaluated(.init(step: "a", expression: "true", result: true)),
            .stepScheduled(
                .init(
                    step: "a.b",
                    attempt: 2,
                    action: "x.y",
                    input: [1, "two"],
                    idempotencyKey: "k",
                    deadline: instant
                )
            ),
            .stepScheduled(
                .init(step: "a", attempt: 1, action: "x.y", input: .null, idempotencyKey: "k")
            ),
            .stepStarted(.init(step: "a", attempt: 1)),
            .stepCompleted(
                .init(
                    step: "a",
                    attempt: 0,
                    output: ["x": .timestamp(instant)],
                    isCompensable: true
                )
            ),
            .stepCompleted(.init(step: "a", attempt: 0, output: ["x": .timestamp(instant)])),
            .stepFailed(.init(step: "a", attempt: 1, failure: failure, willRetry: true)),
            .stepFailed(
                .init(
                    step: "a",
                    attempt: 1,
                    failure: ActionFailure(code: "c", message: "m", isRetryable: false),
                    willRetry: false
                )
            ),
            .stepSkipped(.init(step: "a", reason: "r")),
            .fallbackEntered(.init(step: "a", cause: "a.b", level: 2)),
            .fallbackEntered(.init(step: "a", cause: "a.b")),
            .timerSet(.init(timer: "a#wait", step: "a", purpose: .wait, due: instant)),
            .timerFired(.init(timer: "a#wait", step: "a")),
            .timerCancelled(.init(timer: "a#wait", step: "a")),
            .instanceCompleted(.init(output: .bytes([1, 2]), outcome: "completed")),
            .instanceFailed(.init(step: "a", failure: failure)),
            .instancePaused(.init(step: "a", failure: failure)),
            .instanceResumed(.init(step: "a")),
            .instanceCancelled(.init(reason: "r")),
            .resultRefused(.init(step: "a", attempt: 3, reason: "r")),
        ] + flowSamples + lifeSamples

    private static let child = EventID(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_0002)

    private static let flowSamples: [InstanceEvent] = [
        .loopStarted(.init(step: "a", items: [1, 2])),
        .roundStarted(.init(step: "a", round: 1)),
        .roundEnded(.init(step: "a", round: 1, output: 7)),
        .roundEnded(.init(step: "a", round: 1)),
        .roundFailed(.init(step: "a", round: 1, cause: "a[1].b", failure: failure)),
        .branchFailed(.init(step: "a", branch: "b", cause: "a.b.c", failure: failure)),
        .stepsAbandoned(.init(step: "a", reason: "r")),
        .eventAwaited(
            .init(
                step: "a",
                awaited: AwaitedEvent(
                    kind: .record,
                    name: "d",
                    words: ["updated"],
                    match: ["x.y": 1]
                )
            )
        ),
        .eventAwaited(.init(step: "a", awaited: AwaitedEvent(kind: .signal, name: "go"))),
        .approvalRequested(
            .init(step: "a", title: "t", text: "x", who: ["user:ana"], deadline: instant)
        ),
        .approvalRequested(.init(step: "a", title: "t", text: "", who: [], deadline: nil)),
        .approvalReminded(.init(step: "a", number: 1)),
        .approvalDecided(.init(step: "a", outcome: .rejected, comment: "no", actor: "user:ana")),
        .approvalDecided(.init(step: "a", outcome: .approved, actor: "user:ana")),
        .signalReceived(.init(name: "go", payload: 1, actor: "user:ana", step: "a")),
        .signalReceived(.init(name: "go", payload: .null, actor: "user:ana")),
        .signalTaken(.init(step: "a", index: 0)),
    ]

    private static let lifeSamples: [InstanceEvent] = [
        .childRequested(
            .init(
                step: "a",
                attempt: 1,
                child: child,
                workflow: "v",
                input: [:],
                waits: true,
                parentClose: .terminate
            )
        ),
        .childEnded(
            .init(
                step: "a",
                child: child,
                status: .failed,
                outcome: "o",
                output: 1,
                failure: failure
            )
        ),
        .childEnded(.init(step: "a", child: child, status: .completed)),
        .childCloseRequested(.init(step: "a", child: child, how: .cancel)),
        .stepHeard(.init(step: "a", attempt: 1, details: ["done": 3])),
        .stepHeard(.init(step: "a", attempt: 1)),
        .compensationStarted(.init(step: "a", failure: failure, reason: "both, for the members")),
        .compensationStarted(.init(reason: "r")),
        .compensationEntered(.init(step: "a")), .stepCompensated(.init(step: "a")),
        .instanceQueued(
            .init(
                admission: AdmissionState(
                    concurrency: .init(key: "k", limit: 2, whenFull: .replace),
                    rate: .init(key: "k", limit: 1, per: .seconds(60)),
                    deduplication: .init(key: "k", window: .seconds(9)),
                    priority: -1,
                    isAdmitted: true
                )
            )
        ),
        .instanceQueued(.init(admission: AdmissionState())), .instanceAdmitted(.init()),
        .instanceSuspended(.init(reason: "r")), .instanceContinued(.init()),
        .instanceTerminated(.init(reason: "r")),
        .instanceReset(.init(count: 3, reason: "r", state: InstanceState.initial.value)),
        .instanceMigrated(.init(definition: .sha256([1]), previous: .sha256([2]), reason: "r")),
    ]

    @Test(arguments: samples)
    func readsBackWhatItWrote(_ event: InstanceEvent) throws {
        let data = try Value(canonicalBytes: event.data.canonicalBytes)
        #expect(try InstanceEvent(type: event.type, data: data) == event)
    }

    @Test func samplesCoverEveryType() {
        let types = InstanceEvent.eventTypes.map(\.type)
        #expect(Set(InstanceEventCodecTests.samples.map(\.type)) == Set(types))
        #expect(Set(types).count == types.count)
    }

    private static let faults: [(type: String, data: Value, field: String)] = [
        ("StepMoved", [:], ""), ("StepStarted", "x", ""),
        ("StepStarted", ["attempt": 1], "step"),
        ("StepStarted", ["step": "a", "attempt": "1"], "attempt"),
        ("StepStarted", ["step": "a", "attempt": -1], "attempt"),
        ("StepStarted", ["step": "a", "attempt": 1, "more": 1], "more"),
        ("TimerSet", ["timer": "t", "step": "a", "purpose": "fun", "due": 1], "purpose"),
        ("TimerSet", ["timer": "t", "step": "a", "purpose": "wait", "due": 1], "due"),
        (
            "InstanceStarted", ["workflow": "w", "definition": "12", "input": 1, "trigger": 1],
            "definition"
        ),
        (
            "InstanceFailed", ["step": "a", "failure": ["code": "c", "message": 1]],
            "failure.message"
        ),
        ("InstanceFailed", ["step": "a"], "failure"),
    ]

    @Test(arguments: faults)
    func namesTheMemberAtFault(_ type: String, _ data: Value, _ field: String) {
        #expect {
            try InstanceEvent(type: type, data: data)
        } throws: { error in
            guard let error = error as? EventDataError else { return false }
            return error.type == type && error.field == field && !error.message.isEmpty
        }
    }
}
