public import EventLog
public import EventModel
public import Schedules

/// Why a schedule did not do what it was asked, or cannot go on.
public enum ScheduleError: Error, Sendable, CustomStringConvertible {
    case rejected(ScheduleRejection)
    /// No schedule of this id; the second part says what there is.
    case unknown(String, remedy: String)
    /// The machine's zone data does not have the schedule's zone.
    case unknownZone(schedule: String, zone: String)
    /// An event of a schedule cannot be read.
    case unreadable(position: Position, reason: String)
    case log(EventLogError)
    /// What was asked makes no sense.
    case badInput(String)

    public var description: String {
        switch self {
        case .rejected(let rejection): rejection.message
        case .unknown(let id, let remedy): "there is no schedule '\(id)'; \(remedy)"
        case .unknownZone(let id, let zone):
            "the schedule '\(id)' is in the time zone '\(zone)', which this machine does not know; "
                + "install the zone data"
        case .unreadable(let position, let reason):
            "the event at \(position) cannot be read: \(reason)"
        case .log(let error): error.message
        case .badInput(let reason): reason
        }
    }
}
