import DaybookTestKit
import EventModel
import Testing
import WorkflowEngine

@Suite struct RetryPolicyTests {
    private static let instance = EventID(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_0001)

    private func pause(
        _ policy: RetryPolicy,
        made: Int,
        after failure: ActionFailure = .passing(),
        step: String = "one",
        instance: EventID = RetryPolicyTests.instance
    ) -> Duration {
        policy.pause(
            after: failure,
            attemptsMade: made,
            attempt: made,
            step: step,
            instance: instance
        )
    }

    @Test func growsByTheBackoffUpToTheLongestPause() {
        let policy = RetryPolicy(attemptsMax: 9, jitter: 0, delayMax: .seconds(10))
        let pauses = (1...6).map { pause(policy, made: $0) }
        #expect(pauses == [1, 2, 4, 8, 10, 10].map { .seconds($0) })
    }

    @Test func waitsAtLeastAsLongAsTheOtherSideAsks() {
        let asked = ActionFailure(
            code: "rate_limited",
            message: "slow down",
            isRetryable: true,
            retryAfter: .milliseconds(30_001)
        )
        let policy = RetryPolicy(jitter: 0, delayMax: .seconds(10))
        #expect(pause(policy, made: 1, after: asked) == .milliseconds(30_001))
        #expect(
            pause(RetryPolicy(delay: .seconds(60), jitter: 0), made: 1, after: asked)
                == .seconds(60)
        )
    }

    @Test func drawsTheSameLotAgainAndOthersForOthers() {
        let policy = RetryPolicy(delay: .seconds(1_000), jitter: 1, delayMax: .seconds(1_000))
        let other = EventID(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_0002)
        let pauses = [
            pause(policy, made: 1), pause(policy, made: 2), pause(policy, made: 1, step: "two"),
            pause(policy, made: 1, instance: other),
        ]
        #expect(pause(policy, made: 1) == pauses[0])
        #expect(Set(pauses).count == 4)
        #expect(pauses.allSatisfy { $0 >= .seconds(1_000) && $0 < .seconds(2_000) })
    }

    @Test(arguments: [
        (ActionFailure.passing("timeout"), 1, true), (.passing("timeout"), 3, false),
        (.passing("unavailable"), 1, false), (.lasting("timeout"), 1, false),
    ])
    func retriesOnlyNamedPassingFailures(_ failure: ActionFailure, _ made: Int, _ allowed: Bool) {
        let policy = RetryPolicy(attemptsMax: 3, codes: ["timeout"])
        #expect(policy.allows(failure, attemptsMade: made) == allowed)
    }
}
