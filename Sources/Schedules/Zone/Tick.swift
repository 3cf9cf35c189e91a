public import EventModel

/// One moment at which a schedule is due.
public struct Tick: Sendable, Hashable {
    /// How the tick comes to be at its moment.
    public enum Kind: Sendable, Hashable {
        case regular
        /// The wall clock skipped its time; it is due right after. The text is that time.
        case shifted(from: String)
        /// The wall clock skipped its time, and it is not to run. The text is that time.
        case absent(at: String)
    }

    public var due: Timestamp
    public var kind: Kind

    public init(due: Timestamp, kind: Kind = .regular) {
        self.due = due
        self.kind = kind
    }
}
