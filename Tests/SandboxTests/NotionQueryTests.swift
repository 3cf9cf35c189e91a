import EventModel
import Testing

@testable import Sandbox

@Suite struct NotionQueryTests {
    /// Three rows, a week apart in creation; now is 2026-06-27, a Saturday.
    static func rows() throws -> (LocalNotion, String) {
        var notion = try LocalNotion(at: "2026-06-13T08:30:00Z")
        let (_, target) = try notion.database(["Name": ["title": [:]], "Cost": ["number": [:]]])
        let cheap = try notion.page(target, ["Name": title("Item 1"), "Cost": ["number": 5]])
        let dear = try notion.page(target, ["Name": title("Item 2"), "Cost": ["number": 50]])
        let (_, source) = try notion.database([
            "Name": ["title": [:]], "Text": ["rich_text": [:]], "Count": ["number": [:]],
            "Choice": ["select": ["options": [["name": "High"], ["name": "Low"]]]],
            "Tags": ["multi_select": [:]], "State": ["status": [:]], "Due": ["date": [:]],
            "Who": ["people": [:]], "Files": ["files": [:]], "Done": ["checkbox": [:]],
            "Mail": ["email": [:]], "Maker": ["created_by": [:]], "Number": ["unique_id": [:]],
            "Links": ["relation": ["data_source_id": .string(target)]],
            "Costs": [
                "rollup": [
                    "relation_property_name": "Links", "rollup_property_name": "Cost",
                    "function": "sum",
                ]
            ],
            "Items": [
                "rollup": [
                    "relation_property_name": "Links", "rollup_property_name": "Name",
                    "function": "show_original",
                ]
            ],
        ])
        _ = try notion.page(
            source,
            [
                "Name": title("alpha"), "Text": text("Deep tissue"), "Count": ["number": 1],
                "Choice": ["select": ["name": "Low"]],
                "Tags": ["multi_select": [["name": "x"], ["name": "y"]]],
                "Due": ["date": ["start": "2026-06-27T18:01:00+01:00"]],
                "Who": ["people": [["id": .string(NotionUser.botID)]]],
                "Files": ["files": [["name": "f", "external": ["url": "https://example.org"]]]],
                "Done": ["checkbox": true], "Mail": ["email": "a@example.org"],
                "Links": ["relation": [["id": .string(cheap)], ["id": .string(dear)]]],
            ]
        )
        notion.clock.advance(.seconds(7 * 86_400))
        _ = try notion.page(
            source,
            [
                "Name": title("beta"), "Text": text("Reiki"), "Count": ["number": 42],
                "Choice": ["select": ["name": "High"]],
                "Tags": ["multi_select": [["name": "y"]]],
                "State": ["status": ["name": "Done"]], "Due": ["date": ["start": "2026-07-02"]],
                "Links": ["relation": [["id": .string(cheap)]]],
            ]
        )
        notion.clock.advance(.seconds(7 * 86_400))
        _ = try notion.page(source, ["Name": title("gamma")])
        return (notion, source)
    }

