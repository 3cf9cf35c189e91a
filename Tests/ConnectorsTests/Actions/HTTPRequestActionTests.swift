import DaybookTestKit
import EventModel
import HTTPClient
import Synchronization
import Testing
import WorkflowEngine

@testable import Connectors

/// `http.request` and `file.upload` against a scripted transport, and the store of files.
@Suite struct HTTPRequestActionTests {
    /// Gives answers in turn and remembers what was asked.
    private final class Script: HTTPTransport {
        private let answers: Mutex<[HTTPResponse]>
        private let asked = Mutex<[HTTPRequest]>([])

        init(_ answers: HTTPResponse...) { self.answers = Mutex(answers) }

        var requests: [HTTPRequest] { asked.withLock { $0 } }

        func send(_ request: HTTPRequest) async throws(HTTPClientError) -> HTTPResponse {
            asked.withLock { $0.append(request) }
            return answers.withLock { answers in
                answers.count > 1 ? answers.removeFirst() : answers[0]
            }
        }
    }

    private static func answer(
        _ status: Int,
        _ body: String = "",
        type: String = "application/json",
        _ headers: [HTTPHeader] = []
    ) -> HTTPResponse {
        HTTPResponse(
            status: status,
            headers: [HTTPHeader("Content-Type", type)] + headers,
            body: Array(body.utf8)
        )
    }

    private static let settings = OutgoingSettings(
        hosts: ["api.example.org", "*.shop.example"],
        credentials: [
            "shop": .init(host: "eu.shop.example", header: "Authorization", value: "Bearer s3cret")
        ]
    )

    private static func perform(
        _ input: Value,
        _ script: Script,
        _ settings: OutgoingSettings = settings
    ) async throws -> Value {
        try await HTTPRequestAction(script, settings: settings)
            .perform(request(input, key: "key-1"), services: MemoryServices())
    }

