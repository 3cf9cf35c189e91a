import EventModel

/// What must be free before an instance begins, as its workflow says, worked out when it came.
public struct AdmissionState: Sendable, Hashable {
    /// What happens to an instance for which there is no place.
    public enum WhenFull: String, Sendable, Hashable, CaseIterable {
        /// It waits.
        case queue
        /// It is cancelled.
        case skip
        /// The one that runs is cancelled.
        case cancel
        /// Of those that wait only the newest stays.
        case replace
    }

    /// How many of a kind may run at once.
    public struct Concurrency: Sendable, Hashable {
        public var key: String
        public var limit: Int
        public var whenFull: WhenFull

        public init(key: String, limit: Int, whenFull: WhenFull) {
            self.key = key
            self.limit = limit
            self.whenFull = whenFull
        }
    }

    /// How many of a kind may begin in a length of time.
    public struct Rate: Sendable, Hashable {
        public var key: String
        public var limit: Int
        public var per: Duration

        public init(key: String, limit: Int, per: Duration) {
            self.key = key
            self.limit = limit
            self.per = per
        }
    }

    /// Within which length of time a second one of a kind is the same again.
    public struct Deduplication: Sendable, Hashable {
        public var key: String
        public var window: Duration

        public init(key: String, window: Duration) {
            self.key = key
            self.window = window
        }
    }

    public var concurrency: Concurrency?
    public var rate: Rate?
    public var deduplication: Deduplication?
    /// Higher begins first; who waits rises, see ``WorkflowLimits/agingSeconds``.
    public var priority: Int
    /// Whether it has begun.
    public var isAdmitted: Bool

    public init(
        concurrency: Concurrency? = nil,
        rate: Rate? = nil,
        deduplication: Deduplication? = nil,
        priority: Int = 0,
        isAdmitted: Bool = false
    ) {
        self.concurrency = concurrency
        self.rate = rate
        self.deduplication = deduplication
        self.priority = priority
        self.isAdmitted = isAdmitted
    }
}