    /// A filter, and the rows that it lets through, in alphabetic order.
    static let filters: [(Value, String)] = [
        (["property": "Name", "title": ["equals": "alpha"]], "a"),
        (["property": "Name", "rich_text": ["contains": "ET"]], "b"),
        (["property": "Name", "title": ["does_not_equal": "alpha"]], "bg"),
        (["property": "Text", "rich_text": ["starts_with": "deep"]], "a"),
        (["property": "Text", "rich_text": ["ends_with": "KI"]], "b"),
        (["property": "Text", "rich_text": ["does_not_contain": "reiki"]], "ag"),
        (["property": "Text", "rich_text": ["is_empty": true]], "g"),
        (["property": "Text", "rich_text": ["is_not_empty": true]], "ab"),
        (["property": "Mail", "rich_text": ["equals": "a@example.org"]], "a"),
        (["property": "Mail", "email": ["is_empty": true]], "bg"),
        (["property": "Count", "number": ["equals": 42]], "b"),
        (["property": "Count", "number": ["does_not_equal": 42]], "ag"),
        (["property": "Count", "number": ["greater_than": 1]], "b"),
        (["property": "Count", "number": ["greater_than_or_equal_to": 1]], "ab"),
        (["property": "Count", "number": ["less_than": 42]], "a"),
        (["property": "Count", "number": ["less_than_or_equal_to": 42]], "ab"),
        (["property": "Count", "number": ["is_empty": true]], "g"),
        (["property": "Number", "unique_id": ["greater_than": 1]], "bg"),
        (["property": "Done", "checkbox": ["equals": true]], "a"),
        (["property": "Done", "checkbox": ["does_not_equal": true]], "bg"),
        (["property": "Choice", "select": ["equals": "Low"]], "a"),
        (["property": "Choice", "select": ["equals": ["Low", "High"]]], "ab"),
        (["property": "Choice", "select": ["does_not_equal": "Low"]], "bg"),
        (["property": "Choice", "select": ["is_empty": true]], "g"),
        (["property": "State", "status": ["equals": "Not started"]], "ag"),
        (["property": "State", "status": ["does_not_equal": "Done"]], "ag"),
        (["property": "Tags", "multi_select": ["contains": "y"]], "ab"),
        (["property": "Tags", "multi_select": ["does_not_contain": "x"]], "bg"),
        (["property": "Tags", "multi_select": ["is_not_empty": true]], "ab"),
        (["property": "Who", "people": ["contains": "me"]], "a"),
        (["property": "Who", "people": ["is_empty": true]], "bg"),
        (["property": "Maker", "created_by": ["contains": .string(NotionUser.botID)]], "abg"),
        (["property": "Files", "files": ["is_not_empty": true]], "a"),
        (["property": "Links", "relation": ["is_empty": true]], "g"),
        (["property": "Due", "date": ["equals": "2026-06-27T18:01:15.377824+01:00"]], "a"),
        (["property": "Due", "date": ["before": "2026-06-27T18:01:15.377824+01:00"]], ""),
        (["property": "Due", "date": ["on_or_after": "2026-06-27T18:01:15.377824+01:00"]], "ab"),
        (["property": "Due", "date": ["after": "2026-06-27T17:00:00Z"]], "ab"),
        (["property": "Due", "date": ["equals": "2026-06-27"]], "a"),
        (["property": "Due", "date": ["on_or_before": "2026-07-02"]], "ab"),
        (["property": "Due", "date": ["equals": "today"]], "a"),
        (["property": "Due", "date": ["this_week": [:]]], "a"),
        (["property": "Due", "date": ["past_week": [:]]], "a"),
        (["property": "Due", "date": ["next_week": [:]]], "ab"),
        (["property": "Due", "date": ["next_month": [:]]], "ab"),
        (["property": "Due", "date": ["next_year": [:]]], "ab"),
        (["property": "Due", "date": ["past_year": [:]]], "a"),
        (["property": "Due", "date": ["is_empty": true]], "g"),
        (
            ["timestamp": "created_time", "created_time": ["on_or_after": "2026-06-20T08:30:59Z"]],
            "bg"
        ),
        (["timestamp": "created_time", "created_time": ["after": "2026-06-20T08:30:00Z"]], "g"),
        (["timestamp": "last_edited_time", "last_edited_time": ["this_week": [:]]], "g"),
        (["timestamp": "created_time", "created_time": ["is_empty": true]], ""),
        (["property": "Costs", "rollup": ["number": ["equals": 55]]], "a"),
        (["property": "Items", "rollup": ["any": ["rich_text": ["equals": "Item 2"]]]], "a"),
        (["property": "Items", "rollup": ["every": ["rich_text": ["ends_with": "1"]]]], "b"),
        (["property": "Items", "rollup": ["none": ["rich_text": ["contains": "2"]]]], "bg"),
        (
            [
                "or": [
                    ["property": "Name", "title": ["equals": "gamma"]],
                    [
                        "and": [
                            ["property": "Count", "number": ["greater_than": 0]],
                            ["property": "Done", "checkbox": ["equals": true]],
                        ]
                    ],
                ]
            ], "ag"
        ),
    ]

    @Test func knowsEveryOperator() throws {
        var (notion, source) = try Self.rows()
        for (filter, expected) in Self.filters {
            let found = try notion.titles(source, ["filter": filter]).map { $0.prefix(1) }
            if found.sorted().joined() != expected {
                Issue.record("\(filter) gave \(found), not \(expected)")
            }
        }
    }

    static let mistakes: [(Value, String)] = [
        (
            ["filter": ["property": "Nome", "title": ["equals": "x"]]],
            "Could not find property with name or id: Nome"
        ),
        (
            ["filter": ["property": "Count", "rich_text": ["equals": "x"]]],
            "database property number does not match filter rich_text"
        ),
        (
            ["filter": ["property": "Count", "number": ["contains": 1]]],
            "body.filter.number should have exactly one of `equals`"
        ),
        (
            ["filter": ["property": "Due", "date": ["equals": "soon"]]],
            "body.filter.date.equals should be a valid ISO 8601 date string"
        ),
        (
            ["filter": ["and": [["or": [["and": [["property": "Name"]]]]]]]],
            "is nested deeper than 2 levels"
        ),
        (["sorts": [["property": "Nome"]]], "Could not find sort property with name or id: Nome"),
        (["page_size": 101], "body.page_size should be ≤ `100`, instead was `101`."),
        (["start_cursor": "x"], "The start_cursor provided is invalid: x"),
    ]

