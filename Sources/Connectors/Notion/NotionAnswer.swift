import EventModel
import HTTPClient

/// Reads what came back: a value, or an error with all that Notion said about it.
enum NotionAnswer {
    static func read(_ response: HTTPResponse, to call: NotionCall) throws(NotionError) -> Value {
        let body = NotionJSON.decode(response.body)
        if (200..<300).contains(response.status) {
            guard let body, body.mapValue != nil else {
                throw NotionError(
                    .malformedAnswer,
                    "\(call.method) \(call.path) was answered with something other than JSON",
                    status: response.status,
                    requestID: response["x-notion-request-id"],
                    isOutcomeUnknown: !call.isRepeatable
                )
            }
            return body
        }
        throw error(response, body: body, call: call)
    }

    /// What a failure of the connection means for a call.
    static func error(_ failure: HTTPClientError, call: NotionCall) -> NotionError {
        let message = "\(call.method) \(call.path): \(failure.message)"
        switch failure.code {
        case .cannotResolve, .cannotConnect, .tls:
            return NotionError(.cannotConnect, message)
        case .cancelled, .shutDown:
            return NotionError(.cancelled, message, isOutcomeUnknown: !call.isRepeatable)
        case .invalidRequest:
            return NotionError(.validation, message)
        case .responseTooLarge:
            return NotionError(.malformedAnswer, message, isOutcomeUnknown: !call.isRepeatable)
        case .timeout, .brokenConnection, .refused, .other:
            return NotionError(.connectionLost, message, isOutcomeUnknown: !call.isRepeatable)
        }
    }

    private static func error(
        _ response: HTTPResponse,
        body: Value?,
        call: NotionCall
    ) -> NotionError {
        let isOutcomeUnknown =
            response.status >= 500 && response.status != 529 && !call.isRepeatable
        guard let body, body["object"]?.stringValue == "error" else {
            return NotionError(
                edgeCode(response.status),
                "\(call.method) \(call.path) got HTTP \(response.status), not from Notion itself",
                status: response.status,
                requestID: response["x-notion-request-id"] ?? response["cf-ray"],
                retryAfter: retryAfter(response, body: nil),
                isOutcomeUnknown: isOutcomeUnknown
            )
        }
        let code = body["code"]?.stringValue ?? "unknown"
        return NotionError(
            NotionError.Code(rawValue: code),
            body["message"]?.stringValue ?? "HTTP \(response.status)",
            status: response.status,
            requestID: body["request_id"]?.stringValue ?? response["x-notion-request-id"],
            retryAfter: retryAfter(response, body: body),
            reason: body[path: "additional_data", "rate_limit_reason"]?.stringValue,
            committedResourceID: committedID(body),
            isOutcomeUnknown: isOutcomeUnknown
        )
    }

    private static func edgeCode(_ status: Int) -> NotionError.Code {
        switch status {
        case 429: .rateLimited
        case 529: .overloaded
        case 503: .unavailable
        case 504: .gatewayTimeout
        default: .edge
        }
    }

    private static func committedID(_ body: Value) -> String? {
        body[path: "additional_data", "committed_resource_id"]?.stringValue
            ?? body["committed_resource_id"]?.stringValue
    }

    private static func retryAfter(_ response: HTTPResponse, body: Value?) -> Duration? {
        let text =
            response["Retry-After"] ?? body?[path: "additional_data", "retry_after"]?.stringValue
        guard let text, let seconds = Int64(text), (0...86_400).contains(seconds) else {
            return nil
        }
        return .seconds(seconds)
    }
}
