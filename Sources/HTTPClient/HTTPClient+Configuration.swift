extension HTTPClient {
    /// Limits and habits of a client; the defaults suit a server that talks to a few APIs.
    public struct Configuration: Sendable, Hashable {
        /// Sent as `User-Agent` unless a request brings its own.
        public var userAgent: String
        /// Connections to one host at a time; further exchanges with it wait.
        public var connectionsPerHostMax: Int
        /// Exchanges under way at a time; further ones wait in the order in which they came.
        public var inFlightMax: Int
        /// Idle connections kept for reuse, over all hosts.
        public var idleConnectionsMax: Int
        /// For name look-up, connecting and the TLS handshake together.
        public var connectTimeout: Duration
        /// For handing over one mail, from the call to the server's last reply.
        public var mailTimeout: Duration
        /// How long a resolved name is remembered.
        public var dnsCacheTimeout: Duration
        /// All header lines of an answer together.
        public var headerBytesMax: Int
        public var headerLinesMax: Int
        /// A proxy such as `http://proxy.example.org:3128`; nil goes direct, whatever the
        /// environment says.
        public var proxy: String?
        /// A PEM file of authorities to trust in place of the system's, or nil.
        public var certificateAuthorityFile: String?

        public init(
            userAgent: String = "daybook/\(HTTPClient.version)",
            connectionsPerHostMax: Int = 16,
            inFlightMax: Int = 256,
            idleConnectionsMax: Int = 64,
            connectTimeout: Duration = .seconds(10),
            mailTimeout: Duration = .seconds(60),
            dnsCacheTimeout: Duration = .seconds(60),
            headerBytesMax: Int = 256 << 10,
            headerLinesMax: Int = 500,
            proxy: String? = nil,
            certificateAuthorityFile: String? = nil
        ) {
            self.userAgent = userAgent
            self.connectionsPerHostMax = connectionsPerHostMax
            self.inFlightMax = inFlightMax
            self.idleConnectionsMax = idleConnectionsMax
            self.connectTimeout = connectTimeout
            self.mailTimeout = mailTimeout
            self.dnsCacheTimeout = dnsCacheTimeout
            self.headerBytesMax = headerBytesMax
            self.headerLinesMax = headerLinesMax
            self.proxy = proxy
            self.certificateAuthorityFile = certificateAuthorityFile
        }
    }

    /// The version in the default `User-Agent`.
    public static let version = "0.1.0"
}

extension Duration {
    /// Whole milliseconds, rounded up so that a wait is never shorter than asked; at least 1.
    var wholeMilliseconds: Int {
        let (seconds, attoseconds) = components
        guard seconds < 1_000_000_000 else { return 1_000_000_000_000 }
        let rest = (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
        return max(1, Int(seconds) * 1000 + Int(rest))
    }
}
