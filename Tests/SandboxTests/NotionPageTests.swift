import EventModel
import Testing

@testable import Sandbox

@Suite struct NotionPageTests {
    static let columns: Value = [
        "Name": ["title": [:]], "Text": ["rich_text": [:]], "Count": ["number": [:]],
        "Choice": ["select": ["options": [["name": "Old"]]]], "Tags": ["multi_select": [:]],
        "State": ["status": [:]], "Due": ["date": [:]], "Who": ["people": [:]],
        "Files": ["files": [:]], "Done": ["checkbox": [:]], "Site": ["url": [:]],
        "Mail": ["email": [:]], "Phone": ["phone_number": [:]], "Number": ["unique_id": [:]],
        "Edited": ["last_edited_time": [:]], "Maker": ["created_by": [:]],
        "Sum": ["formula": ["expression": "1 + 1"]],
    ]

    /// What is written, and what is read back under the type.
    static let values: [(String, Value, Value)] = [
        ("Count", ["number": 1.5], 1.5),
        ("Count", ["number": 2.0], 2),
        ("Count", ["number": nil], nil),
        ("Done", ["checkbox": true], true),
        ("Site", ["url": "https://example.org"], "https://example.org"),
        ("Mail", ["id": "x", "type": "email", "email": "a@example.org"], "a@example.org"),
        ("Phone", ["phone_number": ""], nil),
        (
            "Due", ["date": ["start": "2026-06-27T18:01:15.377824+01:00"]],
            ["start": "2026-06-27T18:01:00.000+01:00", "end": nil, "time_zone": nil]
        ),
        (
            "Due", ["date": ["start": "2026-07-01", "end": "2026-07-03"]],
            ["start": "2026-07-01", "end": "2026-07-03", "time_zone": nil]
        ),
        (
            "Due", ["date": ["start": "2026-07-01T10:00", "time_zone": "Europe/Ljubljana"]],
            ["start": "2026-07-01T10:00:00.000+02:00", "end": nil, "time_zone": nil]
        ),
        (
            "Due", ["date": ["start": "2026-07-01T10:00:59Z"]],
            ["start": "2026-07-01T10:00:00.000+00:00", "end": nil, "time_zone": nil]
        ),
        (
            "Files", ["files": [["name": "f", "external": ["url": "https://example.org/f"]]]],
            [["name": "f", "type": "external", "external": ["url": "https://example.org/f"]]]
        ),
        ("Who", ["people": []], []),
    ]

    @Test(arguments: values)
    func readsBackWhatWasWritten(name: String, written: Value, expected: Value) throws {
        var notion = try LocalNotion()
        let (_, source) = try notion.database(Self.columns)
        let id = try notion.page(source, ["Name": title("a"), name: written])
        let property = try notion.get("GET", "/v1/pages/\(id)")["properties"]?[name]
        let type = property?["type"]?.stringValue ?? ""
        #expect(property?[type] == expected)
    }

