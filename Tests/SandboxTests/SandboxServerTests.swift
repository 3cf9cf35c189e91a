import EventModel
import Foundation
import HTTPClient
import Records
import Synchronization
import Testing

@testable import Sandbox

/// The sandbox behind real sockets.
@Suite struct SandboxServerTests {
    private func withSandbox(
        _ body: (SandboxAddresses, HTTPClient) async throws -> Void
    ) async throws {
        let configuration = SandboxConfiguration(catalogue: try catalogue(), nonce: "live")
        let server = SandboxServer(configuration: configuration)
        let client = HTTPClient()
        let addresses = try await server.start()
        do {
            try await body(addresses, client)
        } catch {
            await client.shutdown()
            await server.stop()
            throw error
        }
        await client.shutdown()
        await server.stop()
    }

    private func get(_ client: HTTPClient, _ url: String) async throws -> Value {
        let reply = try await client.send(HTTPRequest(url: url))
        return try JSON.parse(bytes: reply.body)
    }

    @Test func answersOverHTTP() async throws {
        try await withSandbox { addresses, client in
            let reply = try await client.send(
                HTTPRequest(
                    url: addresses.httpURL + "/v1/users/me",
                    headers: [
                        HTTPHeader("Authorization", "Bearer \(addresses.token)"),
                        HTTPHeader("Notion-Version", "2026-03-11"),
                    ]
                )
            )
            #expect(reply.status == 200)
            #expect(reply["content-type"] == "application/json; charset=utf-8")
            let body = try JSON.parse(bytes: reply.body)
            #expect(body["bot"]?["owner"] == ["type": "workspace", "workspace": true])
            #expect(body["request_id"]?.stringValue == reply["x-notion-request-id"])
            let people = try await get(client, addresses.httpURL + "/sandbox/rows/Contacts")
            let eva = people.listValue?.first { $0["full_name"] == "Eva Kranjc" }
            let feed = eva?["external_ids"]?["calendar_url"]?.stringValue ?? ""
            let calendar = try await client.send(HTTPRequest(url: feed))
            #expect(calendar.status == 200)
            #expect(calendar.body.starts(with: Array("BEGIN:VCALENDAR\r\n".utf8)))
        }
    }

    @Test func takesMailOverSMTP() async throws {
        try await withSandbox { addresses, client in
            let message = "Subject: Hello\r\nMessage-ID: <7@example.org>\r\n\r\n.one\r\ntwo\r\n"
            let mail = MailEnvelope(
                sender: "daybook@example.org",
                recipients: ["ana@example.org"],
                message: Array(message.utf8)
            )
            let server = MailServer(url: addresses.smtpURL, requiresTLS: false)
            try await client.send(mail, to: server)
            let kept = try await get(client, addresses.httpURL + "/sandbox/mails")
            #expect(kept.listValue?.count == 1)
            let first = kept.listValue?.first
            #expect(first?["from"] == "daybook@example.org")
            #expect(first?["to"] == ["ana@example.org"])
            #expect(first?["subject"] == "Hello" && first?["message_id"] == "<7@example.org>")
            #expect(first?["body"] == ".one\ntwo\n")
            let fault: Value = ["method": "SMTP", "path_prefix": "RCPT", "status": 550]
            _ = try await client.send(
                HTTPRequest(
                    method: "POST",
                    url: addresses.httpURL + "/sandbox/faults",
                    body: try JSON.bytes(fault)
                )
            )
            let error = await #expect(throws: HTTPClientError.self) {
                try await client.send(mail, to: server)
            }
            #expect(error?.code == .refused)
        }
    }

    @Test func delaysAnAnswer() async throws {
        try await withSandbox { addresses, client in
            let fault: Value = ["path_prefix": "/slack", "delay_milliseconds": 60_000]
            let url = addresses.httpURL
            _ = try await client.send(
                HTTPRequest(
                    method: "POST",
                    url: url + "/sandbox/faults",
                    body: try JSON.bytes(fault)
                )
            )
            let slack = HTTPRequest(
                method: "POST",
                url: url + "/slack/webhook/a",
                body: Array(#"{"text":"x"}"#.utf8),
                timeout: .milliseconds(200)
            )
            let error = await #expect(throws: HTTPClientError.self) {
                try await client.send(slack)
            }
            #expect(error?.code == .timeout)
        }
    }

    @Test func saysThatAPortIsTaken() async throws {
        try await withSandbox { addresses, _ in
            let configuration = SandboxConfiguration(
                catalogue: try catalogue(),
                httpPort: addresses.httpPort
            )
            let second = SandboxServer(configuration: configuration)
            await #expect(throws: (any Error).self) { try await second.start() }
        }
    }

    @Test func runsUntilItIsCancelled() async throws {
        let server = SandboxServer(configuration: .init(catalogue: try catalogue()))
        let (starts, continuation) = AsyncStream<SandboxAddresses>.makeStream()
        let run = Task { try await server.run { continuation.yield($0) } }
        var iterator = starts.makeAsyncIterator()
        let addresses = try #require(await iterator.next())
        run.cancel()
        try await run.value
        let client = HTTPClient()
        let error = await #expect(throws: HTTPClientError.self) {
            try await client.send(HTTPRequest(url: addresses.httpURL))
        }
        // A connection that was kept from before breaks; a new one is not to be had.
        #expect([.cannotConnect, .brokenConnection].contains(error?.code))
        await client.shutdown()
    }

    /// The community's Python client, where it can be had.
    @Test func servesNotionsPythonClient() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "daybook-notion-client"
        )
        guard PythonClient.install(in: folder) else {
            print("notion-client: skipped, pip cannot install it here")
            return
        }
        try await withSandbox { addresses, _ in
            let output = await PythonClient.run(in: folder, url: addresses.httpURL)
            #expect(output.status == 0, "\(output.text)")
            #expect(output.text.hasSuffix("all good\n"), "\(output.text)")
        }
    }
}

