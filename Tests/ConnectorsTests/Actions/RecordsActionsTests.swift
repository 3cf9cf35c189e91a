import EventModel
import HTTPClient
import Testing
import WorkflowEngine

@testable import Connectors

/// The record actions against the sandbox's Notion.
@Suite struct RecordsActionsTests {
    private static func contact(_ record: ValueMap, _ more: ValueMap = [:]) -> Value {
        let input: ValueMap = ["database": "contacts_profiles", "record": .map(record)]
        return .map(input.merging(more))
    }

    private static let mojca: ValueMap = [
        "full_name": "Mojca Bele", "email": "mojca@example.org", "phone": "+386 40 999 888",
    ]

    private func perform(
        _ action: any ActionHandler,
        _ request: ActionRequest
    ) async throws -> Value {
        try await action.perform(request, services: MemoryServices())
    }

    @Test(
        arguments: [
            ["email": "ana@example.org"], ["email": " ANA@Example.org"],
            ["phone": "040 111 222"], ["phone": "00386 40/111-222", "email": ""],
            ["email": "ana@example.org", "phone": "+386 40 000 000"],
        ] as [ValueMap]
    )
    func findsAPersonHoweverTheAddressWasTyped(record: ValueMap) async throws {
        let notion = try SandboxNotion()
        let before = try await notion.rows("contacts_profiles").count
        let answer = try await perform(
            RecordsFindOrCreate(store: notion.store),
            request(Self.contact(record))
        )
        #expect(answer["created"] == false)
        #expect(answer["record"]?["full_name"] == "Ana Novak")
        #expect(try await notion.rows("contacts_profiles").count == before)
    }

    @Test func createsOncePerStep() async throws {
        let notion = try SandboxNotion()
        let action = RecordsFindOrCreate(store: notion.store)
        let first = try await perform(action, request(Self.contact(Self.mojca)))
        #expect(first["created"] == true)
        #expect(first["record"]?["status"] == "Active Lead")
        let number = first["record"]?["contact_id"]?.stringValue ?? ""
        #expect(number.hasPrefix("CTCT-") && number.utf8.count == 13)
        let again = try await perform(action, request(Self.contact(Self.mojca), attempt: 2))
        #expect(again["id"] == first["id"])
        #expect(again["created"] == true)
        let other = try await perform(action, request(Self.contact(Self.mojca), instance: 2))
        #expect(other["id"] == first["id"])
        #expect(other["created"] == false)
        let creates = try await notion.requests("POST", "/v1/pages")
        #expect(creates.count == 1)
        #expect(creates.first?["idempotency_key"] != .null)
    }

    @Test func createsOnceForManyAtTheSameTime() async throws {
        let notion = try SandboxNotion()
        let action = RecordsFindOrCreate(store: notion.store)
        let ids = await withTaskGroup(of: Value?.self) { group in
            for instance in 0..<12 {
                let request = request(Self.contact(Self.mojca), instance: UInt64(instance))
                group.addTask {
                    try? await action.perform(request, services: MemoryServices())["id"]
                }
            }
            return await group.reduce(into: Set<Value?>()) { $0.insert($1) }
        }
        #expect(ids.count == 1)
        #expect(try await notion.requests("POST", "/v1/pages").count == 1)
    }

    @Test(arguments: [500, 502, 503, 504])
    func findsWhatALostAnswerCreated(status: Int) async throws {
        let notion = try SandboxNotion()
        try await notion.order(fault: [
            "method": "POST", "path_prefix": "/v1/pages", "times": 1,
            "status": .int(Int64(status)), "after_commit": true,
        ])
        let answer = try await perform(
            RecordsCreate(store: notion.store),
            request(Self.contact(Self.mojca))
        )
        let made = try await notion.rows("contacts_profiles")
            .filter { $0["email"] == "mojca@example.org" }
        #expect(made.count == 1)
        #expect(answer["record"]?["full_name"] == "Mojca Bele")
    }

    @Test func reportsALostWriteThatDidNothing() async throws {
        let notion = try SandboxNotion()
        try await notion.order(fault: [
            "method": "POST", "path_prefix": "/v1/pages", "times": 1, "status": 504,
        ])
        let action = RecordsCreate(store: notion.store)
        let refused = await failure {
            try await perform(action, request(Self.contact(Self.mojca)))
        }
        #expect(refused?.isRetryable == true)
        let answer = try await perform(action, request(Self.contact(Self.mojca), attempt: 2))
        #expect(answer["record"]?["email"] == "mojca@example.org")
        let creates = try await notion.requests("POST", "/v1/pages")
        #expect(creates.count == 2)
    }