    @Test(arguments: mistakes)
    func refusesWrongQueries(body: Value, message: String) throws {
        var (notion, source) = try Self.rows()
        let answer = try notion.call("POST", "/v1/data_sources/\(source)/query", body)
        #expect(answer.status == 400)
        #expect(answer.body["code"] == "validation_error")
        let found = answer.body["message"]?.stringValue ?? ""
        #expect(found.contains(message), "\(found)")
    }

    static let orders: [(Value, [String])] = [
        ([], ["gamma", "beta", "alpha"]),
        ([["timestamp": "created_time", "direction": "ascending"]], ["alpha", "beta", "gamma"]),
        ([["property": "Count", "direction": "descending"]], ["beta", "alpha", "gamma"]),
        ([["property": "Choice", "direction": "ascending"]], ["beta", "alpha", "gamma"]),
        ([["property": "Due", "direction": "ascending"]], ["alpha", "beta", "gamma"]),
        (
            [
                ["property": "Done", "direction": "descending"],
                ["property": "Name", "direction": "descending"],
            ], ["alpha", "gamma", "beta"]
        ),
    ]

    @Test(arguments: orders)
    func sortsByAnything(sorts: Value, expected: [String]) throws {
        var (notion, source) = try Self.rows()
        #expect(try notion.titles(source, ["sorts": sorts]) == expected)
    }

    @Test func pagesThroughEverythingOnce() throws {
        var notion = try LocalNotion()
        let (_, source) = try notion.database(["Name": ["title": [:]]])
        for index in 0..<25 { _ = try notion.page(source, ["Name": title("\(index)")]) }
        var titles: [String] = []
        var cursor: Value = .null
        repeat {
            var body: ValueMap = ["page_size": 10]
            if !cursor.isNull { body["start_cursor"] = cursor }
            let answer = try notion.get("POST", "/v1/data_sources/\(source)/query", .map(body))
            titles += (answer["results"]?.listValue ?? []).map {
                NotionText.plainText($0["properties"]?["Name"]?["title"])
            }
            cursor = answer["next_cursor"] ?? .null
            #expect(answer["has_more"] == .bool(!cursor.isNull))
            #expect(answer["request_status"] == nil)
            // A row that is added in between shifts nothing.
            _ = try notion.page(source, ["Name": title("late")])
        } while !cursor.isNull
        #expect(titles == (0..<25).reversed().map(String.init))
    }

    @Test func saysWhenTheResultIsCut() throws {
        var notion = try LocalNotion(queryResultsMax: 3)
        let (_, source) = try notion.database(["Name": ["title": [:]]])
        for index in 0..<5 { _ = try notion.page(source, ["Name": title("\(index)")]) }
        let answer = try notion.get("POST", "/v1/data_sources/\(source)/query", ["page_size": 3])
        #expect(answer["has_more"] == false)
        #expect(
            answer["request_status"] == [
                "type": "incomplete", "incomplete_reason": "query_result_limit_reached",
            ]
        )
    }

    @Test func showsOnlyTheWantedProperties() throws {
        var (notion, source) = try Self.rows()
        let path =
            "/v1/data_sources/\(source)/query?filter_properties=Count&filter_properties[]=Done"
        let answer = try notion.get("POST", path, [:])
        let first = answer["results"]?.listValue?.first
        #expect(Set(first?["properties"]?.mapValue?.stringKeys ?? []) == ["Count", "Done"])
    }

    @Test func findsPagesAndSourcesByTitle() throws {
        var (notion, source) = try Self.rows()
        let pages = try notion.get(
            "POST",
            "/v1/search",
            ["query": "alph", "filter": ["property": "object", "value": "page"]]
        )
        #expect(pages["results"]?.listValue?.count == 1)
        _ = try notion.get("PATCH", "/v1/data_sources/\(source)", ["in_trash": true])
        let sources = try notion.get(
            "POST",
            "/v1/search",
            ["filter": ["property": "object", "value": "data_source"]]
        )
        #expect(sources["results"]?.listValue?.count == 2)
        #expect(sources["type"] == "page_or_data_source")
    }
}
