import EventModel
import Records

/// Everything in the sandbox that changes.
struct SandboxState: Sendable {
    let configuration: SandboxConfiguration
    /// Where the sandbox is reached, without a slash at the end.
    var baseURL: String
    var workspace: NotionWorkspace
    var calendars: [String: CalendarFeed] = [:]
    var mails = Ring<MailMessage>(maximum: SandboxLimits.messagesKeptMax)
    var textMessages = Ring<TextMessage>(maximum: SandboxLimits.messagesKeptMax)
    var slackMessages = Ring<SlackMessage>(maximum: SandboxLimits.messagesKeptMax)
    var requests = Ring<RequestRecord>(maximum: SandboxLimits.requestsKeptMax)
    var faults: [Fault] = []
    var rateLimit: RateLimit
    private var requestIdentities: SandboxIdentities

    init(configuration: SandboxConfiguration, baseURL: String) throws(SandboxError) {
        self.configuration = configuration
        self.baseURL = baseURL
        rateLimit = RateLimit(requestsPerMinute: configuration.requestsPerMinute)
        requestIdentities = SandboxIdentities(nonce: configuration.nonce + "/requests")
        workspace = NotionWorkspace(
            nonce: configuration.nonce,
            queryResultsMax: configuration.queryResultsMax,
            now: configuration.now()
        )
        try furnish()
    }

    mutating func newRequestID() -> String { requestIdentities.next() }

    /// Puts everything back to how it was at the start.
    mutating func reset() throws(SandboxError) {
        let requests = requestIdentities
        self = try SandboxState(configuration: configuration, baseURL: baseURL)
        requestIdentities = requests
    }

    /// Takes the first fault that concerns a request.
    mutating func takeFault(method: String, path: String) -> Fault? {
        guard
            let index = faults.firstIndex(where: { $0.concerns(method: method, path: path) })
        else { return nil }
        faults[index].timesLeft -= 1
        let fault = faults[index]
        if fault.timesLeft == 0 { faults.remove(at: index) }
        return fault
    }

    /// The answer that a fault stands for.
    mutating func reply(_ fault: Fault, status: Int, to request: SandboxRequest) -> SandboxReply {
        let headers = fault.headers
        if let text = fault.body?.stringValue {
            let isHTML = text.hasPrefix("<")
            var reply = SandboxReply.text(
                status,
                text,
                type: isHTML ? "text/html; charset=utf-8" : "text/plain; charset=utf-8"
            )
            reply.headers += headers
            return reply
        }
        if let body = fault.body { return .json(status, body, headers: headers) }
        guard request.path.hasPrefix("/v1/") else {
            var reply = SandboxReply.refusal(status, "a fault that was ordered")
            reply.headers += headers
            return reply
        }
        var error = NotionError.fault(status: status)
        error.headers = headers
        return reply(error)
    }

    func reply(_ error: NotionError, requestID: String) -> SandboxReply {
        let identity = ("x-notion-request-id", requestID)
        return .json(
            error.status,
            error.body(requestID: requestID),
            headers: [identity] + error.headers
        )
    }

    mutating func reply(_ error: NotionError) -> SandboxReply {
        reply(error, requestID: newRequestID())
    }

    /// Answers a request that no fault concerns.
    mutating func answer(_ request: SandboxRequest) -> SandboxReply {
        switch request.segments.first {
        case "v1": notion(request)
        case "slack": slack(request)
        case "sms": textMessage(request)
        case "calendar": calendar(request)
        case "sandbox": watch(request)
        case nil: SandboxReply.text(200, "Daybook sandbox\n")
        case .some:
            .refusal(
                404,
                "there is nothing here; see /v1, /slack, /sms, /calendar and /sandbox"
            )
        }
    }
}

/// A request that came, for those who watch.
struct RequestRecord {
    var method: String
    var path: String
    var query: String
    var idempotencyKey: String?
    var status: Int
    var at: Timestamp

    var rendered: Value {
        [
            "method": .string(method), "path": .string(path), "query": .string(query),
            "idempotency_key": idempotencyKey.map { .string($0) } ?? .null,
            "status": .int(Int64(status)), "at": .string(NotionTime.precise(at)),
        ]
    }
}