    @Test func sendsJSONWithItsKeyAndCredential() async throws {
        let script = Script(Self.answer(201, #"{"id": 7}"#))
        let output = try await Self.perform(
            [
                "url": "https://eu.shop.example/orders?x=1", "method": "POST", "body": ["n": 2],
                "query": ["q": "a b"], "headers": ["X-Trace": "t"], "credential": "shop",
            ],
            script
        )
        let sent = try #require(script.requests.first)
        #expect(sent.url == "https://eu.shop.example/orders?x=1&q=a%20b")
        #expect(String(decoding: sent.body, as: UTF8.self) == #"{"n":2}"#)
        let headers = Dictionary(sent.headers.map { ($0.name, $0.value) }) { first, _ in first }
        #expect(headers["Idempotency-Key"] == "key-1" && headers["X-Trace"] == "t")
        #expect(headers["Authorization"] == "Bearer s3cret")
        #expect(headers["Content-Type"] == "application/json")
        #expect(sent.refusesPrivateAddresses)
        #expect(output["status"] == 201 && output["body"] == ["id": 7])
    }

    @Test func followsRedirectsWithinTheRules() async throws {
        let there = [HTTPHeader("Location", "https://api.example.org/b")]
        let script = Script(Self.answer(302, type: "text/plain", there), Self.answer(200, "1"))
        let output = try await Self.perform(
            ["url": "https://eu.shop.example/a", "follow_redirects": true, "credential": "shop"],
            script
        )
        #expect(output["url"] == "https://api.example.org/b" && output["body"] == 1)
        // A credential is for its own host.
        #expect(
            script.requests.map { $0.headers.contains { $0.name == "Authorization" } }
                == [true, false]
        )
        let away = [HTTPHeader("Location", "http://10.0.0.1/")]
        let failed = await failure {
            try await Self.perform(
                ["url": "https://api.example.org/a", "follow_redirects": true],
                Script(Self.answer(302, type: "text/plain", away))
            )
        }
        #expect(failed?.code == "forbidden_host")
        let loop = [HTTPHeader("Location", "/a")]
        let endless = Script(Self.answer(302, type: "text/plain", loop))
        let tired = await failure {
            try await Self.perform(
                ["url": "https://api.example.org/a", "follow_redirects": true],
                endless
            )
        }
        #expect(tired?.code == "refused" && endless.requests.count == 6)
    }

    @Test(
        arguments: [
            (["url": "ftp://api.example.org"], "invalid_input"),
            (["url": "https://user:word@api.example.org"], "invalid_input"),
            (["url": "https://other.example"], "forbidden_host"),
            (["url": "https://shop.example"], "forbidden_host"),
            (
                ["url": "https://api.example.org", "headers": ["Authorization": "x"]],
                "invalid_input"
            ),
            (["url": "https://api.example.org", "credential": "none"], "invalid_configuration"),
            (["url": "https://api.example.org", "timeout": "6m"], "invalid_input"),
        ] as [(Value, String)]
    )
    func refuses(_ input: Value, _ code: String) async {
        let script = Script(Self.answer(200))
        let failed = await failure { try await Self.perform(input, script) }
        #expect(failed?.code == code && failed?.isRetryable == false)
        #expect(script.requests.isEmpty)
    }

    @Test(arguments: [
        (401, "unauthorized", false), (403, "forbidden", false), (404, "not_found", false),
        (408, "timeout", true), (409, "conflict", true), (418, "refused", false),
        (429, "rate_limited", true), (503, "unavailable", true),
    ]) func saysWhatAStatusMeans(_ status: Int, _ code: String, _ isRetryable: Bool) async {
        let answer = Self.answer(status, "no", type: "text/plain", [HTTPHeader("Retry-After", "7")])
        let failed = await failure {
            try await Self.perform(["url": "https://api.example.org"], Script(answer))
        }
        #expect(failed?.code == code && failed?.isRetryable == isRetryable)
        #expect(failed?.retryAfter == (isRetryable ? .seconds(7) : nil))
        let accepted = try? await Self.perform(
            ["url": "https://api.example.org", "accept": [.int(Int64(status))]],
            Script(answer)
        )
        #expect(accepted?["status"] == .int(Int64(status)) && accepted?["body"] == "no")
    }

    @Test func uploadsFromFarAndNear() async throws {
        let folder = try TemporaryFolder("files")
        let store = FolderFileStore(folder: folder.path)
        let script = Script(Self.answer(200, "a,b\n", type: "text/csv"))
        let action = FileUpload(store, transport: script, settings: Self.settings)
        func perform(_ input: Value) async throws -> Value {
            try await action.perform(request(input), services: MemoryServices())
        }
        let first = try await perform(
            ["source_url": "https://api.example.org/x", "destination_path": "in/x.csv"]
        )
        #expect(first["content_type"] == "text/csv" && first["size_bytes"] == 4)
        let copy = try await perform(
            ["source_url": first["file_url"] ?? .null, "destination_path": "copy.csv"]
        )
        #expect(copy["sha256"] == first["sha256"])
        let own = try await perform(["content": "hello", "destination_path": "note.txt"])
        #expect(
            try await store.bytes(at: own["file_url"]?.stringValue ?? "") == Array("hello".utf8)
        )
        for path in ["../x", "/x", "a//b", "a/.b", "", "x\u{0}"] {
            let failed = await failure {
                try await perform(["content": "x", "destination_path": .string(path)])
            }
            #expect(failed?.code == "invalid_input", "\(path)")
        }
        let missing = await failure {
            try await perform(
                ["source_url": "daybook-file:none", "destination_path": "y"]
            )
        }
        #expect(missing?.code == "not_found")
    }

    @Test func speaksToSupabaseStorage() async throws {
        let script = Script(Self.answer(200, "{}"))
        let store = SupabaseFileStore(
            script,
            url: "https://p.supabase.co/",
            key: "k",
            bucket: "reports"
        )
        let url = try await store.put([1], at: "a b.pdf", type: "application/pdf")
        #expect(url == "https://p.supabase.co/storage/v1/object/reports/a%20b.pdf")
        let headers = script.requests.first?.headers ?? []
        #expect(headers.contains(HTTPHeader("x-upsert", "true")))
        #expect(headers.contains(HTTPHeader("Authorization", "Bearer k")))
        #expect(try await store.bytes(at: url) == Array("{}".utf8))
        #expect(try await store.bytes(at: "https://elsewhere.example/x") == nil)
    }
}
