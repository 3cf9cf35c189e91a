public import CEL
public import EventModel
import Foundation
public import Schedules

/// The time zones of the machine's IANA database.
///
/// Only `decide` evaluates expressions, and what it found is in its events, so a newer database changes
/// what is decided from then on and never what was.
public struct SystemTimeZones: TimeZoneProvider, TimeZoneRules {
    public init() {}

    public func secondsAheadOfUTC(zone: String, at instant: Timestamp) -> Int? {
        let fixed = FixedTimeZones().secondsAheadOfUTC(zone: zone, at: instant)
        if let fixed { return fixed }
        guard let found = TimeZone(identifier: zone) else { return nil }
        return found.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant.seconds)))
    }
}

extension FunctionLibrary {
    /// What expressions of workflows can call: Daybook's library with the machine's time zones.
    public static let workflows = FunctionLibrary.daybook(timeZones: SystemTimeZones())
}
