import EventModel
import WorkflowEngine

/// Says in the words of actions what Notion said in its own.
enum NotionFailure {
    static func failure(_ error: NotionError) -> ActionFailure {
        let (code, isRetryable) = kind(error)
        var details: ValueMap = ["notion_code": .string(error.code.rawValue)]
        if let status = error.status { details["status"] = .int(Int64(status)) }
        if let request = error.requestID { details["request_id"] = .string(request) }
        if let reason = error.reason { details["reason"] = .string(reason) }
        if let field = error.field { details["field"] = .string(field) }
        return ActionFailure(
            code: code,
            message: error.message,
            isRetryable: isRetryable,
            retryAfter: error.retryAfter,
            details: .map(details)
        )
    }

    private static func kind(_ error: NotionError) -> (code: String, isRetryable: Bool) {
        if error.isBlocked { return ("blocked", false) }
        if error.isRateLimit { return ("rate_limited", true) }
        switch error.code {
        case .unauthorized: return ("unauthorized", false)
        case .restricted: return ("forbidden", false)
        case .notFound, .databaseMissing: return ("not_found", false)
        case .conflict: return ("conflict", true)
        case .validation, .invalidValue: return ("invalid_input", false)
        case .connectionLost, .gatewayTimeout: return ("timeout", true)
        case .cannotConnect: return ("unavailable", true)
        case .cancelled: return ("cancelled", true)
        default: break
        }
        guard let status = error.status else { return ("unavailable", true) }
        return status >= 500 ? ("unavailable", true) : ("refused", false)
    }
}
