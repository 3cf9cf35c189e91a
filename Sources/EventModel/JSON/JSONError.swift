/// Why a text is no JSON, or a value cannot be written as JSON.
public struct JSONError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong.
    public var message: String
    /// The line, from 1; 0 when writing.
    public var line: Int
    /// The byte in the line, from 1; 0 when writing.
    public var column: Int

    init(_ message: String, line: Int = 0, column: Int = 0) {
        self.message = message
        self.line = line
        self.column = column
    }

    public var description: String {
        line == 0 ? "JSON: \(message)" : "JSON line \(line), column \(column): \(message)"
    }
}
