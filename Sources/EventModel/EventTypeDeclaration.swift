/// A type of event that the code appends, to be compared with its file in `Schemas/events/`.
public struct EventTypeDeclaration: Sendable, Hashable {
    /// The type's name, such as `StepScheduled`.
    public var type: String
    /// The newest version of its schema, from 1.
    public var version: UInt32
    /// The category of the streams that hold it.
    public var category: String

    /// Declares a type.
    public init(type: String, version: UInt32 = 1, category: String) {
        self.type = type
        self.version = version
        self.category = category
    }
}
