import EventModel
import Foundation
import Records
import Synchronization

@testable import Sandbox

/// The databases as the repository declares them.
func catalogue() throws -> DatabaseCatalogue {
    let folder = URL(fileURLWithPath: "Schemas/databases")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        .filter { $0.hasSuffix(".yaml") }
    return try DatabaseCatalogueReader.catalogue(
        names.map {
            ($0, try String(contentsOf: folder.appendingPathComponent($0), encoding: .utf8))
        }
    )
}

/// A clock that tests set.
final class TestClock: Sendable {
    private let time: Mutex<Timestamp>

    init(_ text: String) throws { time = Mutex(try Timestamp(rfc3339: text)) }

    var now: Timestamp { time.withLock(\.self) }

    func advance(_ duration: Duration) { time.withLock { $0 = $0 + duration } }
}

/// A sandbox without sockets.
struct LocalNotion {
    var state: SandboxState
    let clock: TestClock

    init(
        _ organisation: SandboxConfiguration.Organisation = .empty,
        catalogue: DatabaseCatalogue = DatabaseCatalogue(databases: []),
        queryResultsMax: Int = 10_000,
        requestsPerMinute: Int? = nil,
        at time: String = "2026-06-27T17:01:15.377Z"
    ) throws {
        let clock = try TestClock(time)
        self.clock = clock
        let configuration = SandboxConfiguration(
            catalogue: catalogue,
            organisation: organisation,
            nonce: "test",
            queryResultsMax: queryResultsMax,
            requestsPerMinute: requestsPerMinute,
            now: { clock.now }
        )
        state = try SandboxState(configuration: configuration, baseURL: "http://sandbox")
    }

    static let headers = [
        "authorization": "Bearer ntn_sandbox", "notion-version": "2026-03-11",
    ]

    /// The status and the body of an answer.
    mutating func call(
        _ method: String,
        _ target: String,
        _ body: Value? = nil,
        headers: [String: String] = LocalNotion.headers
    ) throws -> (status: Int, body: Value) {
        let bytes = try body.map { try JSON.bytes($0) } ?? []
        let reply = state.answer(
            SandboxRequest(method: method, target: target, headers: headers, body: bytes)
        )
        return (reply.status, try JSON.parse(bytes: reply.body))
    }

    /// The body of an answer that must be a success.
    mutating func get(_ method: String, _ target: String, _ body: Value? = nil) throws -> Value {
        let answer = try call(method, target, body)
        guard answer.status == 200 else {
            throw SandboxError("\(method) \(target): \(answer.status) \(answer.body)")
        }
        return answer.body
    }

    /// Creates a database with these columns; gives the ids of database and data source.
    mutating func database(_ properties: Value) throws -> (database: String, source: String) {
        let answer = try get(
            "POST",
            "/v1/databases",
            [
                "parent": ["type": "page_id", "page_id": .string(NotionWorkspace.rootPageID)],
                "title": [["text": ["content": "Test"]]],
                "initial_data_source": ["properties": properties],
            ]
        )
        let source = answer["data_sources"]?.listValue?.first?["id"]?.stringValue ?? ""
        return (answer["id"]?.stringValue ?? "", source)
    }

    /// Creates a row; gives its id.
    mutating func page(_ source: String, _ properties: Value) throws -> String {
        let body: Value = [
            "parent": ["data_source_id": .string(source)], "properties": properties,
        ]
        return try get("POST", "/v1/pages", body)["id"]?.stringValue ?? ""
    }

    /// The plain titles of the rows that a query gives.
    mutating func titles(_ source: String, _ body: Value) throws -> [String] {
        let answer = try get("POST", "/v1/data_sources/\(source)/query", body)
        return (answer["results"]?.listValue ?? []).map { page in
            NotionText.plainText(page["properties"]?["Name"]?["title"])
        }
    }
}

/// A title as a client writes it.
func title(_ text: String) -> Value { ["title": [["text": ["content": .string(text)]]]] }

/// A rich text as a client writes it.
func text(_ text: String) -> Value { ["rich_text": [["text": ["content": .string(text)]]]] }
