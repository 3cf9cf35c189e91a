/// How big a schema and a validation can get.
public enum JSONSchemaLimits {
    /// How deep subschemas can lie in each other in a document.
    public static let depthMax = 128
    /// Subschemas of a compiled schema, those of the documents it refers to counted.
    public static let nodesMax = 50_000
    /// Subschemas that are applied inside each other at once: a reference that goes round without
    /// going into the instance ends here.
    ///
    /// All levels together take less than 4 MiB of stack in a debug build.
    public static let nestingMax = 600
    /// Steps of one validation: about one a keyword, an element that is compared, and a character
    /// that a pattern reads.
    public static let stepsMax = 1_000_000
    /// Violations that one validation reports.
    public static let violationsMax = 100
    /// Mistakes of a schema that are reported.
    public static let mistakesMax = 100
}
