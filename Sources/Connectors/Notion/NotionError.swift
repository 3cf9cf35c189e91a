/// Why Notion did not do what was asked.
public struct NotionError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of failure it is: Notion's own word, or one of ours where Notion said nothing.
    public struct Code: RawRepresentable, Sendable, Hashable {
        public let rawValue: String

        public init(rawValue: String) { self.rawValue = rawValue }

        public static let unauthorized = Code(rawValue: "unauthorized")
        public static let restricted = Code(rawValue: "restricted_resource")
        /// Deleted, never there, or not shared with the connection: Notion tells them apart from
        /// nobody.
        public static let notFound = Code(rawValue: "object_not_found")
        public static let validation = Code(rawValue: "validation_error")
        public static let conflict = Code(rawValue: "conflict_error")
        public static let rateLimited = Code(rawValue: "rate_limited")
        public static let overloaded = Code(rawValue: "service_overload")
        public static let unavailable = Code(rawValue: "service_unavailable")
        public static let gatewayTimeout = Code(rawValue: "gateway_timeout")
        public static let internalError = Code(rawValue: "internal_server_error")
        /// Something in front of Notion answered, such as its content delivery network.
        public static let edge = Code(rawValue: "edge_answer")
        /// The answer is not what the API promises.
        public static let malformedAnswer = Code(rawValue: "malformed_answer")
        /// No connection came about, so nothing was asked.
        public static let cannotConnect = Code(rawValue: "cannot_connect")
        /// The connection broke or the answer took too long.
        public static let connectionLost = Code(rawValue: "connection_lost")
        public static let cancelled = Code(rawValue: "cancelled")
        /// A database is neither configured nor found by its title.
        public static let databaseMissing = Code(rawValue: "database_missing")
        /// A value does not fit its property; nothing was sent.
        public static let invalidValue = Code(rawValue: "invalid_value")
    }

    public var code: Code
    public var message: String
    /// The HTTP status; nil if there was no answer.
    public var status: Int?
    /// Notion's id of the request, for its support.
    public var requestID: String?
    /// What Notion asked us to wait.
    public var retryAfter: Duration?
    /// `additional_data.rate_limit_reason` of a 429.
    public var reason: String?
    /// The id of what was saved although the answer is an error.
    public var committedResourceID: String?
    /// True if a write may have taken effect all the same: look before repeating it.
    public var isOutcomeUnknown: Bool
    /// The field that the failure is about, by Daybook's key.
    public var field: String?

    public init(
        _ code: Code,
        _ message: String,
        status: Int? = nil,
        requestID: String? = nil,
        retryAfter: Duration? = nil,
        reason: String? = nil,
        committedResourceID: String? = nil,
        isOutcomeUnknown: Bool = false,
        field: String? = nil
    ) {
        self.code = code
        self.message = message
        self.status = status
        self.requestID = requestID
        self.retryAfter = retryAfter
        self.reason = reason
        self.committedResourceID = committedResourceID
        self.isOutcomeUnknown = isOutcomeUnknown
        self.field = field
    }

    /// True if Notion asked for fewer calls and will answer later ones.
    public var isRateLimit: Bool {
        (code == .rateLimited || code == .overloaded || status == 429 || status == 529)
            && !isBlocked
    }

    /// True if Notion has shut the connection out; asking again makes it worse.
    public var isBlocked: Bool { reason == "public_api_request_blocked" }

    /// True if the other side is out of order for now and the request itself may be fine.
    public var isTransient: Bool {
        if isRateLimit || code == .cannotConnect || code == .connectionLost { return true }
        guard let status else { return false }
        return status >= 500
    }

    public var description: String {
        let request = requestID.map { " (request \($0))" } ?? ""
        return "\(code.rawValue): \(message)\(request)"
    }
}
