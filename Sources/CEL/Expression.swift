import EventModel

/// What an expression may cost.
public struct EvaluationLimits: Sendable, Hashable {
    /// Steps of evaluation, each about one operator, call or element.
    public var stepsMax: Int
    /// Elements of a list or map and bytes of a text that an expression may build.
    public var sizeMax: Int

    public init(stepsMax: Int = 100_000, sizeMax: Int = 1 << 20) {
        self.stepsMax = stepsMax
        self.sizeMax = sizeMax
    }
}

/// Why an expression has no value.
public struct CELError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of mistake it is.
    public enum Code: String, Sendable, Hashable {
        case syntax
        case undeclaredReference = "undeclared_reference"
        case noSuchOverload = "no_such_overload"
        case noSuchKey = "no_such_key"
        case indexOutOfBounds = "index_out_of_bounds"
        case divisionByZero = "division_by_zero"
        case overflow
        case conversion
        case duplicateKey = "duplicate_key"
        case costLimit = "cost_limit"
        case invalidArgument = "invalid_argument"
    }

    public var code: Code
    public var message: String
    /// The expression's text.
    public var source: String
    /// Where the mistake begins: characters (Unicode scalars) from the start of the source.
    public var offset: Int

    public init(_ code: Code, _ message: String, source: String, offset: Int) {
        self.code = code
        self.message = message
        self.source = source
        self.offset = offset
    }
}

extension CELError {
    public var description: String { message }
}

/// An expression, read once and evaluated often.
public struct Expression: Sendable, Hashable {
    public let source: String
}
