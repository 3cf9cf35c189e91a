import Connectors
import HTTPClient
import Records
import WorkflowEngine

/// What speaks to Notion, over one paced client.
struct NotionParts {
    let client: NotionClient
    let directory: NotionDirectory
    let records: NotionRecordStore
    let sink: NotionSink
    let source: NotionRecordSource
    let databases: DatabaseCatalogue

    /// Makes the parts; nil without a token, so that the engine works without Notion.
    static func make(
        _ configuration: Configuration,
        _ library: Library,
        client transport: HTTPClient,
        time: any TimeSource
    ) -> NotionParts? {
        guard let token = configuration.notion.token else { return nil }
        let client = NotionClient(
            configuration: NotionConfiguration(
                baseURL: configuration.notion.url,
                token: token,
                requestsPerMinute: configuration.notion.requestsPerMinute
            ),
            transport: transport,
            time: time
        )
        return NotionParts(client: client, configuration: configuration, library: library)
    }

    private init(client: NotionClient, configuration: Configuration, library: Library) {
        self.client = client
        databases = library.databases
        directory = NotionDirectory(
            client: client,
            catalogue: library.databases,
            configuration: NotionDirectory.Configuration(
                databaseIDs: configuration.notion.databases,
                parentPageID: configuration.notion.parentPage
            )
        )
        records = NotionRecordStore(directory: directory)
        sink = NotionSink(directory: directory)
        source = NotionRecordSource(directory: directory)
    }

    enum Finding {
        case good(String)
        case bad(String)
    }

    /// Compares each database with its declaration; changes nothing.
    func findings() async -> [Finding] {
        var findings: [Finding] = []
        for database in databases.databases {
            do throws(NotionError) {
                let report = try await directory.check(database.key)
                let lines = report.lines
                findings.append(
                    lines.isEmpty
                        ? .good("Notion: '\(database.title)' is as declared")
                        : .bad("Notion: '\(database.title)': " + lines.joined(separator: "; "))
                )
            } catch {
                findings.append(.bad("Notion: \(error.message)"))
                // A token that is refused, or a server that is away, is so for every database.
                if error.status == nil || error.status == 401 { break }
            }
        }
        return findings
    }
}
