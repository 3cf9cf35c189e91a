import EventModel

/// A regular expression in the syntax of RE2, for modules beside the expression language.
///
/// Matching takes time linear in the text, whatever the pattern, and is paid for in steps.
public struct TextPattern: Sendable {
    /// The pattern's text.
    public let source: String
    private let pattern: Pattern

    /// Compiles a pattern.
    ///
    /// - Throws: what is wrong with it, with the place in it in the message; also that it is too big.
    public init(_ source: String) throws(CELError) {
        self.source = source
        do throws(Fault) {
            pattern = try Pattern(source)
        } catch {
            throw error.error(in: source)
        }
    }

    /// Whether the pattern matches some part of a text.
    ///
    /// - Parameters:
    ///   - text: what is searched.
    ///   - steps: what may still be spent; a step pays for a character and about a dozen states.
    /// - Returns: nil if the steps did not suffice.
    public func matches(_ text: String, steps: inout Int) -> Bool? {
        var context = Context(
            variables: [:],
            limits: EvaluationLimits(stepsMax: steps),
            slots: 0
        )
        defer { steps = context.stepsLeft }
        return try? pattern.matches(text, &context)
    }
}
