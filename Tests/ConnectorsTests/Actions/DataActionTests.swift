import EventModel
import Testing
import WorkflowEngine

@testable import Connectors

/// The `data.*` actions: a table of inputs and of what comes out.
@Suite struct DataActionTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var action: any ActionHandler
        var input: Value
        var member: String
        var expected: Value
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var action: any ActionHandler
        var input: Value
        var code = "invalid_input"
    }

    // A Tuesday.
    private static let now = Timestamp(seconds: 1_796_126_400)

    private static let sales: Value = [
        ["category": "books", "project": "a", "amount": 3, "date": "2026-11-25"],
        ["category": "books", "project": "b", "amount": 4, "date": "2026-11-26T10:00:00Z"],
        ["category": "food", "project": "a", "amount": 2.5, "date": "2026-12-01"],
        ["category": "food", "project": "a", "date": ["start": "2026-11-23"]],
    ]

    private static let team: Value = [
        ["name": "Ana", "skills": ["Yoga", "Massage"], "city": "Bled", "load": 3],
        ["name": "Ben", "skills": ["yoga"], "city": "Bled", "load": 1],
        ["name": "Eva", "skills": ["yoga"], "city": "Kranj", "load": 0],
    ]

    static let cases: [Case] = filters + transforms + aggregates + matches

    private static let filters = [
        Case(
            testDescription: "filter by an expression",
            action: DataFilter(),
            input: ["items": [1, 2, 3], "where": "item > 1 && index < 2"],
            member: "items",
            expected: [2]
        ),
        Case(
            testDescription: "filter by all conditions",
            action: DataFilter(),
            input: [
                "items": sales,
                "conditions": [
                    ["field": "category", "operator": "equals", "value": "books"],
                    ["field": "amount", "operator": "greater_than", "value": 3],
                ],
            ],
            member: "count",
            expected: 1
        ),
        Case(
            testDescription: "filter by any condition; what is missing is no number",
            action: DataFilter(),
            input: [
                "items": sales, "match": "any",
                "conditions": [
                    ["field": "amount", "operator": "less_than", "value": 3],
                    ["field": "project", "operator": "in", "value": ["b", "c"]],
                ],
            ],
            member: "count",
            expected: 2
        ),
        Case(
            testDescription: "contains and exists",
            action: DataFilter(),
            input: [
                "items": team, "limit": 1,
                "conditions": [
                    ["field": "skills", "operator": "contains", "value": "yoga"],
                    ["field": "city", "operator": "exists"],
                ],
            ],
            member: "first",
            expected: team.listValue?[1] ?? .null
        ),
    ]

    private static func transform(_ input: Value, _ expected: Value) -> Case {
        Case(
            testDescription: "transform \(input["transformation"]?.stringValue ?? "fields")",
            action: DataTransform(),
            input: input,
            member: "value",
            expected: expected
        )
    }

    private static let transforms = [
        transform(["input": "aBc", "transformation": "uppercase"], "ABC"),
        transform(["input": "  a b \n", "transformation": "trim"], "a b"),
        transform(["input": "12", "transformation": "number"], 12),
        transform(["input": "1.5", "transformation": "number"], 1.5),
        transform(["input": "[1]", "transformation": "from_json"], [1]),
        transform(["input": ["a": 1], "transformation": "to_json"], #"{"a":1}"#),
        transform(["input": [3, 1, 2], "transformation": "sort"], [1, 2, 3]),
        transform(["input": [1, 2, 1], "transformation": "unique"], [1, 2]),
        transform(["input": [[1], [2, 3], 4], "transformation": "flatten"], [1, 2, 3, 4]),
        transform(["input": [], "transformation": "last"], nil),
        transform(["input": ["b": 1, "a": 2], "transformation": "keys"], ["a", "b"]),
        transform(
            ["input": team, "transformation": "pluck", "by": "name"],
            ["Ana", "Ben", "Eva"]
        ),
        transform(
            ["input": [["n": 1], ["n": 2]], "fields": ["double": "item.n * 2", "at": "index"]],
            [["double": 2, "at": 0], ["double": 4, "at": 1]]
        ),
        Case(
            testDescription: "transform under another name",
            action: DataTransform(),
            input: ["input": "a", "transformation": "uppercase", "output_field": "loud"],
            member: "loud",
            expected: "A"
        ),
    ]

    private static func aggregate(
        _ description: String,
        _ more: ValueMap,
        _ member: String,
        _ expected: Value
    ) -> Case {
        var input = more
        if input["source"] == nil { input["items"] = sales }
        return Case(
            testDescription: "aggregate \(description)",
            action: DataAggregate(finder: MemoryFinder(tables: ["sales": sales.listValue ?? []])),
            input: .map(input),
            member: member,
            expected: expected
        )
    }

    private static let aggregates = [
        aggregate(
            "everything",
            ["calculations": ["sum", "count", "average", "min", "max"]],
            "total",
            [
                "sum": 9.5, "count": 4, "average": .double(9.5 / 3), "min": 2.5, "max": 4,
            ]
        ),
        aggregate(
            "by group, exactly for whole numbers",
            ["group_by": ["category"], "calculations": ["sum"]],
            "groups",
            [["category": "books", "sum": 7], ["category": "food", "sum": 2.5]]
        ),
        aggregate(
            "last week, from Monday",
            ["date_range": "last_week", "source": "sales"],
            "count",
            3
        ),
        aggregate("this month", ["date_range": "this_month"], "count", 1),
        aggregate("last month", ["date_range": "last_month"], "count", 3),
        aggregate("today", ["date_range": "today"], "count", 1),
        aggregate(
            "a range",
            ["date_range": ["from": "2026-11-26T00:00:00Z", "to": "2026-11-27T00:00:00Z"]],
            "count",
            1
        ),
        aggregate("in the older form", ["aggregation_type": "max"], "total", ["max": 4]),
        aggregate(
            "a named calculation",
            ["calculations": [["function": "sum", "field": "amount", "name": "paid"]]],
            "total",
            ["paid": 9.5]
        ),
    ]

    private static func match(_ more: ValueMap, _ member: String, _ expected: Value) -> Case {
        var input = more
        input["candidates"] = team
        return Case(
            testDescription: "match \(member)",
            action: DataMatch(),
            input: .map(input),
            member: member,
            expected: expected
        )
    }

    private static let matches = [
        match(
            ["wanted": ["skills": ["yoga", "massage"]]],
            "best",
            team.listValue?.first ?? .null
        ),
        match(["wanted": ["skills": "yoga"], "load_field": "load"], "confidence", 1.0),
        match(
            ["wanted": ["skills": "yoga", "city": "Kranj"], "weights": ["city": 3]],
            "best",
            team.listValue?.last ?? .null
        ),
        match(["wanted": ["city": "Bled"], "threshold": 0.8], "count", 2),
        match(["wanted": [:], "threshold": 1, "limit": 2], "count", 3),
    ]

    @Test(arguments: cases) func gives(_ row: Case) async throws {
        let services = MemoryServices(now: Self.now)
        let output = try await row.action.perform(request(row.input), services: services)
        let found = output[row.member] ?? .null
        #expect(found == row.expected)
        let declared = row.action.descriptor.outputs.filter(\.isRequired).map(\.name)
        #expect(Set(declared).isSubset(of: output.mapValue?.stringKeys ?? []))
    }

    static let refusals = [
        Refusal(
            testDescription: "an expression that is none",
            action: DataFilter(),
            input: ["items": [1], "where": "item >"]
        ),
        Refusal(
            testDescription: "an expression that fails",
            action: DataFilter(),
            input: ["items": [1], "where": "item.a"],
            code: "expression_failed"
        ),
        Refusal(
            testDescription: "a condition that is none",
            action: DataFilter(),
            input: ["items": [1], "where": "item"]
        ),
        Refusal(
            testDescription: "an operator nobody knows",
            action: DataFilter(),
            input: ["items": [1], "conditions": [["field": "a", "operator": "like"]]]
        ),
        Refusal(
            testDescription: "more items than allowed",
            action: DataFilter(),
            input: ["items": .list(Array(repeating: 1, count: 10_001))],
            code: "too_large"
        ),
        Refusal(
            testDescription: "a text that is no number",
            action: DataTransform(),
            input: ["input": "x", "transformation": "number"]
        ),
        Refusal(
            testDescription: "nothing to do",
            action: DataTransform(),
            input: ["input": "x"]
        ),
        Refusal(
            testDescription: "a range nobody knows",
            action: DataAggregate(finder: nil),
            input: ["items": [], "date_range": "some day"]
        ),
        Refusal(
            testDescription: "records without a place for them",
            action: DataAggregate(finder: nil),
            input: ["source": "sales"],
            code: "invalid_configuration"
        ),
    ]

    @Test(arguments: refusals) func refuses(_ row: Refusal) async {
        let failed = await failure {
            try await row.action.perform(request(row.input), services: MemoryServices())
        }
        #expect(failed?.code == row.code && failed?.isRetryable == false)
    }

    @Test func queryGivesTheFirstRecordsFields() async throws {
        let finder = MemoryFinder(tables: ["projects": [["id": "p", "budget_utilization": 93]]])
        let output = try await DataQuery(finder: finder)
            .perform(request(["database": "projects"]), services: MemoryServices())
        #expect(output["budget_utilization"] == 93 && output["count"] == 1)
        let none = try await DataQuery(finder: finder)
            .perform(request([:]), services: MemoryServices())
        #expect(none["found"] == false && none["first"] == .null)
    }
}
