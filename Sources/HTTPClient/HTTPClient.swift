/// Sends HTTP requests and mail by libcurl: one multi handle, driven by one thread of its own.
///
/// Callers await; nothing blocks Swift's cooperative pool. Connections are kept and reused, TLS
/// connections speak HTTP/2 where the server does, redirects are answers like any other, cookies
/// and the proxies of the environment are ignored. Cancelling the task gives the exchange up at
/// once.
///
/// A reused connection that turns out to be dead before a byte of the answer came is replaced and
/// the request sent again, so what must happen once needs an `Idempotency-Key`.
public final class HTTPClient: HTTPTransport, MailTransport {
    private let loop: TransferLoop
    private let configuration: Configuration

    /// Makes a client and starts its thread, which ends with ``shutdown()`` or with the client.
    public init(configuration: Configuration = Configuration()) {
        self.configuration = configuration
        loop = TransferLoop(configuration: configuration)
        loop.start()
    }

    deinit { loop.close() }

    /// Sends a request and waits for the whole answer; any status is an answer.
    ///
    /// - Throws: ``HTTPClientError``; a code other than `invalidRequest`, `cannotResolve` and
    ///   `cannotConnect` leaves open whether the server has done what was asked.
    public func send(_ request: HTTPRequest) async throws(HTTPClientError) -> HTTPResponse {
        try request.check()
        let transfer = Transfer(.request(request), timeout: request.timeout)
        return try await perform(transfer).get()
    }

    /// Hands a mail over by SMTP and returns when the server has taken it for all recipients.
    ///
    /// - Throws: ``HTTPClientError``; with `refused`, the server's words and its reply code.
    public func send(_ mail: MailEnvelope, to server: MailServer) async throws(HTTPClientError) {
        try mail.check(server: server)
        let transfer = Transfer(.mail(mail, server), timeout: configuration.mailTimeout)
        _ = try await perform(transfer).get()
    }

    /// Ends the client: what is under way or waiting fails with `shutDown`, later calls too.
    ///
    /// Returns when the thread has closed every connection. A second call waits likewise.
    public func shutdown() async {
        loop.close()
        await loop.waitForEnd()
    }

    private func perform(_ transfer: Transfer) async -> Transfer.Outcome {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                transfer.begin(continuation)
                loop.submit(transfer)
            }
        } onCancel: {
            loop.cancel(transfer)
        }
    }
}
