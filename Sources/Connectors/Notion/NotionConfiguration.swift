/// How to reach Notion, and how hard it may be asked.
public struct NotionConfiguration: Sendable, Hashable {
    /// Scheme and host, no slash at the end: `https://api.notion.com`, or a sandbox.
    public var baseURL: String
    /// The connection's token, `ntn_…`; it never appears in a message.
    public var token: String
    /// The `Notion-Version` header; this code speaks `2026-03-11`.
    public var version: String
    /// How many requests may leave in any 60 seconds: 180 for most plans, 600 for Business and
    /// Enterprise.
    public var requestsPerMinute: Int
    /// How many requests may be under way at once.
    public var requestsInFlightMax: Int
    /// For one exchange; Notion itself gives up after 60 seconds.
    public var requestTimeout: Duration
    /// How often a request that may be repeated is repeated after a failure of the server.
    public var retriesMax: Int
    /// A longer wait than this is handed to the caller as an error instead of being waited out.
    public var waitMax: Duration

    public init(
        baseURL: String = "https://api.notion.com",
        token: String,
        version: String = "2026-03-11",
        requestsPerMinute: Int = 180,
        requestsInFlightMax: Int = 8,
        requestTimeout: Duration = .seconds(65),
        retriesMax: Int = 3,
        waitMax: Duration = .seconds(90)
    ) {
        self.baseURL = baseURL
        self.token = token
        self.version = version
        self.requestsPerMinute = requestsPerMinute
        self.requestsInFlightMax = requestsInFlightMax
        self.requestTimeout = requestTimeout
        self.retriesMax = retriesMax
        self.waitMax = waitMax
    }
}

/// For whom a request is made; what somebody waits for goes first.
public enum NotionPriority: Int, Sendable, Hashable, CaseIterable {
    /// A step of a workflow waits for the answer.
    case action
    /// A projection's row goes out.
    case sink
    /// Daybook looks for changes.
    case poll

    /// How long a request may be overtaken: one that has waited longer goes before newer, more
    /// urgent ones, so nobody starves.
    var patience: Duration {
        switch self {
        case .action: .zero
        case .sink: .seconds(15)
        case .poll: .seconds(60)
        }
    }

    /// The share of the budget that these requests may use up, in percent.
    ///
    /// The rest stays free, so that an action need not wait out a minute that polling has spent.
    var budgetPercent: Int {
        switch self {
        case .action: 100
        case .sink: 90
        case .poll: 75
        }
    }
}
