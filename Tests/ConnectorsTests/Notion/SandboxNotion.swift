import EventModel
import Foundation
import HTTPClient
import Records
import Testing

@testable import Connectors
@testable import Sandbox

/// The sandbox's Notion behind a transport, without sockets and without waiting.
struct SandboxNotion {
    /// Hands requests to the sandbox and answers in its words.
    private struct Transport: HTTPTransport {
        let core: SandboxCore

        func send(_ request: HTTPRequest) async throws(HTTPClientError) -> HTTPResponse {
            // Requests of several tasks mix, as they do on a network.
            for _ in 0..<10 { await Task.yield() }
            let headers = request.headers.map { ($0.name.lowercased(), $0.value) }
            let reply = await core.respond(
                to: SandboxRequest(
                    method: request.method,
                    target: String(request.url.dropFirst(SandboxNotion.baseURL.count)),
                    headers: [String: String](headers, uniquingKeysWith: { first, _ in first }),
                    body: request.body
                )
            )
            return HTTPResponse(
                status: reply.status,
                headers: reply.headers.map { HTTPHeader($0.name, $0.value) },
                body: reply.body
            )
        }
    }

    static let baseURL = "http://sandbox.example.org"

    let time = SkippingTime()
    let catalogue: DatabaseCatalogue
    let transport: any HTTPTransport
    let client: NotionClient
    let directory: NotionDirectory
    let store: NotionRecordStore

    init(
        isEmpty: Bool = false,
        queryResultsMax: Int = 10_000,
        token: String = SandboxConfiguration.token
    ) throws {
        catalogue = try SandboxNotion.catalogue()
        let time = time
        let core = SandboxCore(now: { time.now })
        core.open(
            try SandboxState(
                configuration: SandboxConfiguration(
                    catalogue: catalogue,
                    organisation: isEmpty ? .empty : .demonstration,
                    nonce: "test",
                    queryResultsMax: queryResultsMax,
                    requestsPerMinute: nil,
                    now: { time.now }
                ),
                baseURL: SandboxNotion.baseURL
            )
        )
        transport = Transport(core: core)
        client = NotionClient(
            configuration: NotionConfiguration(baseURL: SandboxNotion.baseURL, token: token),
            transport: transport,
            time: time
        )
        directory = NotionDirectory(client: client, catalogue: catalogue)
        store = NotionRecordStore(
            directory: directory,
            normalizer: ContactNormalizer(countryCode: "386")
        )
    }

    static func catalogue() throws -> DatabaseCatalogue {
        let folder = URL(fileURLWithPath: "Schemas/databases")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { $0.hasSuffix(".yaml") }
        return try DatabaseCatalogueReader.catalogue(
            names.map {
                ($0, try String(contentsOf: folder.appendingPathComponent($0), encoding: .utf8))
            }
        )
    }

    /// Rows of a database in Daybook's field keys, as the sandbox itself sees them.
    func rows(_ database: String) async throws -> [Value] {
        let answer = try await ask("GET", "/sandbox/rows/\(database)")
        return answer.listValue ?? []
    }

    /// The requests so far whose path begins so.
    func requests(_ method: String, _ prefix: String) async throws -> [Value] {
        let answer = try await ask("GET", "/sandbox/requests?path_prefix=\(prefix)")
        return (answer.listValue ?? []).filter { $0["method"]?.stringValue == method }
    }

    func order(fault: Value) async throws { _ = try await ask("POST", "/sandbox/faults", fault) }

    /// What a staff member does in Notion.
    func staff(_ method: String, _ path: String, _ body: Value) async throws -> Value {
        try await ask(method, path, body, token: SandboxConfiguration.staffToken)
    }

    private func ask(
        _ method: String,
        _ path: String,
        _ body: Value? = nil,
        token: String = SandboxConfiguration.token
    ) async throws -> Value {
        let request = HTTPRequest(
            method: method,
            url: SandboxNotion.baseURL + path,
            headers: [
                HTTPHeader("Authorization", "Bearer \(token)"),
                HTTPHeader("Notion-Version", "2026-03-11"),
                HTTPHeader("Content-Type", "application/json"),
            ],
            body: try body.map { try JSON.bytes($0) } ?? []
        )
        let response = try await transport.send(request)
        let text = String(decoding: response.body, as: UTF8.self)
        try #require((200..<300).contains(response.status), "\(method) \(path): \(text)")
        return text.isEmpty ? .null : try JSON.parse(text)
    }
}
