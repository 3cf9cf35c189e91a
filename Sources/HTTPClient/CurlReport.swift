import CCurl

/// What libcurl says about an exchange that failed.
struct CurlReport {
    let result: CURLcode
    /// libcurl's own words.
    let words: String
    /// The last line in which a mail server refused.
    let reply: String
    /// The last reply code of a mail server, 0 if there was none.
    let status: Int

    /// The error for the caller: where, what, and what to do about it.
    func error(of transfer: Transfer) -> HTTPClientError {
        if case .mail = transfer.job, isRefusal {
            let message = "\(transfer.subject): the server refused: \(reply)"
            return HTTPClientError(.refused, message, replyCode: status)
        }
        let code = code
        // The scheme was checked before, so this is about what the other side speaks.
        let isForeign = result == CURLE_UNSUPPORTED_PROTOCOL
        let remedy =
            isForeign ? "check that the port is that of the server meant" : remedy(code, transfer)
        let message = "\(transfer.subject): \(words)" + (remedy.isEmpty ? "" : "; \(remedy)")
        return HTTPClientError(code, message)
    }

    private var isRefusal: Bool {
        guard status >= 400 else { return result == CURLE_LOGIN_DENIED }
        return code != .timeout && code != .tls
    }

    private var code: HTTPClientError.Code {
        switch result {
        case CURLE_URL_MALFORMAT: .invalidRequest
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: .cannotResolve
        case CURLE_COULDNT_CONNECT, CURLE_INTERFACE_FAILED: .cannotConnect
        case CURLE_OPERATION_TIMEDOUT: .timeout
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM,
            CURLE_SSL_CIPHER, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR,
            CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_CLIENTCERT, CURLE_SSL_PINNEDPUBKEYNOTMATCH,
            CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_CRL_BADFILE,
            CURLE_USE_SSL_FAILED:
            .tls
        case CURLE_FILESIZE_EXCEEDED: .responseTooLarge
        case CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE,
            CURLE_HTTP2, CURLE_HTTP2_STREAM, CURLE_WEIRD_SERVER_REPLY, CURLE_SSL_SHUTDOWN_FAILED,
            CURLE_BAD_CONTENT_ENCODING:
            .brokenConnection
        default: .other
        }
    }

    private func remedy(_ code: HTTPClientError.Code, _ transfer: Transfer) -> String {
        switch code {
        case .cannotResolve: "check the host's name and this machine's DNS"
        case .cannotConnect: "check that the server runs and that the port is right"
        case .timeout: "the whole exchange was given \(transfer.timeout)"
        case .tls: "check the server's certificate and the trusted authorities"
        case .responseTooLarge: "ask for less or raise the limit"
        case .invalidRequest: "check the URL"
        case .brokenConnection: "the request may have been done all the same"
        case .refused, .cancelled, .shutDown, .other: ""
        }
    }
}
