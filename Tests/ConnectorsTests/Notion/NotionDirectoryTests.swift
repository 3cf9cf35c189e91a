import EventModel
import Records
import Testing

@testable import Connectors

@Suite struct NotionDirectoryTests {
    private let time = SkippingTime()

    static let catalogue = DatabaseCatalogue(databases: [
        DatabaseSchema(
            key: "contacts_profiles",
            title: "Contacts & Profiles",
            purpose: "people",
            table: "contacts_profiles",
            environmentVariable: "NOTION_CONTACTS_PROFILES_DB",
            aliases: ["Contacts"],
            matchFields: ["email", "phone"],
            fields: [
                FieldSchema(
                    key: "full_name",
                    notionName: "Full Name",
                    type: .title,
                    column: "full_name",
                    postgresType: "text"
                ),
                FieldSchema(
                    key: "email",
                    notionName: "Email",
                    type: .email,
                    column: "email",
                    postgresType: "text"
                ),
                FieldSchema(
                    key: "status",
                    notionName: "Status",
                    type: .select,
                    column: "status",
                    postgresType: "text"
                ),
            ]
        )
    ])

    private static func source(_ id: String, _ title: String, _ email: String = "Email") -> Value {
        [
            "object": "data_source", "id": .string(id), "title": [["plain_text": .string(title)]],
            "parent": ["type": "database_id", "database_id": "db"],
            "properties": [
                "Name": ["id": "title", "name": "Name", "type": "title", "title": [:]],
                email: ["id": "em", "name": .string(email), "type": "email", "email": [:]],
                "Status": ["id": "st", "name": "Status", "type": "status", "status": [:]],
                "Shoe size": ["id": "sh", "name": "Shoe size", "type": "number", "number": [:]],
            ],
        ]
    }

    private static func database(_ sources: [(String, String)]) -> Value {
        [
            "object": "database", "id": "db", "title": [["plain_text": "Contacts & Profiles"]],
            "data_sources": .list(
                sources.map { ["id": .string($0.0), "name": .string($0.1)] }
            ),
        ]
    }

    private func directory(
        _ configuration: NotionDirectory.Configuration,
        _ answers: [String: NotionScript.Answer]
    ) -> (NotionDirectory, NotionScript) {
        let script = NotionScript(time) { asked, _ in
            let path = asked.path.prefix { $0 != "?" }
            return answers["\(asked.method) \(path)"]
                ?? NotionScript.error(404, "object_not_found")
        }
        let directory = NotionDirectory(
            client: script.client(),
            catalogue: Self.catalogue,
            configuration: configuration
        )
        return (directory, script)
    }

    private func failure(_ directory: NotionDirectory, _ name: String) async -> NotionError? {
        do throws(NotionError) {
            _ = try await directory.table(name)
            return nil
        } catch {
            return error
        }
    }

    @Test func takesAConfiguredDatabase() async throws {
        let (directory, _) = directory(
            .init(databaseIDs: ["contacts_profiles": "db"]),
            [
                "GET /v1/databases/db": .reply(200, Self.database([("ds", "")])),
                "GET /v1/data_sources/ds": .reply(200, Self.source("ds", "")),
            ]
        )
        #expect(try await directory.table("Contacts").source.id == "ds")
    }

    @Test func takesAConfiguredDataSource() async throws {
        let (directory, _) = directory(
            .init(databaseIDs: ["contacts_profiles": "ds"]),
            ["GET /v1/data_sources/ds": .reply(200, Self.source("ds", ""))]
        )
        #expect(try await directory.table("contacts_profiles").source.id == "ds")
    }

    @Test func looksUnderTheParentPage() async throws {
        let children: Value = [
            "object": "list", "has_more": false,
            "results": [
                ["type": "paragraph", "id": "b1"],
                [
                    "type": "child_database", "id": "db",
                    "child_database": ["title": "contacts & profiles"],
                ],
            ],
        ]
        let (directory, _) = directory(
            .init(parentPageID: "root"),
            [
                "GET /v1/blocks/root/children": .reply(200, children),
                "GET /v1/databases/db": .reply(200, Self.database([("ds", "x")])),
                "GET /v1/data_sources/ds": .reply(200, Self.source("ds", "x")),
            ]
        )
        #expect(try await directory.table("contacts_profiles").source.id == "ds")
    }

