import HTTPClient
import Synchronization
import Testing

@Suite struct HTTPClientErrorTests {
    struct Broken: Sendable, CustomTestStringConvertible {
        var name: String
        var answer: String
        var code: HTTPClientError.Code
        var testDescription: String { name }
    }

    @Test(arguments: [
        Broken(name: "no answer at all", answer: "", code: .brokenConnection),
        Broken(
            name: "cut in the headers",
            answer: "HTTP/1.1 200 OK\r\nContent-Le",
            code: .brokenConnection
        ),
        Broken(
            name: "cut in the body",
            answer: "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
            code: .brokenConnection
        ),
        Broken(
            name: "cut in a chunk",
            answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nab",
            code: .brokenConnection
        ),
        Broken(name: "no HTTP", answer: "220 mail.example.org ready\r\n", code: .other),
        Broken(
            name: "too long by its own word",
            answer: "HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n",
            code: .responseTooLarge
        ),
        Broken(
            name: "too long without a word",
            answer: "HTTP/1.1 200 OK\r\n\r\n" + String(repeating: "x", count: 1001),
            code: .responseTooLarge
        ),
        Broken(
            name: "too many headers",
            answer: "HTTP/1.1 200 OK\r\n" + String(repeating: "X: y\r\n", count: 600) + "\r\n",
            code: .responseTooLarge
        ),
    ])
    func namesWhatIsWrongWithAnAnswer(broken: Broken) async throws {
        let server = try LoopbackServer { connection in
            while let line = connection.line(), !line.isEmpty {}
            connection.write(broken.answer)
        }
        defer { server.stop() }
        var request = HTTPRequest(url: "\(server.url)/path?token=secret", responseBytesMax: 1000)
        request.url = request.url.replacing(
            "http://",
            with: "http://user:word@",
            maxReplacements: 1
        )
        let error = await failure(of: request, by: HTTPClient())
        #expect(error?.code == broken.code)
        let message = error?.message ?? ""
        #expect(message.contains("127.0.0.1:\(server.port)/path"))
        #expect(!message.contains("secret") && !message.contains("word@"))
    }

    @Test func takesAnAnswerThatJustFits() async throws {
        let server = try LoopbackServer.http { _ in
            LoopbackServer.answer(body: [UInt8](repeating: 1, count: 1000))
        }
        defer { server.stop() }
        let request = HTTPRequest(url: server.url, responseBytesMax: 1000)
        #expect(try await HTTPClient().send(request).body.count == 1000)
    }

    @Test func refusedConnectionNamesTheServerAndTheRemedy() async throws {
        let port = try LoopbackServer.closedPort()
        let request = HTTPRequest(url: "http://127.0.0.1:\(port)/v1")
        let error = await failure(of: request, by: HTTPClient())
        #expect(error?.code == .cannotConnect)
        #expect(error?.message.contains("GET http://127.0.0.1:\(port)/v1") == true)
        #expect(error?.message.contains("check that the server runs") == true)
    }

    @Test func unknownHostIsNamed() async {
        let request = HTTPRequest(url: "http://nowhere.invalid/")
        let error = await failure(of: request, by: HTTPClient())
        #expect(error?.code == .cannotResolve)
        #expect(error?.message.contains("nowhere.invalid") == true)
    }

    @Test(arguments: [
        HTTPRequest(url: "file:///etc/passwd"), HTTPRequest(url: "ftp://example.org/"),
        HTTPRequest(url: "smtp://example.org/"), HTTPRequest(url: "example.org"),
        HTTPRequest(url: "http:example.org"), HTTPRequest(url: "http://example.org/a b"),
        HTTPRequest(url: "http://"), HTTPRequest(url: ""),
        HTTPRequest(method: "GET /x HTTP/1.1\r\nX:", url: "http://127.0.0.1:1/"),
        HTTPRequest(method: "", url: "http://127.0.0.1:1/"),
        HTTPRequest(url: "http://127.0.0.1:1/", headers: [HTTPHeader("X", "a\r\nY: b")]),
        HTTPRequest(url: "http://127.0.0.1:1/", headers: [HTTPHeader("X Y", "a")]),
        HTTPRequest(url: "http://127.0.0.1:1/", headers: [HTTPHeader("", "a")]),
        HTTPRequest(url: "http://127.0.0.1:1/", timeout: .zero),
    ])
    func refusesWhatCannotBeSent(request: HTTPRequest) async {
        let error = await failure(of: request, by: HTTPClient())
        #expect(error?.code == .invalidRequest)
    }

