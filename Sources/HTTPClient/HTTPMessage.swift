/// What to ask of an HTTP server.
public struct HTTPRequest: Sendable, Hashable {
    public var method: String
    public var url: String
    public var headers: [HTTPHeader]
    public var body: [UInt8]
    /// For the whole exchange, from the call to the last byte.
    public var timeout: Duration
    /// A longer answer is refused with ``HTTPClientError/Code/responseTooLarge``.
    public var responseBytesMax: Int
    /// Whether connections to loopback, private and link-local addresses are refused, with
    /// ``HTTPClientError/Code/invalidRequest``: whatever name or redirect leads there.
    public var refusesPrivateAddresses = false

    public init(
        method: String = "GET",
        url: String,
        headers: [HTTPHeader] = [],
        body: [UInt8] = [],
        timeout: Duration = .seconds(30),
        responseBytesMax: Int = 16 << 20
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
        self.responseBytesMax = responseBytesMax
    }
}

/// One header line.
public struct HTTPHeader: Sendable, Hashable {
    public var name: String
    public var value: String

    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// What an HTTP server answered.
public struct HTTPResponse: Sendable, Hashable {
    public var status: Int
    public var headers: [HTTPHeader]
    public var body: [UInt8]
    /// The protocol's version: `1.1` or `2`.
    public var version: String

    public init(status: Int, headers: [HTTPHeader], body: [UInt8], version: String = "1.1") {
        self.status = status
        self.headers = headers
        self.body = body
        self.version = version
    }

    /// The value of the first header of a name, case ignored.
    public subscript(name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}

/// What sends HTTP requests: ``HTTPClient``, or a script in a test.
public protocol HTTPTransport: Sendable {
    /// Sends a request and waits for the whole answer; any status is an answer.
    func send(_ request: HTTPRequest) async throws(HTTPClientError) -> HTTPResponse
}

/// A mail to hand to an SMTP server.
public struct MailEnvelope: Sendable, Hashable {
    public var sender: String
    public var recipients: [String]
    /// The whole message, headers and all, lines ending in CR LF (RFC 5322).
    public var message: [UInt8]

    public init(sender: String, recipients: [String], message: [UInt8]) {
        self.sender = sender
        self.recipients = recipients
        self.message = message
    }
}

/// Where and how mail is handed over.
public struct MailServer: Sendable, Hashable {
    /// `smtp://host:port` or `smtps://host:port`.
    public var url: String
    public var user: String?
    public var password: String?
    /// True refuses to go on in the clear.
    public var requiresTLS: Bool

    public init(url: String, user: String? = nil, password: String? = nil, requiresTLS: Bool) {
        self.url = url
        self.user = user
        self.password = password
        self.requiresTLS = requiresTLS
    }
}

/// What hands mail to a server: ``HTTPClient`` by libcurl, or a script in a test.
public protocol MailTransport: Sendable {
    /// Hands the mail over; returns when the server has taken it for all recipients.
    func send(_ mail: MailEnvelope, to server: MailServer) async throws(HTTPClientError)
}

/// Why there was no answer.
public struct HTTPClientError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of failure it is.
    public enum Code: String, Sendable, Hashable {
        case invalidRequest = "invalid_request"
        case cannotResolve = "cannot_resolve"
        case cannotConnect = "cannot_connect"
        case timeout
        case tls
        case responseTooLarge = "response_too_large"
        /// The connection broke; the request may have been done.
        case brokenConnection = "broken_connection"
        /// The mail server refused; the message has its words.
        case refused
        case cancelled
        case shutDown = "shut_down"
        case other
    }

    public var code: Code
    /// What happened, to which server, and what to do; without credentials and query.
    public var message: String
    /// With ``Code/refused``: the mail server's reply code, such as 550; 4xx may pass later.
    public var replyCode: Int?

    public init(_ code: Code, _ message: String, replyCode: Int? = nil) {
        self.code = code
        self.message = message
        self.replyCode = replyCode
    }

    public var description: String { message }
}
