public import EventModel

/// When a workflow is started by itself, and what is done when that cannot be kept to.
public struct ScheduleDefinition: Sendable, Hashable {
    /// When it is due.
    public enum Timing: Sendable, Hashable {
        case cron(CronExpression)
        /// An exact length of time, counted from `start`, or from 1970-01-01T00:00:00Z without one.
        case every(Duration)
    }

    /// What happens to a tick while an instance that the schedule started still runs.
    public enum Overlap: String, Sendable, Hashable, CaseIterable {
        /// The tick is skipped.
        case skip
        /// The tick waits until the instance has ended; several wait in their order.
        case queue
        /// Another instance is started beside it.
        case allow
        /// The instance that runs is cancelled, and another is started.
        case cancel
    }

    /// What happens to ticks that passed while nobody could decide them.
    public struct CatchUp: Sendable, Hashable {
        /// Which of them run.
        public enum Mode: String, Sendable, Hashable, CaseIterable {
            case none, last, all
        }

        public var mode: Mode
        /// How many of them run at the most: the newest.
        public var limit: Int
        /// Older ones never run.
        public var window: Duration

        public init(
            _ mode: Mode,
            limit: Int = ScheduleLimits.caughtUp,
            window: Duration = ScheduleLimits.catchUpWindow
        ) {
            self.mode = mode
            self.limit = limit
            self.window = window
        }
    }

    public var timing: Timing
    /// The IANA name of the zone whose wall clock a cron expression is read on.
    public var timeZone: String
    public var overlap: Overlap
    public var catchUp: CatchUp
    public var daylightSaving: DaylightSaving
    /// Each tick runs up to so much later, always the same for the same tick.
    public var jitter: Duration
    /// The first instant at which it may be due.
    public var start: Timestamp?
    /// The instant from which on it is not due any more.
    public var end: Timestamp?
    /// Whether it begins paused: its ticks are decided as skipped until somebody resumes it.
    public var isPaused: Bool
    /// What its instances begin with.
    public var input: Value

    public init(
        _ timing: Timing,
        timeZone: String = "UTC",
        overlap: Overlap = .skip,
        catchUp: CatchUp = CatchUp(.last),
        daylightSaving: DaylightSaving = .standard,
        jitter: Duration = .zero,
        start: Timestamp? = nil,
        end: Timestamp? = nil,
        isPaused: Bool = false,
        input: Value = .map(ValueMap())
    ) {
        self.timing = timing
        self.timeZone = timeZone
        self.overlap = overlap
        self.catchUp = catchUp
        self.daylightSaving = daylightSaving
        self.jitter = jitter
        self.start = start
        self.end = end
        self.isPaused = isPaused
        self.input = input
    }

    /// The schedule in words that a person reads: `0 9 * * 1 in Europe/Berlin`, `every 5m`.
    public var summary: String {
        switch timing {
        case .cron(let expression): "\(expression.source) in \(timeZone)"
        case .every(let length): "every \(DurationText.short(length))"
        }
    }
}
