import EventModel

/// A point in time as a user writes it: a time, or how long ago.
enum TimeBound {
    /// Reads an RFC 3339 time (`2026-11-24T12:00:00Z`) or a duration before now (`2h`, `30m`, `1d`).
    ///
    /// - Throws: ``CommandFailure`` that names the option and both forms.
    static func parse(_ text: String, _ option: String, now: Timestamp) throws -> Timestamp {
        if let time = try? Timestamp(rfc3339: text) { return time }
        guard let duration = try? DurationText.parse(text), duration >= .zero else {
            throw CommandFailure(
                "\(option) '\(text)' is neither a time such as 2026-11-24T12:00:00Z nor a duration "
                    + "such as 2h, 30m or 1d, for how long ago",
                ExitStatus.badInput
            )
        }
        return now - duration
    }
}
