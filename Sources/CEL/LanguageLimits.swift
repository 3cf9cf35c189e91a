/// How big an expression and what it needs can get, whatever an evaluation may cost.
public enum LanguageLimits {
    /// The source of an expression, in Unicode scalars.
    public static let sourceScalarsMax = 65_536
    /// How deep an expression's parts can lie in each other.
    ///
    /// Parsing and evaluation recurse once a level. All levels together take less than 1 MiB of stack
    /// in a release build and less than 4 MiB in a debug build.
    public static let depthMax = 250
    /// Mistakes that one check of an expression reports.
    static let mistakesMax = 100
    /// The upper bound of a counted repetition in a regular expression, as in RE2.
    static let regexRepeatMax = 1000
    /// The instructions of a compiled regular expression.
    static let regexInstructionsMax = 20_000
    /// The nesting of groups in a regular expression.
    static let regexDepthMax = 100
    /// Bytes of text that one step of the budget pays for.
    static let bytesPerStep = 64
    /// How many business days can be added to a time at once.
    static let businessDaysMax = 10_000
    /// Digits after the point that a format clause can ask for.
    static let formatPrecisionMax = 1000
}
