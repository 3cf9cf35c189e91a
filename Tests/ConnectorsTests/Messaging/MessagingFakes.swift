import Connectors
import EventModel
import HTTPClient
import Synchronization
import WorkflowEngine

/// A world that remembers what it was sent and fails as it is told.
final class MessagingWorld: HTTPTransport, MailTransport, ActionServices {
    struct State: Sendable {
        var requests: [HTTPRequest] = []
        var mails: [MailEnvelope] = []
        var events: [ProposedEvent] = []
        /// Taken one by one before anything succeeds.
        var httpFailures: [Result<HTTPResponse, HTTPClientError>] = []
        var mailFailures: [HTTPClientError] = []
        var appendFailures: [ActionFailure] = []
    }

    private let state = Mutex(State())

    func with<Result: Sendable>(_ body: (inout sending State) -> sending Result) -> Result {
        state.withLock(body)
    }

    func send(_ request: HTTPRequest) async throws(HTTPClientError) -> HTTPResponse {
        let outcome: Result<HTTPResponse, HTTPClientError> = state.withLock { state in
            state.requests.append(request)
            if !state.httpFailures.isEmpty { return state.httpFailures.removeFirst() }
            let body = Array("{\"id\":\"sms-\(state.requests.count)\"}".utf8)
            return .success(HTTPResponse(status: 201, headers: [], body: body))
        }
        return try outcome.get()
    }

    func send(_ mail: MailEnvelope, to server: MailServer) async throws(HTTPClientError) {
        let failure: HTTPClientError? = state.withLock { state in
            if !state.mailFailures.isEmpty { return state.mailFailures.removeFirst() }
            state.mails.append(mail)
            return nil
        }
        if let failure { throw failure }
    }

    var now: Timestamp { Timestamp(seconds: 1_796_000_000) }

    func read(_ stream: StreamName) async throws(ActionFailure) -> [Event] {
        state.withLock { state in
            state.events.enumerated().map { index, event in
                Event(
                    position: Position(UInt64(index + 1)),
                    id: event.id,
                    stream: stream,
                    revision: UInt64(index),
                    type: event.type,
                    schema: event.schema,
                    recordedAt: Timestamp(seconds: 1_796_000_000),
                    entity: event.entity,
                    actor: event.actor,
                    correlation: event.correlation ?? event.id,
                    causation: event.causation,
                    data: event.data,
                    metadata: event.metadata
                )
            }
        }
    }

    func append(_ writes: [ActionWrite]) async throws(ActionFailure) {
        let failure: ActionFailure? = state.withLock { state in
            if !state.appendFailures.isEmpty { return state.appendFailures.removeFirst() }
            state.events += writes.flatMap(\.events)
            return nil
        }
        if let failure { throw failure }
    }

    /// Calls an action as the engine would.
    func perform(
        _ action: some ActionHandler,
        _ input: Value,
        attempt: Int = 1
    ) async -> Result<Value, ActionFailure> {
        let id = Identifier(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_0001)
        let request = ActionRequest(
            instance: id,
            workflow: "w",
            step: "confirm.send",
            attempt: attempt,
            idempotencyKey: "key-1",
            entity: "the_7_space",
            input: input,
            correlation: id,
            causation: id,
            deadline: nil
        )
        do throws(ActionFailure) {
            return .success(try await action.perform(request, services: self))
        } catch {
            return .failure(error)
        }
    }

    func delivery(_ change: (inout MessagingSettings) -> Void = { _ in }) -> MessageDelivery {
        var settings = MessagingSettings(
            mailServer: MailServer(url: "smtp://127.0.0.1:2525", requiresTLS: false),
            mailSender: "The 7 Space <desk@example.org>",
            smsURL: "http://127.0.0.1:1/sms/messages",
            smsSender: "The7Space",
            smsToken: "token",
            slackWebhooks: ["desk": "http://127.0.0.1:1/slack/webhook/secret"]
        )
        change(&settings)
        return MessageDelivery(settings: settings, http: self, mail: self)
    }
}

extension Result where Failure == ActionFailure {
    var failure: ActionFailure? { if case .failure(let failure) = self { failure } else { nil } }
    var success: Success? { try? get() }
}
