import EventModel

/// Which failed calls are made again, and when (Notion's rules for clients).
enum NotionRetry {
    enum Decision: Hashable {
        case giveUp
        /// Again after this long; `blocksAll` if every request of the token has to wait as well.
        case again(after: Duration, blocksAll: Bool)
    }

    private static let backoffBase = Duration.seconds(1)
    private static let backoffMax = Duration.seconds(60)

    /// Decides about a failure.
    ///
    /// - Parameters:
    ///   - error: what happened.
    ///   - isRepeatable: true for calls that change nothing when repeated.
    ///   - tries: how often the call was made, this one included.
    ///   - fraction: 0 to 1, derived from the call; spreads the retries of many callers.
    static func decide(
        _ error: NotionError,
        isRepeatable: Bool,
        tries: Int,
        fraction: Double,
        configuration: NotionConfiguration
    ) -> Decision {
        guard tries <= configuration.retriesMax, !error.isBlocked else { return .giveUp }
        if error.isRateLimit {
            // Refused before it was looked at, so even a write may be repeated.
            guard let asked = error.retryAfter else {
                return .again(after: backoff(tries, fraction), blocksAll: true)
            }
            guard asked <= configuration.waitMax else { return .giveUp }
            let isOneEndpoint = error.reason == "public_api_endpoint_rate_limit"
            return .again(
                after: asked + .milliseconds(Int64(fraction * 1000)),
                blocksAll: !isOneEndpoint
            )
        }
        if error.code == .cannotConnect {
            return .again(after: backoff(tries, fraction), blocksAll: false)
        }
        guard isRepeatable, error.isTransient || error.status == 409 else { return .giveUp }
        return .again(after: backoff(tries, fraction), blocksAll: false)
    }

    /// A number from 0 to 1 that is the same for the same name.
    static func fraction(of name: String) -> Double {
        let bytes = Digest.sha256(name.utf8).bytes.prefix(4)
        let number = bytes.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        return Double(number) / Double(UInt32.max)
    }

    /// `base · 2^(tries − 1) · (0.5 … 1.5)`, at most a minute.
    private static func backoff(_ tries: Int, _ fraction: Double) -> Duration {
        let doubled = backoffBase * (1 << min(tries - 1, 10))
        return min(doubled * (0.5 + fraction), backoffMax)
    }
}
