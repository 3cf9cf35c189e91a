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
}
