/// Why a calendar cannot be read.
struct CalendarError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The line of the calendar, from 1; nil if it is about the whole.
    var line: Int?
    var message: String

    init(line: Int? = nil, _ message: String) {
        self.line = line
        self.message = message
    }

    var description: String { line.map { "line \($0): \(message)" } ?? message }
}
