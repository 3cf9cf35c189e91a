import EventModel

/// The events of the stream `engine/main`.
enum EngineEvents {
    static let startedType = "EngineStarted"
    static let stoppedType = "EngineStopped"
    static let stream = StreamName(category: "engine", "main")
}
