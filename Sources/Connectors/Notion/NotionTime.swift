import EventModel
import Foundation

/// Times as Notion writes and takes them.
enum NotionTime {
    /// Reads `2026-06-27T17:01:00.000Z`, `…+00:00`, a time without offset in a zone, or a day.
    ///
    /// A day reads as its first instant in UTC.
    static func parse(_ text: String, zone: String? = nil) -> Timestamp? {
        if text.utf8.count == 10 { return try? Timestamp(rfc3339: text + "T00:00:00Z") }
        if let instant = try? Timestamp(rfc3339: text) { return instant }
        // A named zone comes with a local time that has no offset.
        guard let zone, let local = try? Timestamp(rfc3339: text + "Z") else { return nil }
        guard let zone = TimeZone(identifier: zone) else { return nil }
        return LocalTime(utc: local).instant(in: zone)
    }

    /// RFC 3339 in UTC.
    static func text(_ instant: Timestamp) -> String { instant.rfc3339 }

    /// Notion keeps no seconds.
    static func flooredToMinute(_ instant: Timestamp) -> Timestamp {
        let remainder = instant.seconds % 60
        return Timestamp(seconds: instant.seconds - (remainder < 0 ? remainder + 60 : remainder))
    }
}
