/// Why a text is no cron expression: the field, the place in the text, what is wrong, what to do.
public struct CronError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The field in words, such as `minute`; nil if the expression as a whole is wrong.
    public var field: String?
    /// The character of the expression at which the mistake stands, from 1.
    public var column: Int
    public var message: String
    /// What the author can do.
    public var remedy: String

    init(_ field: CronField?, at column: Int, _ message: String, remedy: String) {
        self.field = field?.name
        self.column = column
        self.message = message
        self.remedy = remedy
    }

    public var description: String {
        let place = field.map { "the field '\($0)', character \(column): " } ?? ""
        return "\(place)\(message); \(remedy)"
    }
}
