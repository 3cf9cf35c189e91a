/// What happens to fixed times of day when the clocks are changed.
///
/// Expressions that follow the running clock (a star in the minute or hour) know no such times: a
/// reading that is skipped does not come, one that is repeated comes twice.
public struct DaylightSaving: Sendable, Hashable {
    /// What becomes of times that the clock skips.
    public enum Skipped: String, Sendable, Hashable, CaseIterable {
        /// They run once, at the first minute after the gap.
        case runAfter = "run_after"
        /// They do not run that day; the tick is decided as skipped.
        case skip
    }

    /// What becomes of times that the clock shows twice.
    public enum Repeated: String, Sendable, Hashable, CaseIterable {
        case first, second, both
    }

    public var skipped: Skipped
    public var repeated: Repeated

    public init(skipped: Skipped = .runAfter, repeated: Repeated = .first) {
        self.skipped = skipped
        self.repeated = repeated
    }

    /// Debian cron's rule.
    public static let standard = DaylightSaving()
}
