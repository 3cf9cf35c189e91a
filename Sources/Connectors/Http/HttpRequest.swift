public import EventModel
import Foundation
public import HTTPClient
public import WorkflowEngine

/// `http.request`: a call of any HTTP interface.
public struct HTTPRequestAction: ActionHandler {
    private static let methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
    static let responseBytesMax = 768 << 10

    private let call: HTTPCall

    /// Takes what sends, and whom it may send to.
    public init(_ transport: any HTTPTransport, settings: OutgoingSettings) {
        call = HTTPCall(transport: transport, settings: settings)
    }

    public let descriptor = ActionDescriptor(
        name: "http.request",
        aliases: ["http_request"],
        summary: "Calls an HTTP interface.",
        discussion: """
            A map or list as body is sent as JSON, a text as it is. An Idempotency-Key, the same for \
            every try of the step, goes with every method but GET and HEAD. A status from 400 on \
            fails the step unless `accept` names it: 401 unauthorized, 403 forbidden, 404 not_found, \
            409 conflict, 408 timeout, 429 rate_limited, 5xx unavailable, else refused. Hosts can be \
            limited by outgoing.hosts; private addresses are refused unless \
            outgoing.private_addresses allows them, at the moment of connecting, so no name and no \
            redirect leads there. Passwords do not belong into a step, because its input is in the \
            log: name a credential of outgoing.credentials. An answer is at most 768 KiB.
            """,
        inputs: [
            ActionField("url", .string, required: true, "http:// or https://"),
            ActionField("method", .string, choices: methods, "GET if not given"),
            ActionField("query", .map, "added to the address"),
            ActionField("headers", .map, "name to value"),
            ActionField("body", .any, "a map or list for JSON, or a text"),
            ActionField("credential", .string, "a name under outgoing.credentials"),
            ActionField("timeout", .duration, "for the whole exchange, up to 5m; 30s if not given"),
            ActionField("follow_redirects", .boolean, "for GET and HEAD, up to 5; false"),
            ActionField("accept", .list, "statuses from 400 on that are no failure"),
        ],
        outputs: [
            ActionField("status", .integer, required: true, "the status"),
            ActionField("headers", .map, required: true, "lower-case names to values"),
            ActionField("body", .any, required: true, "JSON as a value, else a text or bytes"),
            ActionField("url", .string, required: true, "the last address, after redirects"),
        ],
        effect: .atLeastOnce
    )

    public func integration(for input: Value) -> String? {
        let host = input["url"]?.stringValue.flatMap { URLComponents(string: $0)?.host }
        return host.map { "http:\($0.lowercased())" }
    }

    public func perform(
        _ request: ActionRequest,
        services: any ActionServices
    ) async throws(ActionFailure) -> Value {
        let input = ActionInput(request)
        let method = try input.choice("method", of: Self.methods) ?? "GET"
        let (bytes, type) = try Self.body(input.members["body"] ?? .null)
        let exchange = HTTPRequest(
            method: method,
            url: try Self.address(try input.text("url"), try input.optionalMap("query")),
            headers: try headers(input, request, method, type),
            body: bytes,
            timeout: try input.duration("timeout", default: .seconds(30), max: .seconds(300)),
            responseBytesMax: Self.responseBytesMax
        )
        let (response, url) = try await call.send(
            exchange,
            credential: try input.optionalText("credential"),
            followsRedirects: try input.boolean("follow_redirects") ?? false
        )
        let accepted = (try input.optionalList("accept") ?? []).compactMap(\.intValue)
        guard response.status < 400 || accepted.contains(Int64(response.status)) else {
            throw HTTPCall.failure(response, url)
        }
        var names = ValueMap()
        for header in response.headers { names[header.name.lowercased()] = .string(header.value) }
        return [
            "status": .int(Int64(response.status)), "headers": .map(names),
            "body": Self.content(response), "url": .string(url),
        ]
    }

