import EventModel
import Testing

@testable import Sandbox

@Suite struct NotionErrorTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var method: String
        var target: String
        var body: Value?
        var headers = LocalNotion.headers
        var status: Int
        var code: String
        var message: String

        var testDescription: String { "\(method) \(target) \(code)" }
    }

    static let unknown = "7855b161-f63e-4683-b7c7-8ca6e97ee266"
    static let share =
        "Make sure the relevant pages and databases are shared with your integration "
        + "\"Daybook Sandbox\"."

    static let cases = [
        Case(
            method: "GET",
            target: "/v1/users",
            headers: ["authorization": "Bearer wrong", "notion-version": "2026-03-11"],
            status: 401,
            code: "unauthorized",
            message: "API token is invalid."
        ),
        Case(
            method: "GET",
            target: "/v1/users",
            headers: ["authorization": "Bearer ntn_sandbox"],
            status: 400,
            code: "missing_version",
            message: "Notion-Version header failed validation: Notion-Version header should be "
                + "defined, instead was `undefined`."
        ),
        Case(
            method: "GET",
            target: "/v1/invalid",
            status: 400,
            code: "invalid_request_url",
            message: "Invalid request URL."
        ),
        Case(
            method: "GET",
            target: "/v1/pages/12345678-1234-1234-1234-123456789abc",
            status: 400,
            code: "validation_error",
            message: "path failed validation: path.page_id should be a valid uuid, instead was "
                + "`\"12345678-1234-1234-1234-123456789abc\"`."
        ),
        Case(
            method: "GET",
            target: "/v1/pages/\(unknown)",
            status: 404,
            code: "object_not_found",
            message: "Could not find page with ID: \(unknown). \(share)"
        ),
        Case(
            method: "GET",
            target: "/v1/databases/7855b161f63e4683b7c78ca6e97ee266",
            status: 404,
            code: "object_not_found",
            message: "Could not find database with ID: \(unknown). \(share)"
        ),
        Case(
            method: "GET",
            target: "/v1/users/\(unknown)",
            status: 404,
            code: "object_not_found",
            message: "Could not find user with ID: \(unknown). Make sure your integration has "
                + "capabilities to read user information. With those capabilities, only members "
                + "and guests in the integration's workspace are visible."
        ),
        Case(
            method: "POST",
            target: "/v1/pages",
            body: ["parent": ["data_source_id": .string(unknown)]],
            status: 404,
            code: "object_not_found",
            message: "Could not find data_source with ID: \(unknown). \(share)"
        ),
        Case(
            method: "PATCH",
            target: "/v1/pages/\(NotionWorkspace.rootPageID)",
            body: ["archived": true],
            status: 400,
            code: "validation_error",
            message: "body failed validation: body.archived should be not present, instead was "
                + "`true`."
        ),
    ]

    @Test(arguments: cases)
    func answersInNotionsWords(item: Case) throws {
        var notion = try LocalNotion()
        let answer = try notion.call(item.method, item.target, item.body, headers: item.headers)
        #expect(answer.status == item.status)
        #expect(answer.body["object"] == "error")
        #expect(answer.body["status"]?.intValue == Int64(item.status))
        #expect(answer.body["code"]?.stringValue == item.code)
        #expect(answer.body["message"]?.stringValue == item.message)
        #expect(answer.body["request_id"]?.stringValue.flatMap(Identifier.init) != nil)
        #expect((answer.body["additional_data"]?["integration_id"] != nil) == (item.status == 404))
    }

    @Test func refusesABodyThatIsNoJSON() throws {
        var notion = try LocalNotion()
        let reply = notion.state.answer(
            SandboxRequest(
                method: "POST",
                target: "/v1/pages",
                headers: LocalNotion.headers,
                body: Array("{".utf8)
            )
        )
        #expect(reply.status == 400)
        #expect(try JSON.parse(bytes: reply.body)["code"] == "invalid_json")
    }

    static let writes: [(Value, String)] = [
        (["Nome": title("x")], "Nome is not a property that exists."),
        (["Choice": text("x")], "Choice is expected to be select."),
        (["Count": ["number": "1"]], "body.properties.Count.number should be a number"),
        (["Done": ["checkbox": nil]], "body.properties.Done.checkbox should be a boolean"),
        (
            ["Choice": ["select": ["name": "a,b"]]],
            "Invalid select option, commas not allowed: a,b"
        ),
        (
            ["State": ["status": ["name": "Lost"]]],
            "Invalid status option. Status option \"Lost\" does not exist."
        ),
        (
            ["Due": ["date": ["start": "soon"]]],
            "body.properties.Due.date.start should be a valid ISO 8601 date string"
        ),
        (
            ["Name": title(String(repeating: "ž", count: 2001))],
            "body.properties.Name.title[0].text.content.length should be ≤ `2000`, instead was `2001`."
        ),
        (
            ["Tags": ["multi_select": .list(Array(repeating: ["name": "x"], count: 101))]],
            "body.properties.Tags.multi_select.length should be ≤ `100`, instead was `101`."
        ),
        (
            ["Who": ["people": [["id": .string(unknown)]]]],
            "Could not find user with ID: \(unknown)."
        ),
        (["Mail": ["email": .string(String(repeating: "a", count: 201))]], "≤ `200`"),
        (["Made": ["created_time": "2026-01-01"]], "created_time property and cannot be written"),
    ]

    @Test(arguments: writes)
    func refusesWhatNotionRefuses(properties: Value, message: String) throws {
        var notion = try LocalNotion()
        let (_, source) = try notion.database([
            "Name": ["title": [:]], "Choice": ["select": [:]], "Count": ["number": [:]],
            "Done": ["checkbox": [:]], "State": ["status": [:]], "Due": ["date": [:]],
            "Tags": ["multi_select": [:]], "Who": ["people": [:]], "Mail": ["email": [:]],
            "Made": ["created_time": [:]],
        ])
        let body: Value = [
            "parent": ["data_source_id": .string(source)], "properties": properties,
        ]
        let answer = try notion.call("POST", "/v1/pages", body)
        #expect(answer.status >= 400)
        let found = answer.body["message"]?.stringValue ?? ""
        #expect(found.contains(message), "\(found)")
        #expect(try notion.titles(source, [:]).isEmpty)
    }
}
