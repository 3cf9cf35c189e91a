import EventModel

/// An answer of Notion that is not a success.
struct NotionError: Error {
    var status: Int
    var code: String
    var message: String
    var additionalData: ValueMap = [:]
    var headers: [(String, String)] = []

    static func validation(_ message: String) -> NotionError {
        NotionError(status: 400, code: "validation_error", message: message)
    }

    /// A member of the body that is not what it should be.
    ///
    /// - Parameters:
    ///   - path: from the body's root: `properties.Name.title`.
    ///   - expectation: `an array`, `defined`, `≤ `100``.
    ///   - value: what stands there; nil if it is missing.
    static func body(_ path: String, _ expectation: String, _ value: Value?) -> NotionError {
        let found = value.map(shown) ?? "undefined"
        return validation(
            "body failed validation: body.\(path) should be \(expectation), instead was `\(found)`."
        )
    }

    static func length(_ path: String, _ maximum: Int, _ length: Int) -> NotionError {
        validation(
            "body failed validation: body.\(path).length should be ≤ `\(maximum)`, "
                + "instead was `\(length)`."
        )
    }

    static func wrongIdentifier(_ parameter: String, _ text: String) -> NotionError {
        validation(
            "path failed validation: path.\(parameter) should be a valid uuid, "
                + "instead was `\"\(text)\"`."
        )
    }

    static func notFound(_ what: String, _ id: String) -> NotionError {
        let advice =
            what == "user"
            ? "Make sure your integration has capabilities to read user information. With those "
                + "capabilities, only members and guests in the integration's workspace are visible."
            : "Make sure the relevant pages and databases are shared with your integration "
                + "\"\(NotionUser.botName)\"."
        return NotionError(
            status: 404,
            code: "object_not_found",
            message: "Could not find \(what) with ID: \(id). \(advice)",
            additionalData: ["integration_id": .string(NotionUser.botID)]
        )
    }

    static let unauthorized = NotionError(
        status: 401,
        code: "unauthorized",
        message: "API token is invalid."
    )

    static let wrongURL = NotionError(
        status: 400,
        code: "invalid_request_url",
        message: "Invalid request URL."
    )

    static let wrongJSON = NotionError(
        status: 400,
        code: "invalid_json",
        message: "Error parsing JSON body."
    )

    /// What Notion says with a status when the one who asked for a fault gave no body.
    static func fault(status: Int) -> NotionError {
        let known: [Int: (String, String)] = [
            400: ("validation_error", "The request was refused on demand."),
            401: ("unauthorized", "API token is invalid."),
            403: ("restricted_resource", "Insufficient permissions for this endpoint."),
            404: ("object_not_found", "Could not find the object."),
            409: ("conflict_error", "Conflict occurred while saving. Please try again."),
            429: ("rate_limited", "You have been rate limited. Please try again later."),
            500: ("internal_server_error", "Unexpected error occurred."),
            502: ("bad_gateway", "Bad gateway."),
            503: ("service_unavailable", "Notion is unavailable. Please try again later."),
            504: ("gateway_timeout", "The request timed out."),
            529: ("service_overload", "Notion is overloaded. Please try again later."),
        ]
        let (code, message) =
            known[status] ?? ("internal_server_error", "Unexpected error occurred.")
        return NotionError(status: status, code: code, message: message)
    }

    func body(requestID: String) -> Value {
        var map: ValueMap = [
            "object": "error", "status": .int(Int64(status)), "code": .string(code),
            "message": .string(message), "request_id": .string(requestID),
        ]
        if !additionalData.isEmpty { map["additional_data"] = .map(additionalData) }
        return .map(map)
    }

    private static func shown(_ value: Value) -> String {
        // A long text in a message helps nobody.
        let text = SandboxJSON.text(value)
        return text.count > 200 ? text.prefix(200) + "…" : text
    }
}
