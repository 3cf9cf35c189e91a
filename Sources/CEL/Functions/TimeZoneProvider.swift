public import EventModel

/// Knows the time zones by name.
///
/// Zone data lies in files and changes over the years, so it is given to the function library from
/// outside. `FixedTimeZones` is what there is without any.
public protocol TimeZoneProvider: Sendable {
    /// How many seconds the local time of a zone is ahead of UTC at an instant; nil if there is no
    /// zone of that name.
    func secondsAheadOfUTC(zone: String, at instant: Timestamp) -> Int?
}

/// The zones that need no data: `UTC` and fixed offsets such as `+02:00`, `-09:30` or `02:00`.
public struct FixedTimeZones: TimeZoneProvider {
    /// Makes the provider; it holds nothing.
    public init() {}

    /// The offset that the name spells, at any instant.
    public func secondsAheadOfUTC(zone: String, at instant: Timestamp) -> Int? {
        Self.seconds(zone)
    }

    /// The seconds of a fixed offset.
    static func seconds(_ zone: String) -> Int? {
        switch zone {
        case "UTC", "Z", "GMT", "Etc/UTC", "Etc/GMT", "": return 0
        default: break
        }
        var reader = DigitReader(zone)
        let isNegative = reader.skip("-")
        if !isNegative { _ = reader.skip("+") }
        guard let hours = reader.digits(max: 2)?.value, reader.skip(":"),
            let minutes = reader.number(2), reader.isAtEnd, hours < 24, minutes < 60
        else { return nil }
        let seconds = Int(hours * 3600 + minutes * 60)
        return isNegative ? -seconds : seconds
    }
}
