public import EventModel
import Synchronization
public import WorkflowEngine

/// An action that does what a test wrote down and remembers how it was called.
public final class ScriptedAction: ActionHandler {
    /// What one call does.
    public typealias Script =
        @Sendable (ActionRequest, any ActionServices) async throws(ActionFailure) -> Value

    public let descriptor: ActionDescriptor
    private let script: Script
    private let calls = Mutex<[ActionRequest]>([])

    /// Makes an action.
    ///
    /// - Parameters:
    ///   - name: what steps call.
    ///   - inputs: what is checked before the call.
    ///   - script: what it does.
    public convenience init(
        _ name: String,
        inputs: [ActionField] = [],
        outputs: [ActionField] = [],
        script: @escaping Script
    ) {
        let descriptor = ActionDescriptor(
            name: name,
            summary: "Does what the test says.",
            inputs: inputs,
            outputs: outputs,
            effect: .atLeastOnce
        )
        self.init(descriptor, script: script)
    }

    /// Makes an action that is described elsewhere.
    public init(_ descriptor: ActionDescriptor, script: @escaping Script) {
        self.descriptor = descriptor
        self.script = script
    }

    /// Makes an action whose calls have these results, in turn; the last one stays.
    public convenience init(
        _ descriptor: ActionDescriptor,
        results: [Result<Value, ActionFailure>]
    ) {
        let left = LeftResults(results)
        self.init(descriptor) { _, _ throws(ActionFailure) in try left.next().get() }
    }

    /// The calls so far, in order.
    public var requests: [ActionRequest] { calls.withLock { $0 } }

    public func perform(
        _ request: ActionRequest,
        services: any ActionServices
    ) async throws(ActionFailure) -> Value {
        calls.withLock { $0.append(request) }
        return try await script(request, services)
    }
}

private final class LeftResults: Sendable {
    private let results: Mutex<[Result<Value, ActionFailure>]>

    init(_ results: [Result<Value, ActionFailure>]) { self.results = Mutex(results) }

    func next() -> Result<Value, ActionFailure> {
        results.withLock { results in
            guard let first = results.first else { return .success(.null) }
            if results.count > 1 { results.removeFirst() }
            return first
        }
    }
}
