/// Why an engine does not do what it was asked.
public enum EngineError: Error, Sendable, Hashable, CustomStringConvertible {
    /// ``Engine/run()`` was called while it was running, or again after it had returned.
    case alreadyRun
    /// The configuration makes no sense.
    case badConfiguration(String)
    /// There is no record source to synchronise with.
    case noRecordSource
    /// No database of this name; the second part says what there is.
    case unknownDatabase(String, remedy: String)
    /// No projection of this name; the second part says what there is.
    case unknownProjection(String, remedy: String)

    public var description: String {
        switch self {
        case .alreadyRun: "the engine was started before; make a new one"
        case .badConfiguration(let reason): reason
        case .noRecordSource: "no record source is configured, so there is nothing to synchronise"
        case .unknownDatabase(let name, let remedy): "there is no database '\(name)'; \(remedy)"
        case .unknownProjection(let name, let remedy):
            "there is no projection '\(name)'; \(remedy)"
        }
    }
}