/// Runs a script with the package `notion-client`.
private enum PythonClient {
    static func install(in folder: URL) -> Bool {
        let package = folder.appendingPathComponent("notion_client")
        if FileManager.default.fileExists(atPath: package.path) { return true }
        let target = folder.path
        let result = execute(
            ["python3", "-m", "pip", "install", "-q", "--target", target, "notion-client==3.1.0"],
            [:]
        )
        return result.status == 0
    }

    static func run(in folder: URL, url: String) async -> (status: Int32, text: String) {
        // Waiting for a process blocks its thread, so it gets one of its own.
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                let environment = ["PYTHONPATH": folder.path, "SANDBOX": url]
                continuation.resume(returning: execute(["python3", "-c", script], environment))
            }
        }
    }

    private static func execute(
        _ arguments: [String],
        _ environment: [String: String]
    ) -> (status: Int32, text: String) {
        // By posix_spawn: on Linux, Foundation's `Process.run` was seen to crash where many tests
        // start programs at the same time.
        let output = NSTemporaryDirectory() + "python-\(UUID().uuidString).out"
        defer { unlink(output) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        let flags = O_WRONLY | O_CREAT | O_TRUNC
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output, flags, 0o600)
        posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        let all = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        var words = arguments.map { strdup($0) } + [nil]
        var variables = all.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in words + variables { free(text) } }
        var process: pid_t = 0
        let code = posix_spawnp(&process, arguments[0], &actions, nil, &words, &variables)
        guard code == 0 else { return (-1, String(cString: strerror(code))) }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        let bytes = FileManager.default.contents(atPath: output) ?? Data()
        let ended = status & 0x7F == 0 ? (status >> 8) & 0xFF : -(status & 0x7F)
        return (ended, String(decoding: bytes, as: UTF8.self))
    }

    private static let script = """
        import os, notion_client
        from notion_client.helpers import iterate_paginated_api
        c = notion_client.Client(auth="ntn_sandbox", base_url=os.environ["SANDBOX"],
                                 notion_version="2026-03-11", retry=False)
        assert c.users.me()["type"] == "bot"
        assert len(c.users.list()["results"]) == 4
        found = c.search(query="Contacts", filter={"property": "object", "value": "data_source"})
        source = found["results"][0]["id"]
        schema = c.data_sources.retrieve(source)
        pid = schema["properties"]["Email"]["id"]
        hit = c.data_sources.query(source, filter={"property": "Email",
                                   "email": {"equals": "ana@example.org"}}, filter_properties=[pid])
        assert [list(p["properties"]) for p in hit["results"]] == [["Email"]], hit
        rows = list(iterate_paginated_api(c.data_sources.query, data_source_id=source, page_size=5))
        assert len(rows) == 20, len(rows)
        page = c.pages.create(parent={"data_source_id": source}, properties={
            "Full Name": {"title": [{"text": {"content": "New"}}]},
            "Tags": {"multi_select": [{"name": "Fresh"}]}})
        assert c.pages.properties.retrieve(page["id"], "title")["results"][0]["title"]["plain_text"] == "New"
        c.pages.update(page["id"], in_trash=True)
        assert c.pages.retrieve(page["id"])["in_trash"]
        assert c.blocks.delete(page["id"])["type"] == "child_page"
        try:
            c.pages.update(page["id"], properties={"Nope": {"number": 1}})
        except notion_client.APIResponseError as error:
            assert error.code == "validation_error", error.code
        else:
            raise SystemExit("no error")
        print("all good")
        """
}
