public import EventModel

/// A moment in the past of an instance.
public enum InstanceMoment: Sendable, Hashable {
    /// After so many of its events; 0 is before it began.
    case afterEvents(UInt64)
    /// When the log had come to a position.
    case position(Position)
    /// When it was so late.
    case time(Timestamp)
    /// Now.
    case latest

    /// Reads what a user types: `12` (after its first 12 events), `@5310` (when the log had come to
    /// position 5310), a time such as `2026-11-24T12:00:00Z`, or `latest`.
    ///
    /// - Throws: ``TravelError`` that names the forms.
    public init(_ text: String) throws(TravelError) {
        if text == "latest" {
            self = .latest
        } else if let count = UInt64(text) {
            self = .afterEvents(count)
        } else if text.hasPrefix("@"), let position = UInt64(text.dropFirst()) {
            self = .position(Position(position))
        } else if let time = try? Timestamp(rfc3339: text) {
            self = .time(time)
        } else {
            throw TravelError(
                .unreadableArgument,
                "'\(text)' is no moment; write 12 for after the instance's first 12 events, @5310 "
                    + "for a position of the log, a time such as 2026-11-24T12:00:00Z, or latest"
            )
        }
    }

    /// Whether an event had happened by then.
    func includes(_ event: Event) -> Bool {
        switch self {
        case .afterEvents(let count): event.revision < count
        case .position(let position): event.position <= position
        case .time(let time): event.recordedAt <= time
        case .latest: true
        }
    }
}
