public import EventModel

/// What a step calls in the outside world, such as `notion.create` or `email.send`.
///
/// A handler must bear being called twice for one request: the engine records that a call began
/// before it makes it, and after a crash it makes it again with the same
/// ``ActionRequest/idempotencyKey``.
public protocol ActionHandler: Sendable {
    /// Name, meaning, input and output of the action.
    var descriptor: ActionDescriptor { get }

    /// What outside the engine a call with this input depends on: `notion`, `email`, `http:host`.
    ///
    /// Calls are held back while it is down, so that they do not use up their attempts. Nil, as it is
    /// by default, for an action that reaches nothing, or too much to name.
    func integration(for input: Value) -> String?

    /// Does it.
    ///
    /// - Parameters:
    ///   - request: the input, already checked against the descriptor.
    ///   - services: the engine's own log and clock.
    /// - Returns: the step's output.
    /// - Throws: ``ActionFailure``; its code decides whether the step is tried again.
    func perform(
        _ request: ActionRequest,
        services: any ActionServices
    ) async throws(ActionFailure) -> Value
}

extension ActionHandler {
    /// By default an action depends on nothing outside.
    public func integration(for input: Value) -> String? { nil }
}

/// An action that depends on one integration, whatever its input.
public struct IntegratedAction: ActionHandler {
    private let action: any ActionHandler
    private let name: String

    /// Names the integration of an action.
    public init(_ action: any ActionHandler, _ name: String) {
        self.action = action
        self.name = name
    }

    public var descriptor: ActionDescriptor { action.descriptor }

    public func integration(for input: Value) -> String? { name }

    public func perform(
        _ request: ActionRequest,
        services: any ActionServices
    ) async throws(ActionFailure) -> Value {
        try await action.perform(request, services: services)
    }
}

/// One call of an action.
public struct ActionRequest: Sendable {
    public var instance: EventID
    /// The workflow's name.
    public var workflow: String
    /// The step's path in the definition: `client_lookup`, `nobody_free.ask_a_person`.
    public var step: String
    /// 1 for the first try.
    public var attempt: Int
    /// The same for every try of a step that may have taken effect already.
    public var idempotencyKey: String
    public var entity: String?
    public var input: Value
    /// The id of the event that began the story.
    public var correlation: EventID
    /// The id of the event that scheduled this attempt.
    public var causation: EventID
    /// When the attempt's time is over, or nil.
    public var deadline: Timestamp?

    public init(
        instance: EventID,
        workflow: String,
        step: String,
        attempt: Int,
        idempotencyKey: String,
        entity: String?,
        input: Value,
        correlation: EventID,
        causation: EventID,
        deadline: Timestamp?
    ) {
        self.instance = instance
        self.workflow = workflow
        self.step = step
        self.attempt = attempt
        self.idempotencyKey = idempotencyKey
        self.entity = entity
        self.input = input
        self.correlation = correlation
        self.causation = causation
        self.deadline = deadline
    }
}

/// Why an action did not succeed.
public struct ActionFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// A stable word that `retry.on` and `on_failure` can name.
    ///
    /// Such as `rate_limited`, `conflict`, `not_found`, `invalid_input`, `unavailable`, `timeout`,
    /// `nobody_available`.
    public var code: String
    public var message: String
    /// False if the same call can never succeed.
    public var isRetryable: Bool
    /// What the other side asked us to wait, or nil.
    public var retryAfter: Duration?
    /// More to work with in `on_failure`, such as alternatives or conflicting bookings.
    public var details: Value

    public init(
        code: String,
        message: String,
        isRetryable: Bool,
        retryAfter: Duration? = nil,
        details: Value = .null
    ) {
        self.code = code
        self.message = message
        self.isRetryable = isRetryable
        self.retryAfter = retryAfter
        self.details = details
    }

    public var description: String { "\(code): \(message)" }
}

/// What the engine lends to an action: its log and its clock.
public protocol ActionServices: Sendable {
    /// The present; never the machine's clock directly, so that tests command it.
    var now: Timestamp { get }

    /// The events of a stream from its beginning, and its revision; an empty list for a new stream.
    func read(_ stream: StreamName) async throws(ActionFailure) -> [Event]

    /// Appends to several streams at once, or to none.
    ///
    /// - Parameter writes: for each stream what it must look like and what to add. Ids that repeat
    ///   earlier events make this a no-op that succeeds.
    /// - Throws: code `conflict` if a stream is not as expected; read again and decide anew.
    func append(_ writes: [ActionWrite]) async throws(ActionFailure)
}

/// Events that an action adds to one stream.
public struct ActionWrite: Sendable {
    public var stream: StreamName
    /// How many events the stream must hold; nil if that does not matter.
    public var expectedCount: UInt64?
    public var events: [ProposedEvent]

    public init(stream: StreamName, expectedCount: UInt64?, events: [ProposedEvent]) {
        self.stream = stream
        self.expectedCount = expectedCount
        self.events = events
    }
}