    @Test func searchesByTitleAndPassesOverTheTrash() async throws {
        var trashed = Self.source("old", "Contacts & Profiles").mapValue ?? [:]
        trashed["in_trash"] = true
        let results: Value = [
            "object": "list", "has_more": false,
            "results": [
                .map(trashed), Self.source("other", "Contacts & Profiles (copy)"),
                Self.source("ds", "Contacts & Profiles"),
            ],
        ]
        let (directory, _) = directory(
            .init(),
            [
                "POST /v1/search": .reply(200, results),
                "GET /v1/data_sources/ds": .reply(200, Self.source("ds", "Contacts & Profiles")),
            ]
        )
        #expect(try await directory.table("contacts_profiles").source.id == "ds")
    }

    @Test func saysWhatToDoAboutAMissingDatabase() async {
        let empty: Value = ["object": "list", "has_more": false, "results": []]
        let (searching, _) = directory(.init(), ["POST /v1/search": .reply(200, empty)])
        #expect(
            await failure(searching, "contacts_profiles")?.message
                == "database 'Contacts & Profiles' is not shared with the connection; "
                + "share it or set NOTION_CONTACTS_PROFILES_DB"
        )
        let (configured, _) = directory(.init(databaseIDs: ["contacts_profiles": "gone"]), [:])
        #expect(await failure(configured, "contacts_profiles")?.code == .databaseMissing)
        let unknown = await failure(configured, "contact_profiles")
        #expect(unknown?.message.contains("did you mean 'contacts_profiles'?") == true)
    }

    @Test func asksWhichOfSeveralDataSources() async throws {
        let two = Self.database([("a", "Old"), ("b", "New")])
        let (unclear, _) = directory(
            .init(databaseIDs: ["contacts_profiles": "db"]),
            ["GET /v1/databases/db": .reply(200, two)]
        )
        let error = await failure(unclear, "contacts_profiles")
        #expect(error?.message.contains("'Old' (a), 'New' (b)") == true)
        let named = Self.database([("a", "Old"), ("ds", "Contacts & Profiles")])
        let (clear, _) = directory(
            .init(databaseIDs: ["contacts_profiles": "db"]),
            [
                "GET /v1/databases/db": .reply(200, named),
                "GET /v1/data_sources/ds": .reply(200, Self.source("ds", "")),
            ]
        )
        #expect(try await clear.table("contacts_profiles").source.id == "ds")
    }

    @Test func reportsWhatDiffers() async throws {
        let (directory, _) = directory(
            .init(databaseIDs: ["contacts_profiles": "ds"]),
            ["GET /v1/data_sources/ds": .reply(200, Self.source("ds", "", "E-Mail"))]
        )
        let report = try await directory.check("contacts_profiles")
        #expect(report.missing.map(\.key) == ["email"])
        #expect(report.differing.map(\.typeInNotion) == ["status"])
        #expect(report.undeclared == ["E-Mail", "Shoe size"])
        #expect(report.lines.count == 2)
    }

    @Test func remembersForAWhileAndFollowsARenaming() async throws {
        let script = NotionScript(time) { asked, number in
            guard asked.path == "/v1/data_sources/ds" else {
                return NotionScript.error(404, "object_not_found")
            }
            return .reply(200, Self.source("ds", "", number < 3 ? "Email" : "E-Mail"))
        }
        let directory = NotionDirectory(
            client: script.client(),
            catalogue: Self.catalogue,
            configuration: .init(databaseIDs: ["contacts_profiles": "ds"])
        )
        _ = try await directory.table("contacts_profiles")
        _ = try await directory.table("contacts_profiles")
        #expect(script.asked.count == 2)
        time.advance(by: .seconds(601))
        _ = try await directory.table("contacts_profiles")
        #expect(script.asked.count == 3)
        directory.forget("contacts_profiles")
        let renamed = try await directory.table("contacts_profiles")
        #expect(renamed.properties["email"]?.name == "E-Mail")
    }
}
