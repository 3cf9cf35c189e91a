import EventModel
import Records
import Testing

@testable import Sandbox

@Suite struct NotionSchemaTests {
    @Test func givesADatabaseTheShapeOfRecordings() throws {
        var notion = try LocalNotion()
        let (id, source) = try notion.database(["Name": ["title": [:]]])
        let database = try notion.get("GET", "/v1/databases/\(id)")
        #expect(
            Set(database.mapValue?.stringKeys ?? []) == [
                "object", "id", "title", "description", "parent", "is_inline", "in_trash",
                "is_locked", "created_time", "last_edited_time", "data_sources", "icon", "cover",
                "url", "public_url", "request_id",
            ]
        )
        #expect(database["created_time"] == "2026-06-27T17:01:15.377+00:00")
        #expect(database["data_sources"] == [["id": .string(source), "name": "Test"]])
        let schema = try notion.get("GET", "/v1/data_sources/\(source)")
        #expect(schema["created_time"] == "2026-06-27T17:01:00.000Z")
        #expect(schema["parent"] == ["type": "database_id", "database_id": .string(id)])
        #expect(schema["database_parent"]?["type"] == "page_id")
        let name: Value = [
            "id": "title", "name": "Name", "description": nil, "type": "title", "title": [:],
        ]
        #expect(schema["properties"] == ["Name": name])
    }

    @Test func namesAnUntitledDatabase() throws {
        var notion = try LocalNotion()
        let parent: Value = ["type": "workspace", "workspace": true]
        let database = try notion.get("POST", "/v1/databases", ["parent": parent])
        #expect(NotionText.plainText(database["title"]) == "New database")
        let source = database["data_sources"]?.listValue?.first?["id"]?.stringValue ?? ""
        #expect(try notion.get("GET", "/v1/data_sources/\(source)")["title"] == [])
    }

    @Test func addsRenamesAndDeletesColumns() throws {
        var notion = try LocalNotion()
        let (_, source) = try notion.database(["Name": ["title": [:]], "Old": ["number": [:]]])
        let path = "/v1/data_sources/\(source)"
        let before = try notion.get("GET", path)["properties"]?["Old"]?["id"]
        _ = try notion.page(source, ["Name": title("a"), "Old": ["number": 3]])
        let after = try notion.get(
            "PATCH",
            path,
            ["properties": ["Old": ["name": "New"], "More": ["select": [:]]]]
        )["properties"]
        #expect(after?["New"]?["id"] == before)
        #expect(after?["Old"] == nil && after?["More"]?["select"] == ["options": []])
        let query = try notion.get("POST", path + "/query", [:])
        let row = query["results"]?.listValue?.first
        #expect(row?["properties"]?["New"]?["number"] == 3)
        let less = try notion.get("PATCH", path, ["properties": ["New": nil]])["properties"]
        #expect(Set(less?.mapValue?.stringKeys ?? []) == ["Name", "More"])
    }

    @Test func replacesOptionsButKeepsTheirIDs() throws {
        var notion = try LocalNotion()
        let (_, source) = try notion.database([
            "Name": ["title": [:]], "C": ["select": ["options": [["name": "a"], ["name": "b"]]]],
        ])
        let path = "/v1/data_sources/\(source)"
        let old = try notion.get("GET", path)["properties"]?["C"]?["select"]?["options"]?.listValue
        let id = try notion.page(source, ["C": ["select": ["name": "b"]]])
        let options: Value = ["options": [["name": "c"], ["name": "A"]]]
        let new = try notion.get("PATCH", path, ["properties": ["C": ["select": options]]])
        let list = new["properties"]?["C"]?["select"]?["options"]?.listValue
        #expect(list?.map { $0["name"] } == ["c", "a"])
        #expect(list?.last?["id"] == old?.first?["id"])
        // The option that is gone is gone from the row too.
        let row = try notion.get("GET", "/v1/pages/\(id)")
        #expect(row["properties"]?["C"]?["select"] == Value.null)
    }

    static let mistakes: [(Value, String)] = [
        (["Name": nil], "Cannot delete the title property."),
        (["Nome": nil], "Nome is not a property that exists."),
        (["Second": ["title": [:]]], "exactly one title property"),
        (["C": ["name": "Name"]], "A property with the name Name exists already."),
        (["X": ["wrong": [:]]], "body.properties.X.type should be defined"),
        (["X": ["type": "wrong"]], "should be a supported property type"),
        (["X": ["select": ["options": [["name": "a,b"]]]]], "commas not allowed: a,b"),
        (["X": ["relation": [:]]], "body.properties.X.relation.data_source_id should be defined"),
        (["X": ["rollup": ["function": "sum"]]], "relation_property_name"),
    ]

    @Test(arguments: mistakes)
    func refusesWrongSchemas(properties: Value, message: String) throws {
        var notion = try LocalNotion()
        let (_, source) = try notion.database(["Name": ["title": [:]], "C": ["select": [:]]])
        let path = "/v1/data_sources/\(source)"
        let answer = try notion.call("PATCH", path, ["properties": properties])
        #expect(answer.status == 400)
        let found = answer.body["message"]?.stringValue ?? ""
        #expect(found.contains(message), "\(found)")
    }

    @Test func refusesARowForADatabaseOfTwoSources() throws {
        var notion = try LocalNotion()
        let (id, _) = try notion.database(["Name": ["title": [:]]])
        let parent: Value = ["type": "database_id", "database_id": .string(id)]
        let second = try notion.get(
            "POST",
            "/v1/data_sources",
            ["parent": parent, "properties": [:]]
        )
        #expect(second["properties"]?.mapValue?.count == 1)
        let answer = try notion.call("POST", "/v1/pages", ["parent": parent, "properties": [:]])
        #expect(answer.status == 400)
    }

    @Test func setsUpTheCatalogue() throws {
        let catalogue = try catalogue()
        var notion = try LocalNotion(catalogue: catalogue)
        let databases = try notion.get("GET", "/sandbox/databases").listValue ?? []
        #expect(databases.count == catalogue.databases.count)
        for (item, schema) in zip(databases, catalogue.databases) {
            #expect(item["key"]?.stringValue == schema.key)
            let id = item["data_source_id"]?.stringValue ?? ""
            let source = try notion.get("GET", "/v1/data_sources/\(id)")
            let properties = source["properties"]?.mapValue ?? [:]
            #expect(properties.count == schema.fields.count)
            for field in schema.fields {
                let property = properties[field.notionName]
                if property?["type"]?.stringValue != field.type.rawValue {
                    Issue.record("\(schema.key).\(field.key) is \(String(describing: property))")
                }
                if let inverse = field.relation?.inverse {
                    let mirror = property?["relation"]?["dual_property"]
                    let target = field.relation.flatMap { catalogue.database($0.target) }
                    let name = target?.field(inverse)?.notionName
                    if mirror?["synced_property_name"]?.stringValue != name {
                        Issue.record("\(schema.key).\(field.key) has no mirror \(inverse)")
                    }
                }
            }
        }
    }
}
