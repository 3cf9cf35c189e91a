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

    /// What kind of mistake it is.
    public var code: Code
    /// What is wrong, in one sentence.
    public var message: String
    /// The expression's text.
    public var source: String
    /// Where the mistake begins: characters (Unicode scalars) from the start of the source.
    public var offset: Int

    /// Makes an error at a place of a source.
    public init(_ code: Code, _ message: String, source: String, offset: Int) {
        self.code = code
        self.message = message
        self.source = source
        self.offset = offset
    }
}

extension CELError {
    /// The message alone; `rendered` shows the place too.
    public var description: String { message }

    /// The line of the mistake in the source, counted from 1.
    public var line: Int { place.line }

    /// The column of the mistake in its line, in Unicode scalars, counted from 1.
    public var column: Int { place.column }

    /// The message, the source line and a caret under the place of the mistake.
    public var rendered: String {
        let place = place
        // Tabs stay tabs, so that the caret stands under its character in any terminal.
        let lead = String(String.UnicodeScalarView(place.before.map { $0 == "\t" ? $0 : " " }))
        return "\(message)\n  \(place.text)\n  \(lead)^"
    }

    private var place: (line: Int, column: Int, text: String, before: [Unicode.Scalar]) {
        var line = 1
        var before: [Unicode.Scalar] = []
        var text: [Unicode.Scalar] = []
        for (index, scalar) in source.unicodeScalars.enumerated() {
            if scalar == "\n" {
                if index >= offset { break }
                line += 1
                before = []
                text = []
                continue
            }
            if index < offset { before.append(scalar) }
            text.append(scalar)
        }
        return (line, before.count + 1, String(String.UnicodeScalarView(text)), before)
    }
}
