public import EventLog
public import EventModel
public import WorkflowEngine

/// Why a command to an instance, or the start of one, had no effect.
public enum CommandError: Error, Sendable, CustomStringConvertible {
    /// The instance refused it.
    case rejected(Rejection)
    /// The log did not take it.
    case log(EventLogError)
    /// No workflow of this name was deployed; the second part says what there is.
    case unknownWorkflow(String, remedy: String)
    /// No active workflow takes requests of this name; the second part says what there is.
    case unknownRequest(String, remedy: String)
    /// The definition that the instance keeps to is not in the log or cannot be read.
    case missingDefinition(Digest)
    /// The input does not fit the workflow; one sentence for each mistake.
    case badInput([String])
    /// An event of the instance cannot be read.
    case unreadable(instance: EventID, reason: String)

    /// Whether one instance alone is wrong, which must not hold up what others wait for.
    var isOfInstance: Bool {
        switch self {
        case .missingDefinition, .unreadable, .badInput: true
        case .rejected, .log, .unknownWorkflow, .unknownRequest: false
        }
    }

    public var description: String {
        switch self {
        case .rejected(let rejection): rejection.message
        case .log(let error): error.message
        case .unknownWorkflow(let name, let remedy):
            "there is no workflow '\(name)'; \(remedy)"
        case .unknownRequest(let name, let remedy):
            "no workflow takes the request '\(name)'; \(remedy)"
        case .missingDefinition(let hash):
            "the definition \(hash.hexadecimal) is not in the log or cannot be read"
        case .badInput(let problems): problems.joined(separator: "; ")
        case .unreadable(let instance, let reason):
            "the events of instance \(instance) cannot be read: \(reason)"
        }
    }
}
