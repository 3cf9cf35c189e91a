public import EventModel

/// A version of a workflow that is in the log.
public struct Deployment: Sendable, Hashable {
    public var name: String
    public var definition: Digest
    /// False if this very version was the active one already.
    public var isNew: Bool
    /// Where the deployment stands in the log.
    public var position: Position

    public init(name: String, definition: Digest, isNew: Bool, position: Position) {
        self.name = name
        self.definition = definition
        self.isNew = isNew
        self.position = position
    }
}