    @Test func tellsTwoPeopleWithOneAddressApart() async throws {
        let notion = try SandboxNotion()
        let twin: ValueMap = ["full_name": "Another Ana", "email": "ana@example.org"]
        _ = try await perform(
            RecordsCreate(store: notion.store),
            request(Self.contact(twin), step: "twin")
        )
        let action = RecordsFindOrCreate(store: notion.store)
        let refused = await failure {
            try await perform(action, request(Self.contact(["email": "ana@example.org"])))
        }
        #expect(refused?.code == "ambiguous_match")
        #expect(refused?.details["matches"]?.listValue?.count == 2)
        // The address of one and the number of another: the first match field decides.
        let mixed: ValueMap = ["email": "peter@example.org", "phone": "040 111 224"]
        let answer = try await perform(action, request(Self.contact(mixed), step: "mixed"))
        #expect(answer["record"]?["full_name"] == "Peter Horvat")
        #expect(answer["also_matched"]?.listValue?.count == 1)
    }

    struct Wrong: CustomStringConvertible, Sendable {
        var description: String
        var record: ValueMap
        var field: Value
    }

    static let wrongRecords = [
        Wrong(description: "nothing to match by", record: ["full_name": "X"], field: "email"),
        Wrong(
            description: "a field that is not there",
            record: ["email": "new@example.org", "full_nmae": "X"],
            field: "full_nmae"
        ),
        Wrong(
            description: "a value of another type",
            record: ["email": "new@example.org", "engagement_score": "high"],
            field: "engagement_score"
        ),
        Wrong(
            description: "an option that is not there",
            record: ["email": "new@example.org", "status": "Sleeping"],
            field: "status"
        ),
        Wrong(
            description: "a computed field",
            record: ["email": "new@example.org", "needs_sync": true],
            field: "needs_sync"
        ),
    ]

    @Test(arguments: wrongRecords) func namesTheFieldThatIsWrong(_ row: Wrong) async throws {
        let notion = try SandboxNotion()
        let action = RecordsFindOrCreate(store: notion.store)
        let refused = await failure {
            try await perform(action, request(Self.contact(row.record)))
        }
        #expect(refused?.code == "invalid_input")
        #expect(refused?.isRetryable == false)
        #expect(refused?.details["field"] == row.field)
        #expect(try await notion.requests("POST", "/v1/pages").isEmpty)
    }

    @Test func findsAndQueries() async throws {
        let notion = try SandboxNotion()
        let found = try await perform(
            RecordsFind(store: notion.store),
            request(["database": "Contacts", "match": ["phone": "(040) 111 222"]])
        )
        #expect(found["found"] == true)
        #expect(found["record"]?["full_name"] == "Ana Novak")
        let missing = try await perform(
            RecordsFind(store: notion.store),
            request(["database": "contacts_profiles", "match": ["email": "nobody@example.org"]])
        )
        #expect(missing["found"] == false)
        #expect(missing["record"] == .null)
        let query: Value = [
            "database": "contacts_profiles",
            "where": ["role": "practitioner", "specialization": ["massage", "reiki"]],
        ]
        let answer = try await perform(RecordsQuery(store: notion.store), request(query))
        let names = answer["records"]?.listValue?.compactMap { $0["full_name"] }
        #expect(names == ["Eva Kranjc", "Luka Zajc"])
        #expect(answer["count"] == 2)
    }

