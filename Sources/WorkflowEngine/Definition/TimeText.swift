import EventModel

/// Reads instants and lengths of time as authors and JSON write them.
enum TimeText {
    /// An RFC 3339 instant, `2026-12-01T10:00:00Z`; nil if the text is none.
    static func timestamp(_ text: String) -> Timestamp? { try? Timestamp(rfc3339: text) }

    /// `300ms`, `10s`, `5m`, `2h`, `1d`, `1h30m` or ISO 8601, `PT10S`; nil if the text is none.
    static func duration(_ text: String) -> Duration? { try? DurationText.parse(text) }
}
