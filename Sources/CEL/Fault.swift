import EventModel

/// A mistake on its way to become a `CELError`, which also knows the source.
struct Fault: Error {
    var code: CELError.Code
    var message: String
    /// Where it is in the source, or negative as long as only the caller knows.
    var offset: Int
    /// Where a missing name was looked for.
    ///
    /// The nearest name is sought only when the mistake is shown, because a mistake that `||`
    /// absorbs must stay cheap.
    var missing: Missing?

    struct Missing {
        var name: String
        var map: ValueMap
    }

    init(_ code: CELError.Code, _ message: String, offset: Int = -1) {
        self.code = code
        self.message = message
        self.offset = offset
    }

    /// An operator or function was given arguments that it has no version for; the node that called
    /// it knows its name and completes the message.
    static let overload = Fault(.noSuchOverload, "")

    /// This fault at the given place, unless it already has one.
    func at(_ offset: Int) -> Fault {
        guard self.offset < 0 else { return self }
        var result = self
        result.offset = offset
        return result
    }

    func error(in source: String) -> CELError {
        CELError(code, message + suggestion, source: source, offset: max(offset, 0))
    }

    private var suggestion: String {
        guard let missing, missing.map.count <= 100,
            let near = Suggestion.nearest(missing.name, among: missing.map.stringKeys)
        else { return "" }
        return "; did you mean '\(near)'?"
    }
}
