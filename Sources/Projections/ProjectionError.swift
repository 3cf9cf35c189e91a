public import EventModel

/// Why an event cannot be folded into a projection.
///
/// Skipping it would leave rows that no log explains, so the projection stands still at the event
/// before it until its definition is mended.
public struct ProjectionError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The projection's name.
    public var projection: String
    /// The event's place in the log.
    public var position: Position
    /// The event's type.
    public var type: String
    /// What could not be made: `column 'status'`, `key`, `where`.
    public var part: String
    /// What is wrong.
    public var message: String

    public var description: String {
        "projection \(projection), event \(position) (\(type)), \(part): \(message)"
    }
}