    @Test func updatesOnlyWhatDiffers() async throws {
        let notion = try SandboxNotion()
        let ana = try #require(
            try await notion.rows("contacts_profiles").first { $0["full_name"] == "Ana Novak" }
        )
        let id = try #require(ana["id"])
        let input: Value = [
            "database": "contacts_profiles", "id": id,
            "changes": ["city": "Ptuj", "email": "ana@example.org", "tags": ["Returning"]],
        ]
        let action = RecordsUpdate(store: notion.store)
        let answer = try await perform(action, request(input))
        #expect(answer["record"]?["city"] == "Ptuj")
        _ = try await perform(action, request(input, attempt: 2))
        #expect(try await notion.requests("PATCH", "/v1/pages").count == 1)
    }

    @Test func readsAgainAfterAConflict() async throws {
        let notion = try SandboxNotion()
        try await notion.order(fault: [
            "method": "PATCH", "path_prefix": "/v1/pages", "times": 1, "status": 409,
            "body": [
                "object": "error", "status": 409, "code": "conflict_error", "message": "again",
            ],
        ])
        let ana = try #require(
            try await notion.rows("contacts_profiles").first { $0["full_name"] == "Ana Novak" }
        )
        let input: Value = [
            "database": "contacts_profiles", "id": ana["id"] ?? .null, "changes": ["city": "Ptuj"],
        ]
        let answer = try await perform(RecordsUpdate(store: notion.store), request(input))
        #expect(answer["record"]?["city"] == "Ptuj")
        #expect(try await notion.requests("PATCH", "/v1/pages").count == 2)
    }

    struct Refusal: CustomStringConvertible, Sendable {
        var description: String
        var fault: Value
        var code: String
        var isRetryable: Bool
    }

    private static func fault(_ status: Int, _ code: String, _ more: ValueMap = [:]) -> Value {
        [
            "method": "POST", "path_prefix": "/v1/data_sources", "times": 100,
            "status": .int(Int64(status)),
            "body": [
                "object": "error", "status": .int(Int64(status)), "code": .string(code),
                "message": "as ordered", "additional_data": .map(more),
            ],
        ]
    }

    static let refusals = [
        Refusal(
            description: "429",
            fault: fault(429, "rate_limited"),
            code: "rate_limited",
            isRetryable: true
        ),
        Refusal(
            description: "429, blocked",
            fault: fault(
                429,
                "rate_limited",
                ["rate_limit_reason": "public_api_request_blocked"]
            ),
            code: "blocked",
            isRetryable: false
        ),
        Refusal(
            description: "403",
            fault: fault(403, "restricted_resource"),
            code: "forbidden",
            isRetryable: false
        ),
        Refusal(
            description: "404",
            fault: fault(404, "object_not_found"),
            code: "not_found",
            isRetryable: false
        ),
        Refusal(
            description: "503",
            fault: fault(503, "service_unavailable"),
            code: "unavailable",
            isRetryable: true
        ),
        Refusal(
            description: "504",
            fault: fault(504, "gateway_timeout"),
            code: "timeout",
            isRetryable: true
        ),
    ]

    @Test(arguments: refusals) func saysWhatNotionSaid(_ row: Refusal) async throws {
        let notion = try SandboxNotion()
        try await notion.order(fault: row.fault)
        let refused = await failure {
            try await perform(
                RecordsQuery(store: notion.store),
                request(["database": "contacts_profiles"])
            )
        }
        #expect(refused?.code == row.code)
        #expect(refused?.isRetryable == row.isRetryable)
    }

    @Test func tellsThatTheTokenIsWrong() async throws {
        let notion = try SandboxNotion(token: "ntn_other")
        let refused = await failure {
            try await perform(
                RecordsQuery(store: notion.store),
                request(["database": "contacts_profiles"])
            )
        }
        #expect(refused?.code == "unauthorized")
    }

    @Test func booksASessionOfTheDemonstration() async throws {
        let notion = try SandboxNotion()
        let services = MemoryServices(now: notion.time.now)
        let calendar = CalendarSync(finder: notion.store, transport: notion.transport)
        let people = try await calendar.perform(
            request(
                [
                    "database": "contacts_profiles",
                    "where": ["role": "Practitioner", "specialization": "massage"],
                ],
                step: "schedule"
            ),
            services: services
        )
        #expect(people["unreachable"] == [])
        // The second Monday from now, at ten in Ljubljana in winter.
        let day = LocalTime(utc: notion.time.now).day
        let monday = day + (7 - (day + 3) % 7) + 7
        let start = Timestamp(seconds: Int64(monday) * 86_400 + 9 * 3600)
        let times: ValueMap = [
            "starts_at": .timestamp(start), "ends_at": .timestamp(start + .seconds(3600)),
        ]
        let who = try await BookingAssignPractitioner(finder: notion.store).perform(
            request(
                .map(
                    times.merging([
                        "specialization": "massage", "people": people["people"] ?? .null,
                        "busy": people["busy"] ?? .null,
                    ])
                ),
                step: "who"
            ),
            services: services
        )
        #expect(who["name"] == "Eva Kranjc")
        let room = try await BookingReserve(finder: notion.store).perform(
            request(.map(times.merging(["service": "Deep tissue massage"])), step: "where"),
            services: services
        )
        #expect(room["room"] == "Birch Room")
        #expect(
            room["equipment"]?.listValue?.compactMap { $0["name"] } == ["Massage Table 1"]
        )
    }
}
