import HTTPClient
import Synchronization
import Testing

@Suite struct HTTPClientTests {
    @Test(arguments: [200, 201, 204, 301, 400, 404, 429, 500, 503])
    func givesEveryStatusAsAnAnswer(status: Int) async throws {
        let server = try LoopbackServer.http { _ in
            LoopbackServer.answer(status, headers: ["Location: http://127.0.0.1:1/elsewhere"])
        }
        defer { server.stop() }
        let response = try await HTTPClient().send(HTTPRequest(url: server.url))
        #expect(response.status == status)
        #expect(response.version == "1.1")
    }

    @Test func keepsHeadersInOrderAndDropsInterimAnswers() async throws {
        let server = try LoopbackServer.http { _ in
            let interim = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
            let headers = ["Set-Cookie: a=1", "Set-Cookie: b=2", "X-Empty:", "X-Padded: \t x  "]
            return Array(interim.utf8) + LoopbackServer.answer(headers: headers)
        }
        defer { server.stop() }
        let response = try await HTTPClient().send(HTTPRequest(url: server.url))
        let wanted = [
            HTTPHeader("Set-Cookie", "a=1"), HTTPHeader("Set-Cookie", "b=2"),
            HTTPHeader("X-Empty", ""), HTTPHeader("X-Padded", "x"),
            HTTPHeader("Content-Length", "0"),
        ]
        #expect(response.headers == wanted)
        #expect(response["set-cookie"] == "a=1")
    }

    struct Sent: Sendable, CustomTestStringConvertible {
        var method: String
        var bodyBytes: Int
        /// What the server must be told, nil if nothing.
        var contentLength: String?
        var testDescription: String { "\(method) with \(bodyBytes) bytes" }
    }

    @Test(arguments: [
        Sent(method: "GET", bodyBytes: 0), Sent(method: "DELETE", bodyBytes: 0),
        Sent(method: "OPTIONS", bodyBytes: 0),
        Sent(method: "POST", bodyBytes: 0, contentLength: "0"),
        Sent(method: "POST", bodyBytes: 3, contentLength: "3"),
        Sent(method: "POST", bodyBytes: 2_000_000, contentLength: "2000000"),
        Sent(method: "PUT", bodyBytes: 70_000, contentLength: "70000"),
        Sent(method: "PATCH", bodyBytes: 1, contentLength: "1"),
        Sent(method: "DELETE", bodyBytes: 5, contentLength: "5"),
    ])
    func sendsMethodAndBody(sent: Sent) async throws {
        let seen = Mutex<SeenRequest?>(nil)
        let server = try LoopbackServer.http { request in
            seen.withLock { $0 = request }
            return LoopbackServer.answer(body: request.body)
        }
        defer { server.stop() }
        let body = (0..<sent.bodyBytes).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let request = HTTPRequest(method: sent.method, url: "\(server.url)/p?q=1", body: body)
        let response = try await HTTPClient().send(request)
        let there = try #require(seen.withLock { $0 })
        #expect(there.method == sent.method)
        #expect(there.target == "/p?q=1")
        #expect(there.body == body)
        #expect(there["content-length"] == sent.contentLength)
        #expect(there["content-type"] == nil)
        #expect(there["expect"] == nil)
        #expect(response.body == body)
    }

    @Test func headAnswersWithoutABody() async throws {
        let server = try LoopbackServer.http { _ in
            Array("HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n".utf8)
        }
        defer { server.stop() }
        let request = HTTPRequest(method: "HEAD", url: server.url, responseBytesMax: 10)
        let response = try await HTTPClient().send(request)
        #expect(response["content-length"] == "99999999")
        #expect(response.body.isEmpty)
    }

    @Test func sendsHeadersAsGiven() async throws {
        let seen = Mutex<SeenRequest?>(nil)
        let server = try LoopbackServer.http { request in
            seen.withLock { $0 = request }
            return LoopbackServer.answer()
        }
        defer { server.stop() }
        var request = HTTPRequest(method: "POST", url: server.url, body: [0x7B, 0x7D])
        request.headers = [
            HTTPHeader("Content-Type", "application/json"), HTTPHeader("X-Empty", ""),
            HTTPHeader("Idempotency-Key", "k1"),
        ]
        let client = HTTPClient()
        _ = try await client.send(request)
        let first = try #require(seen.withLock { $0 })
        #expect(first["content-type"] == "application/json")
        #expect(first["x-empty"] == "")
        #expect(first["idempotency-key"] == "k1")
        #expect(first["user-agent"] == "daybook/\(HTTPClient.version)")
        // Nothing of one request may stick to the handle that the next one uses.
        _ = try await client.send(HTTPRequest(url: server.url))
        let second = try #require(seen.withLock { $0 })
        #expect(second.method == "GET")
        #expect(second["content-type"] == nil)
        #expect(second["idempotency-key"] == nil)
    }

    @Test func decodesChunksAndIgnoresTrailers() async throws {
        let server = try LoopbackServer.http { _ in
            let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            return Array("\(head)3\r\nabc\r\n2\r\nde\r\n0\r\nX-Trailer: late\r\n\r\n".utf8)
        }
        defer { server.stop() }
        let response = try await HTTPClient().send(HTTPRequest(url: server.url))
        #expect(response.body == Array("abcde".utf8))
        #expect(response["x-trailer"] == nil)
    }

    @Test func reusesOneConnectionForManyRequests() async throws {
        let server = try LoopbackServer.http { request in
            LoopbackServer.answer(body: Array(request.target.utf8))
        }
        defer { server.stop() }
        let client = HTTPClient()
        var answers: [[UInt8]] = []
        for number in 0..<20 {
            answers.append(try await client.send(HTTPRequest(url: "\(server.url)/\(number)")).body)
        }
        #expect(answers == (0..<20).map { Array("/\($0)".utf8) })
        // libcurl gives up a connection after two minutes, which a busy machine can take here.
        #expect(server.connectionCount < answers.count / 2)
    }

    @Test func sendsTwoHundredRequestsAtOnceWithinItsLimits() async throws {
        let running = Mutex(0)
        let peak = Mutex(0)
        let server = try LoopbackServer.http { request in
            let now = running.withLock {
                $0 += 1
                return $0
            }
            peak.withLock { $0 = max($0, now) }
            defer { running.withLock { $0 -= 1 } }
            return LoopbackServer.answer(body: Array(request.target.utf8))
        }
        defer { server.stop() }
        let limits = HTTPClient.Configuration(connectionsPerHostMax: 8, inFlightMax: 32)
        let client = HTTPClient(configuration: limits)
        let wrong = try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<200 {
                group.addTask {
                    let request = HTTPRequest(url: "\(server.url)/\(number)")
                    return try await client.send(request).body == Array("/\(number)".utf8)
                }
            }
            return try await group.reduce(into: 0) { $0 += $1 ? 0 : 1 }
        }
        #expect(wrong == 0)
        #expect(server.connectionCount <= 8)
        #expect(peak.withLock { $0 } <= 8)
    }

    @Test func replacesAConnectionThatDiedWhileIdle() async throws {
        let server = try LoopbackServer { connection in
            // Each connection serves one request and then hangs up without saying so.
            while let line = connection.line(), !line.isEmpty {}
            connection.write(LoopbackServer.answer(body: Array("\(connection.number)".utf8)))
        }
        defer { server.stop() }
        let client = HTTPClient()
        let first = try await client.send(HTTPRequest(url: server.url))
        let second = try await client.send(HTTPRequest(url: server.url))
        #expect(first.body == Array("1".utf8))
        #expect(second.body == Array("2".utf8))
    }
}
