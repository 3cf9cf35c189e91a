import EventModel
import Testing

@testable import Sandbox

@Suite struct DisturbanceTests {
    private func core(requestsPerMinute: Int? = nil) throws -> (SandboxCore, TestClock) {
        let notion = try LocalNotion(catalogue: catalogue(), requestsPerMinute: requestsPerMinute)
        let clock = notion.clock
        let core = SandboxCore(now: { clock.now })
        core.open(notion.state)
        return (core, clock)
    }

    private func send(
        _ core: SandboxCore,
        _ method: String,
        _ target: String,
        _ body: Value? = nil
    ) async throws -> SandboxReply {
        let bytes = try body.map { try JSON.bytes($0) } ?? []
        return await core.respond(
            to: SandboxRequest(
                method: method,
                target: target,
                headers: LocalNotion.headers,
                body: bytes
            )
        )
    }

    @Test func disturbsAsOftenAsOrdered() async throws {
        let (core, _) = try core()
        let order: Value = ["method": "GET", "path_prefix": "/v1/users", "times": 2, "status": 529]
        #expect(try await send(core, "POST", "/sandbox/faults", order).status == 201)
        var statuses: [Int] = []
        for _ in 0..<3 { statuses.append(try await send(core, "GET", "/v1/users/me").status) }
        #expect(statuses == [529, 529, 200])
        #expect(try await send(core, "POST", "/v1/search", [:]).status == 200)
    }

    @Test func losesTheAnswerAfterTheWorkIsDone() async throws {
        let (core, _) = try core()
        let list = try await send(core, "GET", "/sandbox/databases")
        let source = try JSON.parse(bytes: list.body).listValue?.first?["data_source_id"] ?? .null
        let order: Value = [
            "method": "POST", "path_prefix": "/v1/pages", "status": 504, "after_commit": true,
        ]
        _ = try await send(core, "POST", "/sandbox/faults", order)
        let page: Value = [
            "parent": ["data_source_id": source], "properties": ["Name": title("kept")],
        ]
        let reply = try await send(core, "POST", "/v1/pages", page)
        #expect(reply.status == 504)
        #expect(try JSON.parse(bytes: reply.body)["code"] == "gateway_timeout")
        let rows = try await send(core, "GET", "/sandbox/rows/business_entities")
        #expect(try JSON.parse(bytes: rows.body).listValue?.first?["name"] == "kept")
    }

    @Test func answersWhatItIsTold() async throws {
        let (core, _) = try core()
        let html: Value = ["status": 403, "body": "<html>blocked</html>"]
        _ = try await send(core, "POST", "/sandbox/faults", html)
        let first = try await send(core, "GET", "/v1/users/me")
        #expect(first.status == 403 && first.body == Array("<html>blocked</html>".utf8))
        #expect(first.headers.first?.value == "text/html; charset=utf-8")
        let limited: Value = [
            "status": 429, "headers": ["Retry-After": "7"], "body": ["code": "rate_limited"],
        ]
        _ = try await send(core, "POST", "/sandbox/faults", limited)
        let second = try await send(core, "GET", "/v1/users/me")
        #expect(second.headers.contains { $0.name == "Retry-After" && $0.value == "7" })
    }

    static let orders: [(Value, String)] = [
        (["times": 0], "'times' must be a whole number from 1 to 1000000"),
        (["status": 42], "'status' must be a whole number from 200 to 599"),
        (["stat": 500], "unknown key 'stat'"),
        ([], "a fault must be an object"),
    ]

    @Test(arguments: orders)
    func refusesAWrongOrder(order: Value, message: String) async throws {
        let (core, _) = try core()
        let reply = try await send(core, "POST", "/sandbox/faults", order)
        #expect(reply.status == 400)
        let found = try JSON.parse(bytes: reply.body)["error"]?.stringValue ?? ""
        #expect(found.contains(message), "\(found)")
    }

    @Test func keepsTheBudgetOfAMinute() async throws {
        let (core, clock) = try core(requestsPerMinute: 2)
        for _ in 0..<2 { #expect(try await send(core, "GET", "/v1/users/me").status == 200) }
        clock.advance(.seconds(20))
        let reply = try await send(core, "GET", "/v1/users/me")
        #expect(reply.status == 429)
        #expect(reply.headers.contains { $0.name == "Retry-After" && $0.value == "40" })
        let body = try JSON.parse(bytes: reply.body)
        #expect(body["code"] == "rate_limited")
        #expect(
            body["additional_data"] == [
                "rate_limit_reason": "public_api_request_rate_limit", "retry_after": "40",
            ]
        )
        clock.advance(.seconds(40))
        #expect(try await send(core, "GET", "/v1/users/me").status == 200)
    }

    @Test func remembersTheRequests() async throws {
        let (core, _) = try core()
        _ = try await send(core, "GET", "/v1/users/me")
        _ = try await send(core, "GET", "/v1/nothing?a=b")
        let all = try await send(core, "GET", "/sandbox/requests")
        #expect(try JSON.parse(bytes: all.body).listValue?.count == 2)
        let some = try await send(core, "GET", "/sandbox/requests?path_prefix=/v1/n")
        #expect(
            try JSON.parse(bytes: some.body) == [
                [
                    "method": "GET", "path": "/v1/nothing", "query": "a=b",
                    "idempotency_key": nil, "status": 400, "at": "2026-06-27T17:01:15.377Z",
                ]
            ]
        )
    }

    @Test func keepsTheNewestOnly() {
        var ring = Ring<Int>(maximum: 4)
        for number in 0..<23 { ring.append(number) }
        #expect(Array(ring.newest) == [19, 20, 21, 22])
        #expect(ring.total == 23 && ring.elements.count <= 5)
    }
}