    @Test func givesAPageTheShapeOfRecordings() throws {
        var notion = try LocalNotion()
        let (database, source) = try notion.database(Self.columns)
        let page = try notion.get(
            "POST",
            "/v1/pages",
            [
                "parent": ["database_id": .string(database)],
                "properties": ["Name": title("a")],
            ]
        )
        #expect(
            Set(page.mapValue?.stringKeys ?? []) == [
                "object", "id", "created_time", "last_edited_time", "created_by", "last_edited_by",
                "cover", "icon", "parent", "in_trash", "is_archived", "is_locked", "properties",
                "url", "public_url", "request_id",
            ]
        )
        #expect(page["created_time"] == "2026-06-27T17:01:00.000Z")
        #expect(page["created_by"] == ["object": "user", "id": .string(NotionUser.botID)])
        #expect(
            page["parent"] == [
                "type": "data_source_id", "data_source_id": .string(source),
                "database_id": .string(database),
            ]
        )
        let properties = page["properties"]
        #expect(properties?["State"]?["status"]?["name"] == "Not started")
        #expect(properties?["Number"]?["unique_id"] == ["prefix": nil, "number": 1])
        #expect(properties?["Maker"]?["created_by"]?["bot"] == [:])
        #expect(properties?["Sum"]?["formula"] == ["type": "string", "string": nil])
        #expect(
            properties?["Name"] == [
                "id": "title", "type": "title",
                "title": [
                    [
                        "type": "text", "text": ["content": "a", "link": nil],
                        "annotations": [
                            "bold": false, "italic": false, "strikethrough": false,
                            "underline": false, "code": false, "color": "default",
                        ], "plain_text": "a", "href": nil,
                    ]
                ],
            ]
        )
        let old = try notion.call(
            "GET",
            "/v1/pages/\(page["id"]?.stringValue ?? "")",
            headers: ["authorization": "Bearer ntn_sandbox", "notion-version": "2025-09-03"]
        )
        #expect(old.body["archived"] == false)
    }

    @Test func makesOptionsOnceWhateverTheirCase() throws {
        var notion = try LocalNotion()
        let (_, source) = try notion.database(Self.columns)
        for name in ["New", "new", "OLD"] {
            _ = try notion.page(source, ["Choice": ["select": ["name": .string(name)]]])
        }
        let schema = try notion.get("GET", "/v1/data_sources/\(source)")
        let options = schema["properties"]?["Choice"]?["select"]?["options"]?.listValue ?? []
        #expect(options.map { $0["name"] } == ["Old", "New"])
        #expect(Set(options.compactMap { $0["id"]?.stringValue }).count == 2)
    }

    @Test func changesOnlyWhatIsNamed() throws {
        var notion = try LocalNotion()
        let (_, source) = try notion.database(Self.columns)
        let id = try notion.page(source, ["Name": title("a"), "Count": ["number": 1]])
        notion.clock.advance(.seconds(50))
        var headers = LocalNotion.headers
        headers["authorization"] = "Bearer ntn_sandbox_staff"
        let page = try notion.call(
            "PATCH",
            "/v1/pages/\(id)",
            ["properties": ["Text": text("b")]],
            headers: headers
        ).body
        #expect(page["properties"]?["Count"]?["number"] == 1)
        #expect(page["last_edited_time"] == "2026-06-27T17:02:00.000Z")
        #expect(page["created_time"] == "2026-06-27T17:01:00.000Z")
    }

    @Test func trashesAndRestores() throws {
        var notion = try LocalNotion()
        let (_, source) = try notion.database(Self.columns)
        let id = try notion.page(source, ["Name": title("a")])
        let block = try notion.get("DELETE", "/v1/blocks/\(id)")
        #expect(block["object"] == "block" && block["type"] == "child_page")
        #expect(block["in_trash"] == true && block["child_page"] == ["title": "a"])
        #expect(try notion.titles(source, [:]).isEmpty)
        #expect(try notion.get("GET", "/v1/pages/\(id)")["in_trash"] == true)
        let edit = try notion.call(
            "PATCH",
            "/v1/pages/\(id)",
            ["properties": ["Name": title("b")]]
        )
        #expect(edit.status == 400)
        _ = try notion.get("PATCH", "/v1/pages/\(id)", ["in_trash": false])
        #expect(try notion.titles(source, [:]) == ["a"])
    }

    @Test func keepsBothSidesOfARelation() throws {
        var notion = try LocalNotion()
        let (_, target) = try notion.database(["Name": ["title": [:]]])
        let (_, source) = try notion.database([
            "Name": ["title": [:]],
            "Links": ["relation": ["data_source_id": .string(target), "dual_property": [:]]],
        ])
        let schema = try notion.get("GET", "/v1/data_sources/\(target)")
        let mirror = "Related to Test (Links)"
        let config = schema["properties"]?[mirror]?["relation"]
        #expect(config?["type"] == "dual_property")
        #expect(config?["dual_property"]?["synced_property_name"] == "Links")
        var ids: [Value] = []
        for index in 0..<30 {
            ids.append(["id": .string(try notion.page(target, ["Name": title("\(index)")]))])
        }
        let page = try notion.page(source, ["Name": title("a"), "Links": ["relation": .list(ids)]])
        let shown = try notion.get("GET", "/v1/pages/\(page)")["properties"]?["Links"]
        #expect(shown?["has_more"] == true)
        #expect(shown?["relation"]?.listValue?.count == 25)
        let other = ids[0]["id"]?.stringValue ?? ""
        let back = try notion.get("GET", "/v1/pages/\(other)")["properties"]?[mirror]
        #expect(back?["relation"] == [["id": .string(page)]])
        let pid = shown?["id"]?.stringValue ?? ""
        var found: [Value] = []
        var cursor = ""
        repeat {
            let path = "/v1/pages/\(page)/properties/\(pid)?page_size=12\(cursor)"
            let list = try notion.get("GET", path)
            #expect(list["type"] == "property_item")
            found += (list["results"]?.listValue ?? []).compactMap { $0["relation"] }
            cursor = list["next_cursor"]?.stringValue.map { "&start_cursor=\($0)" } ?? ""
        } while !cursor.isEmpty
        #expect(found == ids)
        let fewer: Value = ["properties": ["Links": ["relation": .list(Array(ids.dropFirst()))]]]
        _ = try notion.get("PATCH", "/v1/pages/\(page)", fewer)
        let gone = try notion.get("GET", "/v1/pages/\(other)")["properties"]?[mirror]
        #expect(gone?["relation"] == [])
    }

    @Test func takesPropertyIDsEncodedOnceOrTwice() throws {
        var notion = try LocalNotion()
        let (_, source) = try notion.database(Self.columns)
        let id = try notion.page(source, ["Name": title("a"), "Count": ["number": 7]])
        let index = try #require(notion.state.workspace.dataSources[source]?.index(of: "Count"))
        notion.state.workspace.dataSources[source]?.properties[index].id = "a:%b"
        notion.state.workspace.pages[id]?.values["a:%b"] = 7
        for pid in ["a%3A%25b", "a%253A%2525b"] {
            let item = try notion.get("GET", "/v1/pages/\(id)/properties/\(pid)")
            #expect(item["number"] == 7)
            #expect(item["id"] == "a%3A%25b")
        }
        let page = try notion.get("GET", "/v1/pages/\(id)?filter_properties=a%253A%2525b")
        #expect(page["properties"]?.mapValue?.stringKeys == ["Count"])
    }
}
