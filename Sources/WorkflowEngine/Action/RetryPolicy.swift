public import EventModel

/// When and how often a failed attempt is made again.
public struct RetryPolicy: Sendable, Hashable {
    /// All attempts, the first counted; 1 means no retry.
    public var attemptsMax: Int
    /// The pause after the first failure.
    public var delay: Duration
    /// By how much each further pause is longer than the one before.
    public var backoff: Double
    /// The part of a pause that may be added to it by lot, 0 to 1.
    public var jitter: Double
    /// The longest pause before jitter.
    public var delayMax: Duration
    /// The failures that are tried again; empty if all retryable ones are.
    public var codes: [String]

    public init(
        attemptsMax: Int = 3,
        delay: Duration = .seconds(1),
        backoff: Double = 2,
        jitter: Double = 0.1,
        delayMax: Duration = .seconds(3_600),
        codes: [String] = []
    ) {
        self.attemptsMax = attemptsMax
        self.delay = delay
        self.backoff = backoff
        self.jitter = jitter
        self.delayMax = delayMax
        self.codes = codes
    }

    /// Whether another attempt follows.
    ///
    /// - Parameters:
    ///   - failure: how the latest attempt ended; one that is not retryable is never tried again.
    ///   - attemptsMade: how many attempts have been made since the step began or was resumed.
    public func allows(_ failure: ActionFailure, attemptsMade: Int) -> Bool {
        guard failure.isRetryable, attemptsMade < attemptsMax else { return false }
        return codes.isEmpty || codes.contains(failure.code)
    }

    /// How long to wait before the next attempt, in whole milliseconds.
    ///
    /// The lot is drawn from a digest of instance, step and attempt, so that a replay pauses as
    /// long as the original did, while instances that fail together do not come back together.
    public func pause(
        after failure: ActionFailure,
        attemptsMade: Int,
        attempt: Int,
        step: String,
        instance: EventID
    ) -> Duration {
        var milliseconds = delay.wholeMilliseconds
        let ceiling = delayMax.wholeMilliseconds
        for _ in 1..<max(1, attemptsMade) where milliseconds < ceiling { milliseconds *= backoff }
        milliseconds = min(milliseconds, ceiling)
        milliseconds +=
            milliseconds * jitter * lot(attempt: attempt, step: step, instance: instance)
        let asked = failure.retryAfter?.wholeMilliseconds ?? 0
        let longest = WorkflowLimits.durationMax.wholeMilliseconds
        return .milliseconds(Int64(min(max(milliseconds, asked, 0), longest).rounded(.up)))
    }

    // A number from 0 up to, not including, 1.
    private func lot(attempt: Int, step: String, instance: EventID) -> Double {
        let seed = instance.bytes + Array("\(step)#\(attempt)".utf8)
        var bits: UInt64 = 0
        for byte in Digest.sha256(seed).bytes.prefix(8) { bits = bits << 8 | UInt64(byte) }
        return Double(bits >> 11) / Double(1 << 53 as UInt64)
    }
}

extension Duration {
    /// The length in milliseconds, fractions of one rounded up.
    var wholeMilliseconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) * 1_000 + (Double(attoseconds) / 1e15).rounded(.up)
    }
}
