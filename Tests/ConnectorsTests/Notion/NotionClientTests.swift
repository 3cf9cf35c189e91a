import EventModel
import HTTPClient
import Testing

@testable import Connectors

@Suite struct NotionClientTests {
    private let time = SkippingTime()

    private static let user: Value = [
        "object": "user", "id": "u-1", "type": "bot", "name": "Daybook",
        "bot": ["workspace_name": "The 7 Space"],
    ]

    private static func page(_ id: String) -> Value {
        [
            "object": "page", "id": .string(id), "created_time": "2026-06-27T17:01:00.000Z",
            "last_edited_time": "2026-06-27T17:01:00.000Z", "properties": [:],
        ]
    }

    private static func failure(_ body: () async throws -> Void) async -> NotionError? {
        do {
            try await body()
            return nil
        } catch {
            return error as? NotionError
        }
    }

    @Test func signsAndNamesTheVersion() async throws {
        let script = NotionScript(time, [.reply(200, Self.user)])
        let me = try await script.client().me()
        #expect(me.userID == "u-1")
        #expect(me.workspaceName == "The 7 Space")
        let asked = try #require(script.asked.first)
        #expect(asked.method == "GET")
        #expect(asked.path == "/v1/users/me")
        #expect(asked.headers["Authorization"] == "Bearer ntn_test")
        #expect(asked.headers["Notion-Version"] == "2026-03-11")
    }

    @Test func waitsAsLongAsAsked() async throws {
        let limit = NotionScript.error(429, "rate_limited", retryAfter: "17")
        let script = NotionScript(time, [limit, .reply(200, Self.user)])
        _ = try await script.client().me()
        let asked = script.asked
        #expect(asked.count == 2)
        let waited = asked[1].at - asked[0].at
        #expect(waited >= .seconds(17) && waited <= .seconds(18))
    }

    @Test func doesNotInsistWhenBlocked() async {
        let blocked = NotionScript.error(
            429,
            "rate_limited",
            retryAfter: "1",
            additional: ["rate_limit_reason": "public_api_request_blocked"]
        )
        let script = NotionScript(time, [blocked])
        let client = script.client()
        let error = await Self.failure { _ = try await client.me() }
        #expect(script.asked.count == 1)
        #expect(error?.isBlocked == true)
        #expect(error?.requestID == "req-1")
    }

    @Test(arguments: [500, 502, 503, 504])
    func repeatsReadsAndNeverWrites(status: Int) async throws {
        let reads = NotionScript(
            time,
            [NotionScript.error(status, "x"), .reply(200, Self.user)]
        )
        _ = try await reads.client().me()
        #expect(reads.asked.count == 2)

        let writes = NotionScript(time, [NotionScript.error(status, "x")])
        let client = writes.client()
        let error = await Self.failure {
            _ = try await client.createPage(in: "s", properties: [:], idempotencyKey: "k")
        }
        #expect(writes.asked.count == 1)
        #expect(error?.isOutcomeUnknown == true)
        #expect(writes.asked.first?.headers["Idempotency-Key"] == "k")
    }

    @Test(arguments: [
        (HTTPClientError.Code.timeout, 1, true), (.brokenConnection, 1, true),
        (.cannotConnect, 4, false), (.cannotResolve, 4, false),
    ])
    func tellsWhetherAWriteMayHaveHappened(
        code: HTTPClientError.Code,
        tries: Int,
        isUnknown: Bool
    ) async {
        let script = NotionScript(time, [.failure(code)])
        let client = script.client()
        let error = await Self.failure {
            _ = try await client.updatePage("p", properties: [:], idempotencyKey: nil)
        }
        #expect(script.asked.count == tries)
        #expect(error?.isOutcomeUnknown == isUnknown)
    }

    @Test func readsWhatWasCommittedAfterAll() async {
        let saved = NotionScript.error(
            503,
            "service_unavailable",
            additional: ["committed_resource_id": "page-9"]
        )
        let client = NotionScript(time, [saved]).client()
        let error = await Self.failure {
            _ = try await client.createPage(in: "s", properties: [:], idempotencyKey: nil)
        }
        #expect(error?.committedResourceID == "page-9")
    }

    @Test func tellsTheEdgeFromNotion() async {
        let script = NotionScript(time, [.text(403, "<html>no</html>", ["CF-Ray": "ray"])])
        let client = script.client()
        let error = await Self.failure { _ = try await client.me() }
        #expect(error?.code == .edge)
        #expect(error?.status == 403)
        #expect(error?.requestID == "ray")
    }

    @Test func refusesAnAnswerThatIsNoJSON() async {
        let client = NotionScript(time, [.text(200, "hello")]).client()
        let error = await Self.failure { _ = try await client.me() }
        #expect(error?.code == .malformedAnswer)
    }

    @Test func asksForLessWhenNotionIsShortOfBreath() async throws {
        let script = NotionScript(time) { asked, _ in
            let size = asked.body["page_size"]?.intValue ?? 0
            return size > 30
                ? NotionScript.error(503, "service_unavailable")
                : .reply(200, ["object": "list", "results": [], "has_more": false])
        }
        _ = try await script.client { $0.retriesMax = 0 }.query("source")
        let sizes = script.asked.compactMap { $0.body["page_size"]?.intValue }
        #expect(sizes == [100, 50, 25])
    }

    @Test func followsTheCursorOfAProperty() async throws {
        let script = NotionScript(time) { asked, _ in
            let isSecond = asked.path.contains("start_cursor=c%202")
            return .reply(
                200,
                [
                    "object": "list", "has_more": .bool(!isSecond),
                    "next_cursor": isSecond ? .null : "c 2",
                    "results": [["type": "relation", "relation": ["id": isSecond ? "b" : "a"]]],
                ]
            )
        }
        let items = try await script.client().propertyItems(page: "p", property: "W%5BY%5B")
        #expect(items.compactMap { $0["relation"]?["id"] } == ["a", "b"])
        #expect(script.asked[0].path == "/v1/pages/p/properties/W%5BY%5B?page_size=100")
    }

    @Test func writesOneAfterTheOtherToAPage() async {
        let script = NotionScript(time) { _, _ in .reply(200, Self.page("p")) }
        let client = script.client()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    _ = try? await client.updatePage("p", properties: [:], idempotencyKey: nil)
                }
            }
        }
        #expect(script.asked.count == 20)
        #expect(script.asked.map(\.concurrent).max() == 1)
    }

    @Test func keepsTheBudgetForAllTogether() async {
        let script = NotionScript(time) { _, _ in .reply(200, Self.user) }
        let client = script.client { $0.requestsPerMinute = 10 }
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<35 {
                let priority: NotionPriority = number % 2 == 0 ? .action : .poll
                let client = client.with(priority: priority)
                group.addTask { _ = try? await client.me() }
            }
        }
        let times = script.asked.map(\.at).sorted()
        #expect(times.count == 35)
        let worst = times.indices.map { first in
            times[first...].prefix { $0 < times[first] + .seconds(60) }.count
        }.max()
        #expect(worst ?? 0 <= 10)
        #expect(client.waitingCount == 0)
    }

    @Test func leavesTheQueueWhenCancelled() async {
        let script = NotionScript(time) { _, _ in .reply(200, Self.user) }
        let client = script.client()
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return await Self.failure { _ = try await client.me() }
        }
        #expect(await task.value?.code == .cancelled)
        #expect(script.asked.isEmpty)
        #expect(client.waitingCount == 0)
    }
}
