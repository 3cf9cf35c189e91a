import Synchronization

/// One exchange, from the call to its outcome.
///
/// Unchecked because `continuation` changes hands: the caller sets it before it submits the
/// transfer through the loop's locked inbox, and from then on only the loop's thread touches it.
final class Transfer: @unchecked Sendable {
    typealias Outcome = Result<HTTPResponse, HTTPClientError>

    enum Job: Sendable {
        case request(HTTPRequest)
        case mail(MailEnvelope, MailServer)
    }

    let job: Job
    let timeout: Duration
    /// Waiting for a free place counts as well.
    let deadline: ContinuousClock.Instant
    private let cancelled = Atomic<Bool>(false)
    private var continuation: CheckedContinuation<Outcome, Never>?

    init(_ job: Job, timeout: Duration) {
        self.job = job
        self.timeout = timeout
        deadline = ContinuousClock.now + timeout
    }

    var isCancelled: Bool { cancelled.load(ordering: .acquiring) }

    /// A cancellation may come before the submission, so it is a mark as well as a message.
    func markCancelled() { cancelled.store(true, ordering: .releasing) }

    func begin(_ continuation: CheckedContinuation<Outcome, Never>) {
        self.continuation = continuation
    }

    /// Tells the caller; the second time does nothing.
    func finish(_ outcome: Outcome) {
        continuation?.resume(returning: outcome)
        continuation = nil
    }

    func fail(_ code: HTTPClientError.Code) {
        finish(.failure(HTTPClientError(code, "\(subject): \(Self.words(code, timeout))")))
    }

    /// What it was about, for messages.
    var subject: String {
        switch job {
        case .request(let request): "\(request.method) \(RedactedURL(request.url))"
        case .mail(_, let server): "mail to \(RedactedURL(server.url))"
        }
    }

    private static func words(_ code: HTTPClientError.Code, _ timeout: Duration) -> String {
        switch code {
        case .cancelled: "given up because the caller was cancelled"
        case .shutDown: "not done because the client was shut down"
        case .timeout: "no free place within \(timeout); raise the timeout or inFlightMax"
        case .invalidRequest, .cannotResolve, .cannotConnect, .tls, .responseTooLarge,
            .brokenConnection, .refused, .other:
            code.rawValue
        }
    }
}
