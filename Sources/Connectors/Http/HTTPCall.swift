import EventModel
import Foundation
import HTTPClient
import WorkflowEngine

/// One call over HTTP that keeps to the configuration: hosts, private addresses, redirects, credentials.
struct HTTPCall: Sendable {
    static let redirectsMax = 5

    let transport: any HTTPTransport
    let settings: OutgoingSettings

    /// Sends a request; follows redirects, each checked like the first address, if it may.
    func send(
        _ request: HTTPRequest,
        credential name: String?,
        followsRedirects: Bool
    ) async throws(ActionFailure) -> (response: HTTPResponse, url: String) {
        var request = request
        request.refusesPrivateAddresses = !settings.allowsPrivateAddresses
        let own = request.headers
        for _ in 0...Self.redirectsMax {
            let host = try settings.host(of: request.url)
            request.headers = own + (try header(name, for: host))
            let response: HTTPResponse
            do throws(HTTPClientError) {
                response = try await transport.send(request)
            } catch {
                throw Self.failure(error)
            }
            guard followsRedirects, [301, 302, 303, 307, 308].contains(response.status),
                ["GET", "HEAD"].contains(request.method), let next = response["Location"],
                let base = URL(string: request.url),
                let url = URL(string: next, relativeTo: base)?.absoluteURL
            else { return (response, request.url) }
            request.url = url.absoluteString
        }
        throw ActionFailure(
            code: "refused",
            message: "more than \(Self.redirectsMax) redirects",
            isRetryable: false
        )
    }

    private func header(
        _ name: String?,
        for host: String
    ) throws(ActionFailure) -> [HTTPHeader] {
        guard let name else { return [] }
        guard let credential = settings.credentials[name] else {
            throw ActionFailure(
                code: "invalid_configuration",
                message: "there is no credential '\(name)' under outgoing.credentials",
                isRetryable: false
            )
        }
        // Sent to its own host only, also after a redirect.
        guard credential.host.lowercased() == host else { return [] }
        return [HTTPHeader(credential.header, credential.value)]
    }

    static func failure(_ error: HTTPClientError) -> ActionFailure {
        let (code, isRetryable): (String, Bool) =
            switch error.code {
            case .invalidRequest: ("invalid_input", false)
            case .timeout: ("timeout", true)
            case .cannotResolve, .cannotConnect, .tls, .brokenConnection, .other:
                ("unavailable", true)
            case .responseTooLarge: ("response_too_large", false)
            case .cancelled, .shutDown: ("cancelled", true)
            case .refused: ("refused", false)
            }
        return ActionFailure(code: code, message: error.message, isRetryable: isRetryable)
    }

    /// An address without its query, which may hold what nobody should read in a log.
    private static func place(_ url: String) -> String { String(url.prefix { $0 != "?" }) }

    /// What a status that is no success means.
    static func failure(_ response: HTTPResponse, _ url: String) -> ActionFailure {
        let (code, isRetryable): (String, Bool) =
            switch response.status {
            case 401: ("unauthorized", false)
            case 403: ("forbidden", false)
            case 404, 410: ("not_found", false)
            case 408, 425: ("timeout", true)
            case 409: ("conflict", true)
            case 429: ("rate_limited", true)
            case 500...: ("unavailable", true)
            default: ("refused", false)
            }
        let words = String(decoding: response.body.prefix(300), as: UTF8.self)
        let pause = response["Retry-After"].flatMap { Int64($0) }
        return ActionFailure(
            code: code,
            message: "\(place(url)) answered \(response.status): \(words)",
            isRetryable: isRetryable,
            retryAfter: isRetryable ? pause.map { .seconds(min(max($0, 0), 86_400)) } : nil,
            details: ["status": .int(Int64(response.status))]
        )
    }
}
