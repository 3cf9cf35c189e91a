/// How big schedules can get.
public enum ScheduleLimits {
    /// A cron expression, in bytes.
    public static let expressionBytesMax = 1024
    /// The shortest and the longest time between two ticks of `every`, in seconds; the longest is ten years.
    public static let everySeconds: ClosedRange<Int64> = 1...3_653 * 86_400
    /// The longest jitter: a day.
    public static let jitterMax: Duration = .seconds(86_400)
    /// Until so long after it is due a tick counts as on time; later ones are for `catch_up` to decide.
    public static let onTime: Duration = .seconds(60)
    /// How many missed ticks `catch_up: all` runs at the most, and the most that can be asked for.
    public static let caughtUp = 100
    public static let caughtUpMax = 1_000
    /// How old a missed tick may be to be caught up, if nothing else is said: a week.
    public static let catchUpWindow: Duration = .seconds(7 * 86_400)
    /// Ticks that wait for the instance before them; more are skipped.
    public static let queuedMax = 1_000
    /// Ticks that one command decides; the rest is decided by the next.
    public static let ticksPerDecision = 200
    /// Ticks that one backfill or one preview may name.
    public static let listedMax = 10_000
}