    @Test func timesOutWhileTheServerHoldsItsAnswer() async throws {
        let release = Happening()
        let server = try holdingServer(until: release)
        defer { server.stop() }
        defer { release.happen() }
        let request = HTTPRequest(url: server.url, timeout: .milliseconds(20))
        let error = await failure(of: request, by: HTTPClient())
        #expect(error?.code == .timeout)
        #expect(error?.message.contains("0.02 seconds") == true)
    }

    @Test func timesOutWhileWaitingForAPlace() async throws {
        let (arrived, release) = (Happening(), Happening())
        let server = try holdingServer(arrived, until: release)
        defer { server.stop() }
        let client = HTTPClient(configuration: .init(inFlightMax: 1))
        async let first = client.send(HTTPRequest(url: server.url, timeout: .seconds(600)))
        await arrived.wait()
        let late = HTTPRequest(url: server.url, timeout: .milliseconds(20))
        #expect(await failure(of: late, by: client)?.code == .timeout)
        release.happen()
        #expect(try await first.status == 200)
    }

    @Test func cancellingGivesUpAtOnce() async throws {
        let (arrived, release) = (Happening(), Happening())
        let server = try holdingServer(arrived, until: release)
        defer { server.stop() }
        let client = HTTPClient()
        let task = Task { await failure(of: HTTPRequest(url: server.url), by: client) }
        await arrived.wait()
        task.cancel()
        #expect(await task.value?.code == .cancelled)
        release.happen()
        #expect(try await client.send(HTTPRequest(url: server.url)).status == 200)
    }

    @Test func cancellingReachesWhatWaitsForAPlace() async throws {
        let (arrived, release) = (Happening(), Happening())
        let server = try holdingServer(arrived, until: release)
        defer { server.stop() }
        let client = HTTPClient(configuration: .init(inFlightMax: 1))
        async let first = client.send(HTTPRequest(url: server.url, timeout: .seconds(600)))
        await arrived.wait()
        let task = Task { await failure(of: HTTPRequest(url: server.url), by: client) }
        task.cancel()
        #expect(await task.value?.code == .cancelled)
        release.happen()
        #expect(try await first.status == 200)
    }

    @Test func shutdownFailsWhatIsPendingAndWhatComesLater() async throws {
        let (arrived, release) = (Happening(), Happening())
        let server = try holdingServer(arrived, until: release)
        defer { server.stop() }
        defer { release.happen() }
        let client = HTTPClient(configuration: .init(inFlightMax: 1))
        async let first = failure(of: HTTPRequest(url: server.url), by: client)
        async let second = failure(of: HTTPRequest(url: server.url), by: client)
        await arrived.wait()
        await client.shutdown()
        await client.shutdown()
        #expect(await first?.code == .shutDown)
        #expect(await second?.code == .shutDown)
        #expect(await failure(of: HTTPRequest(url: server.url), by: client)?.code == .shutDown)
    }

    private func holdingServer(
        _ arrived: Happening = Happening(),
        until release: Happening
    ) throws -> LoopbackServer {
        try LoopbackServer.http { _ in
            arrived.happen()
            release.blockUntilItHappens()
            return LoopbackServer.answer()
        }
    }
}

/// The error of a request that must fail, or nil.
func failure(of request: HTTPRequest, by client: HTTPClient) async -> HTTPClientError? {
    do throws(HTTPClientError) {
        let response = try await client.send(request)
        Issue.record("an answer came: \(response.status)")
        return nil
    } catch {
        return error
    }
}
