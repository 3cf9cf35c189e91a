import EventLog

/// Why a look at the past of an instance gives nothing.
public struct TravelError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of failure it is.
    public enum Code: String, Sendable, Hashable {
        /// There is no such instance or step.
        case unknown
        /// What was typed may mean several instances.
        case ambiguous
        /// There is no such moment in the instance's past.
        case outOfRange = "out_of_range"
        /// What was typed is no id or no moment.
        case unreadableArgument = "unreadable_argument"
        /// An event or a definition of the instance cannot be read.
        case unreadable
        /// The workflow does not take what it would be started with.
        case refused
        /// The log cannot be read.
        case log
    }

    public var code: Code
    public var message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    init(_ error: EventLogError) { self.init(.log, error.message) }

    init(_ error: CommandError) { self.init(.unreadable, error.description) }

    public var description: String { message }
}
