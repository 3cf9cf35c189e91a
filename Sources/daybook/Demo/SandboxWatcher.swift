import EventModel
import HTTPClient

/// Looks into a running sandbox: what arrived there, and what stands in its Notion.
struct SandboxWatcher: Sendable {
    let url: String
    let token: String
    let client: HTTPClient

    /// A watching endpoint's answer as a list.
    func list(_ path: String) async throws(CommandFailure) -> [Value] {
        let value = try await call("GET", path)
        guard let list = value.listValue ?? value["results"]?.listValue else {
            throw CommandFailure("the sandbox answered \(path) with no list")
        }
        return list
    }

    func mails() async throws(CommandFailure) -> [Value] { try await list("/sandbox/mails") }
    func texts() async throws(CommandFailure) -> [Value] { try await list("/sandbox/sms") }
    func slack() async throws(CommandFailure) -> [Value] { try await list("/sandbox/slack") }

    func rows(_ database: String) async throws(CommandFailure) -> [Value] {
        try await list("/sandbox/rows/\(database)")
    }

    func requests(_ prefix: String) async throws(CommandFailure) -> [Value] {
        try await list("/sandbox/requests?path_prefix=\(prefix)")
    }

    /// Makes coming requests slow, or broken.
    func addFault(_ fault: Value) async throws(CommandFailure) {
        _ = try await call("POST", "/sandbox/faults", body: fault)
    }

    /// A call to the sandbox's Notion, as a person's edit would make it.
    func notion(
        _ method: String,
        _ path: String,
        body: Value
    ) async throws(CommandFailure) -> Value {
        try await call(method, path, body: body)
    }

    private func call(
        _ method: String,
        _ path: String,
        body: Value? = nil
    ) async throws(CommandFailure) -> Value {
        let request = HTTPRequest(
            method: method,
            url: url + path,
            headers: [
                HTTPHeader("Authorization", "Bearer \(token)"),
                HTTPHeader("Notion-Version", "2026-03-11"),
                HTTPHeader("Content-Type", "application/json"),
            ],
            body: body.flatMap { try? JSON.text($0) }.map { Array($0.utf8) } ?? []
        )
        let response: HTTPResponse
        do throws(HTTPClientError) {
            response = try await client.send(request)
        } catch {
            throw CommandFailure("the sandbox does not answer: \(error)", ExitStatus.unavailable)
        }
        guard (200..<300).contains(response.status) else {
            let text = String(decoding: response.body.prefix(300), as: UTF8.self)
            throw CommandFailure(
                "the sandbox answered \(method) \(path) with \(response.status): \(text)"
            )
        }
        return (try? JSON.parse(bytes: response.body)) ?? .null
    }
}
