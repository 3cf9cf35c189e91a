/// How big things of the event model can get.
public enum Limits {
    /// A stream name, in bytes.
    public static let streamNameBytesMax = 255
    /// An event type, in bytes.
    public static let eventTypeBytesMax = 100
    /// An actor, an entity, in bytes.
    public static let actorBytesMax = 255
    /// A whole event as it is stored, in bytes.
    public static let eventBytesMax = 1 << 20
    /// How deep lists and maps can lie in each other, in payloads and in CBOR.
    public static let nestingDepthMax = 128
}
