import EventModel
import HTTPClient
import WorkflowEngine

/// What failures of transports mean for an action.
enum MessageFailure {
    /// - Parameters:
    ///   - error: why there was no answer.
    ///   - what: names the other side where its URL is a secret; nil shows the error's own words.
    static func action(_ error: HTTPClientError, what: String? = nil) -> ActionFailure {
        let message = what.map { "\($0): \(words(error.code))" } ?? error.message
        let (code, isRetryable) = meaning(error)
        return ActionFailure(code: code, message: message, isRetryable: isRetryable)
    }

    private static func meaning(_ error: HTTPClientError) -> (code: String, isRetryable: Bool) {
        switch error.code {
        case .invalidRequest: return ("invalid_configuration", false)
        case .timeout: return ("timeout", true)
        case .cannotResolve, .cannotConnect, .tls, .brokenConnection, .other:
            return ("unavailable", true)
        case .responseTooLarge: return ("invalid_response", false)
        case .cancelled, .shutDown: return ("cancelled", true)
        case .refused:
            // 530 and 535 are about logging in (RFC 4954); 4xx may pass later (RFC 5321 section
            // 4.2.1).
            switch error.replyCode ?? 0 {
            case 530, 534, 535, 538: return ("unauthorized", false)
            case 400..<500: return ("unavailable", true)
            default: return ("rejected", false)
            }
        }
    }

    private static func words(_ code: HTTPClientError.Code) -> String {
        switch code {
        case .invalidRequest: "its URL in the configuration cannot be used; correct it"
        case .cannotResolve: "its host's name is unknown; check the URL and this machine's DNS"
        case .cannotConnect: "it takes no connection; check the URL and that it runs"
        case .timeout: "it did not answer in time"
        case .tls: "its certificate is not trusted or TLS failed; check the trusted authorities"
        case .responseTooLarge: "its answer is too long"
        case .brokenConnection: "the connection broke; the message may have been sent"
        case .refused: "it refused"
        case .cancelled: "the call was cancelled"
        case .shutDown: "the engine is stopping"
        case .other: "the exchange failed"
        }
    }

    /// - Parameters:
    ///   - response: an answer that is no success.
    ///   - what: names the other side.
    static func action(_ response: HTTPResponse, what: String) -> ActionFailure {
        let status = response.status
        let words = String(decoding: response.body.prefix(300), as: UTF8.self)
        let said = words.isEmpty ? "" : " and said: \(words)"
        let (code, isRetryable, remedy) =
            switch status {
            case 401, 403: ("unauthorized", false, "; check its token in the configuration")
            case 404, 410: ("not_found", false, "; check its URL in the configuration")
            case 408, 425: ("timeout", true, "")
            case 409: ("conflict", true, "")
            case 429: ("rate_limited", true, "")
            case 500...: ("unavailable", true, "")
            default: ("rejected", false, "")
            }
        return ActionFailure(
            code: code,
            message: "\(what) answered \(status)\(said)\(remedy)",
            isRetryable: isRetryable,
            retryAfter: isRetryable ? retryAfter(response) : nil,
            details: ["status": .int(Int64(status))]
        )
    }

    /// The seconds of `Retry-After`; its form as a date is not read.
    private static func retryAfter(_ response: HTTPResponse) -> Duration? {
        guard let text = response["Retry-After"], let seconds = Double(text), seconds >= 0,
            seconds < 1e9
        else { return nil }
        return .milliseconds(Int64((seconds * 1000).rounded(.up)))
    }

    /// The key as a header can hold it: a digest stands for one that is long or not plain.
    static func headerSafe(_ key: String) -> String {
        let isPlain = key.utf8.allSatisfy { (0x21..<0x7F).contains($0) }
        return isPlain && key.utf8.count <= 200 ? key : Digest.sha256(key.utf8).hexadecimal
    }
}
