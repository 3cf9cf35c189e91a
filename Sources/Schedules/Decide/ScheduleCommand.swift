public import EventModel

/// What can be asked of a schedule.
public enum ScheduleCommand: Sendable, Hashable {
    /// A version of the workflow with the schedule was deployed.
    case deploy(ScheduleEvent.Deployed)
    /// A version of the workflow without the schedule was deployed.
    case remove(deployment: Position)
    /// Decide what is due up to an instant; lateness counts from the time of the command. Those of
    /// its instances that still run are told with it.
    case advance(through: Timestamp, running: Set<EventID>)
    case pause(reason: String)
    case resume
    /// Start an instance by hand; the key tells it from others that are started at the same time.
    case trigger(key: String, running: Set<EventID>)
    /// Run these ticks after all.
    case backfill(ticks: [Timestamp], running: Set<EventID>)
}

/// Why a schedule does not do what it was asked.
public struct ScheduleRejection: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of reason it is.
    public enum Code: String, Sendable, Hashable {
        case missing, state, input
    }

    public var code: Code
    /// The reason and the remedy in words.
    public var message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { message }
}
