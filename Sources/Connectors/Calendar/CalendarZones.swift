import Foundation

/// Finds time zones by the names that calendars give them.
enum CalendarZones {
    /// Outlook and Exchange write Windows' names (Unicode CLDR, windowsZones, territory 001).
    private static let windowsNames = [
        "UTC": "UTC",
        "GMT Standard Time": "Europe/London",
        "Greenwich Standard Time": "Atlantic/Reykjavik",
        "W. Europe Standard Time": "Europe/Berlin",
        "Central Europe Standard Time": "Europe/Budapest",
        "Central European Standard Time": "Europe/Warsaw",
        "Romance Standard Time": "Europe/Paris",
        "E. Europe Standard Time": "Europe/Chisinau",
        "FLE Standard Time": "Europe/Kiev",
        "GTB Standard Time": "Europe/Bucharest",
        "Turkey Standard Time": "Europe/Istanbul",
        "Israel Standard Time": "Asia/Jerusalem",
        "Eastern Standard Time": "America/New_York",
        "Central Standard Time": "America/Chicago",
        "Mountain Standard Time": "America/Denver",
        "Pacific Standard Time": "America/Los_Angeles",
        "India Standard Time": "Asia/Kolkata",
        "China Standard Time": "Asia/Shanghai",
        "Tokyo Standard Time": "Asia/Tokyo",
        "AUS Eastern Standard Time": "Australia/Sydney",
    ]

    static func zone(_ name: String) -> TimeZone? {
        if let zone = TimeZone(identifier: windowsNames[name] ?? name) { return zone }
        // Some programs put a path before the name: /freeassociation.sourceforge.net/Europe/Berlin.
        let parts = name.split(separator: "/")
        guard parts.count > 2 else { return nil }
        return TimeZone(identifier: parts.suffix(2).joined(separator: "/"))
    }
}
