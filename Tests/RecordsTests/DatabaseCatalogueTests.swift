import Documents
import EventModel
import Foundation
import Records
import Testing

/// The files of `Schemas/databases/`, as the repository has them.
func schemaFiles() throws -> [(file: String, text: String)] {
    let folder = URL(fileURLWithPath: "Schemas/databases")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        .filter { $0.hasSuffix(".yaml") }.sorted()
    return try names.map { name in
        (name, try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8))
    }
}

@Suite struct DatabaseCatalogueTests {
    @Test func readsEveryDatabaseInSetupOrder() throws {
        let catalogue = try DatabaseCatalogueReader.catalogue(schemaFiles())
        #expect(catalogue.databases.count == 18)
        #expect(catalogue.databases.filter { !$0.isOptional }.compactMap(\.number).count == 16)
        #expect(catalogue.databases.map(\.setupOrder) == Array(1...18))
        #expect(catalogue.databases.map(\.fields.count).reduce(0, +) == 571)
        #expect(catalogue.databases.allSatisfy { $0.titleField != nil })
    }

    @Test func keepsEveryKeyOfAField() throws {
        let catalogue = try DatabaseCatalogueReader.catalogue(schemaFiles())
        let contacts = try #require(catalogue.database("contacts_profiles"))
        #expect(contacts.matchFields == ["email", "phone"])
        #expect(contacts.requiredOneOf == ["email", "phone"])
        let email = try #require(contacts.field("email"))
        #expect(email.isPersonal && email.isUnique && !email.isComputed)
        #expect(email.merge == "bidirectional_unique")
        #expect(email.validation == "^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$")
        let status = try #require(contacts.field("status"))
        #expect(status.options(for: "client") == ["Active Client"])
        #expect(status.options(for: "former client") == ["Former Client"])
        #expect(status.defaultValue == "Active Lead")
        #expect(contacts.field("availability")?.isJSON == true)
        #expect(contacts.field("industry_sector")?.entities == ["am_consulting"])
        let tasks = try #require(contacts.field("assigned_tasks"))
        #expect(
            tasks.rollup
                == FieldSchema.Rollup(
                    relation: "tasks",
                    property: "status",
                    function: "show_original"
                )
        )
        #expect(contacts.indexes.filter(\.isUnique).map(\.columns) == [["email"], ["phone"]])
        #expect(catalogue.database("tasks") == nil)
        #expect(catalogue.database("Contacts")?.key == "contacts_profiles")
        let instances = try #require(catalogue.database("workflow_instances"))
        #expect(instances.archival?.archiveAfterDays == 90)
    }

    static let head = """
        key: alpha
        title: Alpha
        purpose: a test
        table: alpha
        env: ALPHA

        """
    static let title =
        "{key: name, notion: Name, type: title, column: name, pg: text, owner: both}"

    @Test(arguments: [
        ("fields: []", "1:1: a database has exactly one title field, not 0"),
        (
            "fields: [\(title), \(title)]",
            "the field 'name' comes twice"
        ),
        (
            "fields: [{key: name, notion: Name, type: titl, column: name, pg: text}]",
            "'titl' is no type; did you mean 'title'?"
        ),
        (
            "fields: [\(title)]\nmatch_fields: [nam]",
            "there is no field 'nam'; did you mean 'name'?"
        ),
        ("fields: [\(title)]\nindexes: [{columns: [nome]}]", "did you mean 'name'?"),
        ("fields: [\(title)]\nfeilds: 1", "unknown key 'feilds'; did you mean 'fields'?"),
        (
            "fields: [\(title), {key: a, notion: A, type: relation, column: a, pg: uuid}]",
            "'relation' belongs to a field of type relation"
        ),
        (
            "fields: [\(title), {key: a, notion: A, type: relation, column: a, pg: uuid, "
                + "relation: {target: alpha, cardinality: many_to_on}}]",
            "'many_to_on' is no cardinality; did you mean 'many_to_one'?"
        ),
        (
            "fields: [\(title), {key: a, notion: A, type: select, options: [X], "
                + "value_map: {x: [Y]}, column: a, pg: text}]",
            "value_map names the option 'Y'"
        ),
    ])
    func namesTheMistakeInAFile(body: String, message: String) {
        let error = #expect(throws: Problems.self) {
            try DatabaseCatalogueReader.parse(Self.head + body, file: "alpha.yaml")
        }
        #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
    }

    @Test(arguments: [
        ("{target: beta, cardinality: many_to_one}", "leads to 'beta', which is no database"),
        (
            "{target: alpha, cardinality: many_to_one, inverse: nome}",
            "the inverse 'nome' is no relation of alpha"
        ),
        (
            "{target: alpha, cardinality: many_to_one, inverse: a}",
            "the two sides of the relation disagree"
        ),
    ])
    func checksRelationsAcrossFiles(relation: String, message: String) {
        let field =
            "{key: a, notion: A, type: relation, column: a, pg: uuid, relation: \(relation)}"
        let text = Self.head + "fields: [\(Self.title), \(field)]"
        let error = #expect(throws: Problems.self) {
            try DatabaseCatalogueReader.catalogue([("alpha.yaml", text)])
        }
        #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
    }

    @Test func refusesTwoDatabasesOfOneName() {
        let text = Self.head + "fields: [\(Self.title)]"
        let error = #expect(throws: Problems.self) {
            try DatabaseCatalogueReader.catalogue([("a.yaml", text), ("b.yaml", text)])
        }
        #expect(error?.description.contains("the table 'alpha' is already that of alpha") == true)
    }
}
