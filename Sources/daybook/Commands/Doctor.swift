import ArgumentParser
import Connectors
import EventLog
import EventModel
import Foundation
import HTTPClient
import Records
import Runtime

/// `daybook doctor`: what is there, what is missing, what to do.
struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check versions, libraries, limits, the configuration and what it points at.",
        discussion: """
            Changes nothing. Exit code 1 if something that the configuration asks for does not work.

            EXAMPLES:
              daybook doctor
              daybook doctor --config /etc/daybook.yaml
            """
    )

    @OptionGroup var options: ConfigurationOptions

    func run() async throws {
        var findings = Findings()
        findings.good("daybook \(Daybook.version)")
        findings.good(LogInformation.libraryVersion.replacing("LMDB LMDB", with: "LMDB"))
        findings.good(Self.firstWord(HTTPClient.libraryVersion))
        findings.good("libpq \(PostgresClient.libraryVersion)")
        findings.good(
            "an event is at most \(Limits.eventBytesMax) bytes, a payload \(Limits.nestingDepthMax) deep"
        )
        do throws(CommandFailure) {
            let library = try Library.load()
            findings.good(
                "\(library.databases.databases.count) databases, \(library.projections.count) "
                    + "projections in \(library.home.path)"
            )
        } catch {
            findings.bad(error.message)
        }
        do throws(CommandFailure) {
            let configuration = try options.load()
            findings.good("the configuration is in order")
            checkLog(configuration, &findings)
            await checkKeys(configuration, &findings)
            await checkNotion(configuration, &findings)
            await checkPostgres(configuration, &findings)
            checkRest(configuration, &findings)
        } catch {
            findings.bad(error.message)
        }
        guard findings.badCount == 0 else { throw ExitStatus.checkFailed }
    }

    // libcurl names everything that it was built with.
    private static func firstWord(_ text: String) -> String {
        String(text.prefix { $0 != " " }).replacing("/", with: " ")
    }

    private func checkLog(_ configuration: Configuration, _ findings: inout Findings) {
        do throws(EventLogError) {
            let log = try EventLog.open(
                at: configuration.dataFolder,
                configuration: EventLogConfiguration(mode: .readOnly)
            )
            findings.good("the log in \(configuration.dataFolder) has \(log.head) events")
            for circuit in try CircuitReader.statuses(in: log) where circuit.phase != "closed" {
                findings.note(
                    "calls to \(circuit.integration) are held back: \(circuit.code ?? "no answer"); "
                        + "see 'daybook integrations'"
                )
            }
        } catch {
            if error.code == .missing {
                findings.note(
                    "no log in \(configuration.dataFolder) yet; 'daybook serve' makes one"
                )
            } else {
                findings.bad(error.message)
            }
        }
        if let endpoint = EngineEndpoint.find(configuration.dataFolder) {
            findings.good("an engine runs on it: process \(endpoint.processID), \(endpoint.url)")
        }
    }

    private func checkKeys(_ configuration: Configuration, _ findings: inout Findings) async {
        let folder = Keys.folder(configuration)
        guard KeyStore.exists(at: folder) else {
            findings.note("no keys of personal values in \(folder) yet; 'daybook serve' makes them")
            return
        }
        do {
            let master = try Keys.masterKey(configuration, makes: false) { _ in }
            let keys = try await KeyStore.open(
                at: folder,
                master: master,
                mode: .readOnly,
                now: EventLogConfiguration.systemClock
            )
            findings.good("the keys of personal values open with that of \(keys.masterKeyOrigin)")
            let file = Keys.masterKeyFile(configuration)
            let facts = try? FileManager.default.attributesOfItem(atPath: file.path)
            let mode = (facts?[.posixPermissions] as? NSNumber)?.intValue ?? 0
            if configuration.masterKey == nil, mode & 0o077 != 0 {
                findings.bad("\(file.path) can be read by others; run: chmod 600 \(file.path)")
            }
            if configuration.masterKey == nil, configuration.masterKeyFile == nil {
                findings.note(
                    "the master key lies beside the keys that it wraps; set \(Keys.variable) or "
                        + "keys.master_key_file to keep it apart"
                )
            }
        } catch {
            findings.bad("\(error)")
        }
    }

    private func checkNotion(_ configuration: Configuration, _ findings: inout Findings) async {
        guard configuration.notion.token != nil else {
            findings.note("no Notion token; set NOTION_API_TOKEN to work with Notion")
            return
        }
        guard let library = try? Library.load() else { return }
        let client = HTTPClient()
        let parts = NotionParts.make(configuration, library, client: client, time: SystemTime())
        for finding in await parts?.findings() ?? [] {
            switch finding {
            case .good(let text): findings.good(text)
            case .bad(let text): findings.bad(text)
            }
        }
        await client.shutdown()
    }

    private func checkPostgres(_ configuration: Configuration, _ findings: inout Findings) async {
        guard let postgres = configuration.postgres else {
            findings.note("no PostgreSQL; set SUPABASE_DB_URL to project there")
            return
        }
        let client = PostgresClient(
            PostgresClient.Configuration(connectionString: postgres.url, connectionsMax: 1)
        )
        do throws(PostgresError) {
            let result = try await client.query("SHOW server_version", [])
            findings.good("PostgreSQL \(result.rows.first?.first?.plainText ?? "answers")")
        } catch {
            findings.bad("PostgreSQL: \(error.message)")
        }
        await client.close()
    }

    private func checkRest(_ configuration: Configuration, _ findings: inout Findings) {
        if configuration.webhooks.isEmpty { findings.note("no webhook source is configured") }
        for webhook in configuration.webhooks {
            findings.good("webhooks from \(webhook.source), signed after \(webhook.scheme)")
        }
        if configuration.mail == nil { findings.note("no mail server; mail steps will fail") }
        if configuration.sms == nil { findings.note("no SMS gateway; SMS steps will fail") }
        if configuration.slack.isEmpty { findings.note("no Slack channel; Slack steps will fail") }
        if let supabase = configuration.supabase {
            findings.good("Supabase project at \(supabase.url)")
        }
    }
}

/// What the doctor found.
struct Findings {
    private(set) var badCount = 0

    mutating func good(_ text: String) { Terminal.out("\(Terminal.styled("✓", .green)) \(text)") }
    mutating func note(_ text: String) { Terminal.out("\(Terminal.styled("·", .dim)) \(text)") }

    mutating func bad(_ text: String) {
        badCount += 1
        Terminal.out("\(Terminal.styled("✗", .red)) \(text)")
    }
}
