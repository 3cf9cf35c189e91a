/// What an event does to the row that it concerns.
public enum RowChange: Sendable, Hashable {
    /// Nothing.
    case none
    /// The row stands like this now.
    case put(Row)
    /// The row is gone.
    case delete(key: String)
}

/// How an event says which row it concerns.
public enum RowReference: Sendable, Hashable {
    /// By the row's key; the row may not exist yet.
    case key(String)
    /// By another name that an earlier event gave to the row (``ProjectionDefinition/names(of:)``); if no
    /// row has the name, the event concerns none.
    case name(String)
}
