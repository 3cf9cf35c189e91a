// What libcurl would pass on unseen, and what would let a text smuggle in a line of its own.

extension HTTPRequest {
    /// Refuses what could not go over the wire as it is meant.
    func check() throws(HTTPClientError) {
        try Self.checkURL(url, schemes: ["http", "https"])
        guard !method.isEmpty, method.utf8.allSatisfy(isTokenByte) else {
            throw HTTPClientError(
                .invalidRequest,
                "'\(method)' is no HTTP method; write GET, POST …"
            )
        }
        for header in headers {
            guard !header.name.isEmpty, header.name.utf8.allSatisfy(isTokenByte) else {
                let remedy = "use letters, digits and hyphens"
                throw HTTPClientError(
                    .invalidRequest,
                    "'\(header.name)' is no header name; \(remedy)"
                )
            }
            guard header.value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
                let remedy = "remove line breaks and control characters"
                throw HTTPClientError(
                    .invalidRequest,
                    "the value of header \(header.name) cannot be sent; \(remedy)"
                )
            }
        }
        guard responseBytesMax >= 0, timeout > .zero else {
            let message = "responseBytesMax must not be negative and timeout must be positive"
            throw HTTPClientError(.invalidRequest, message)
        }
    }

    static func checkURL(_ url: String, schemes: [String]) throws(HTTPClientError) {
        let isPlain = url.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F }
        let scheme = url.prefix { $0 != ":" }.lowercased()
        guard isPlain, schemes.contains(scheme), url.dropFirst(scheme.count).hasPrefix("://") else {
            let wanted = schemes.map { "\($0)://" }.joined(separator: " or ")
            throw HTTPClientError(
                .invalidRequest,
                "'\(RedactedURL(url))' is no usable URL; write \(wanted), a host and no spaces"
            )
        }
    }
}

extension MailEnvelope {
    /// Refuses addresses that would break the SMTP dialogue, and servers of other protocols.
    func check(server: MailServer) throws(HTTPClientError) {
        try HTTPRequest.checkURL(server.url, schemes: ["smtp", "smtps"])
        guard !recipients.isEmpty else {
            throw HTTPClientError(.invalidRequest, "the mail has no recipient; give at least one")
        }
        for address in recipients + [sender] {
            let isPlain = address.utf8.allSatisfy {
                $0 > 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "<") && $0 != UInt8(ascii: ">")
            }
            guard isPlain, address.contains("@") else {
                let message = "'\(address)' is no mail address; write it as name@example.org"
                throw HTTPClientError(.invalidRequest, message)
            }
        }
    }
}

/// `tchar` of RFC 9110 section 5.6.2.
private func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
    default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
}