    private func headers(
        _ input: ActionInput,
        _ request: ActionRequest,
        _ method: String,
        _ type: String?
    ) throws(ActionFailure) -> [HTTPHeader] {
        var headers: [HTTPHeader] = []
        let given = try input.optionalMap("headers") ?? ValueMap()
        for name in given.stringKeys {
            guard let value = given[name]?.plainText else {
                throw ActionInput.invalid("headers", "holds no text at '\(name)'", remedy: "a text")
            }
            if ["authorization", "cookie", "proxy-authorization"].contains(name.lowercased()) {
                throw ActionInput.invalid(
                    "headers",
                    "holds '\(name)', which would stand in the log",
                    remedy: "name a credential of outgoing.credentials"
                )
            }
            headers.append(HTTPHeader(name, value))
        }
        let names = Set(headers.map { $0.name.lowercased() })
        if let type, !names.contains("content-type") {
            headers.append(HTTPHeader("Content-Type", type))
        }
        if !["GET", "HEAD"].contains(method), !names.contains("idempotency-key") {
            let key = MessageFailure.headerSafe(request.idempotencyKey)
            headers.append(HTTPHeader("Idempotency-Key", key))
        }
        return headers
    }

    private static func body(
        _ value: Value
    ) throws(ActionFailure) -> (bytes: [UInt8], type: String?) {
        switch value {
        case .null: return ([], nil)
        case .string(let text): return (Array(text.utf8), "text/plain; charset=utf-8")
        case .bytes(let bytes): return (bytes, "application/octet-stream")
        case .bool, .int, .uint, .double, .timestamp, .duration, .list, .map:
            do throws(JSONError) {
                return (try JSON.bytes(value), "application/json")
            } catch {
                throw ActionInput.invalid("body", "is no JSON: \(error)", remedy: "change it")
            }
        }
    }

    private static func address(
        _ text: String,
        _ query: ValueMap?
    ) throws(ActionFailure) -> String {
        guard let query, !query.isEmpty else { return text }
        guard var parts = URLComponents(string: text) else {
            throw ActionInput.invalid("url", "is no address", remedy: "write https://host/path")
        }
        var items = parts.queryItems ?? []
        for name in query.stringKeys {
            guard let value = query[name]?.plainText else {
                throw ActionInput.invalid("query", "holds no text at '\(name)'", remedy: "a text")
            }
            items.append(URLQueryItem(name: name, value: value))
        }
        parts.queryItems = items
        return parts.string ?? text
    }

    private static func content(_ response: HTTPResponse) -> Value {
        let type = response["Content-Type"] ?? ""
        if type.contains("json"), let value = try? JSON.parse(bytes: response.body) {
            return value
        }
        if let text = String(validating: response.body, as: UTF8.self) { return .string(text) }
        return .bytes(response.body)
    }
}

extension Value {
    /// A text, number or truth as text; nil for anything else.
    var plainText: String? {
        switch self {
        case .string(let text): text
        case .int(let number): "\(number)"
        case .uint(let number): "\(number)"
        case .double(let number): "\(number)"
        case .bool(let truth): truth ? "true" : "false"
        case .timestamp(let instant): instant.rfc3339
        case .null, .bytes, .duration, .list, .map: nil
        }
    }
}

extension ActionInput {
    func boolean(_ key: String) throws(ActionFailure) -> Bool? {
        guard let value = members[key], !value.isNull else { return nil }
        guard let truth = value.boolValue else {
            throw ActionInput.invalid(key, "is a \(value.typeName)", remedy: "give true or false")
        }
        return truth
    }

    func duration(
        _ key: String,
        default missing: Duration,
        max: Duration
    ) throws(ActionFailure) -> Duration {
        guard let value = members[key], !value.isNull else { return missing }
        let length =
            value.durationValue ?? value.stringValue.flatMap { try? DurationText.parse($0) }
        guard let length, length > .zero, length <= max else {
            throw ActionInput.invalid(key, "is out of range", remedy: "give up to \(max)")
        }
        return length
    }
}
