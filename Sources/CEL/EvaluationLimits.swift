/// What an expression may cost.
public struct EvaluationLimits: Sendable, Hashable {
    /// Steps of evaluation, each about one operator, call or element.
    public var stepsMax: Int
    /// Elements of a list or map and bytes of a text that an expression may build.
    public var sizeMax: Int

    /// Limits that no sensible expression reaches: some milliseconds and some megabytes.
    public init(stepsMax: Int = 100_000, sizeMax: Int = 1 << 20) {
        self.stepsMax = stepsMax
        self.sizeMax = sizeMax
    }
}
