/// How big a workflow and its instances can get.
public enum WorkflowLimits {
    /// Steps of one workflow, those inside other steps counted.
    public static let stepsMax = 1_000
    /// How deep steps can lie in each other.
    public static let stepDepthMax = 16
    /// Branches of one `parallel`.
    public static let branchesMax = 100
    /// A step's, branch's or workflow's name, in bytes.
    public static let nameBytesMax = 64
    /// A step's path, in bytes.
    public static let pathBytesMax = 512
    /// Attempts of one step before it is given up.
    public static let attemptsMax: Int64 = 100
    /// The longest wait, delay or timeout that an author can write: ten years.
    public static let durationMax: Duration = .seconds(3_653 * 86_400)
    /// Events that one command can lead to.
    public static let eventsPerDecisionMax = 10_000
    /// Rounds of one `for_each`.
    public static let roundsMax = 10_000_000
    /// Rounds of one `for_each` that run side by side.
    public static let roundsAtOnceMax = 1_000
    /// What the rounds of one `for_each` can collect, in bytes of its encoding.
    public static let collectedBytesMax = 512 * 1_024
    /// Events after which a long loop goes on in a decision of its own.
    public static let eventsPerTurn = 1_000
    /// Signals that an instance keeps until a step waits for them.
    public static let signalsKeptMax = 1_000
    /// After so many seconds an instance that waits for its turn counts as one step of priority higher.
    public static let agingSeconds: Int64 = 300
}
