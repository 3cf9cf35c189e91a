import Connectors
import Documents
import EventLog
import Foundation
import HTTPClient
import Logging
import Projections
import Records
import Runtime
import WorkflowEngine

/// All parts of an engine, wired: the one place where Runtime and Connectors meet.
struct EngineAssembly {
    let configuration: Configuration
    let library: Library
    let log: EventLog
    let keys: KeyStore
    let subjects: SubjectService
    let views: TableStore
    let client: HTTPClient
    let postgres: PostgresClient?
    let engine: Engine
    let logger: Logger

    /// Opens the log and the views and builds the engine; nothing runs yet.
    static func make(
        _ configuration: Configuration,
        logger: Logger
    ) async throws(CommandFailure) -> EngineAssembly {
        let library = try Library.load()
        let notice: @Sendable (String) -> Void = { logger.notice("\($0)") }
        let (log, views) = try open(configuration, notice)
        let seal: Seal
        do {
            seal = try await Seal.make(log, configuration, library.databases, notice: notice)
        } catch {
            await views.close()
            await log.close()
            throw CommandFailure("\(error)", ExitStatus.inputOutput)
        }
        let time = SystemTime()
        let client = HTTPClient()
        let notion = NotionParts.make(configuration, library, client: client, time: time)
        let postgres = configuration.postgres.map {
            PostgresClient(PostgresClient.Configuration(connectionString: $0.url))
        }
        let sinks = sinks(configuration, notion, postgres)
        do {
            let engine = try Engine(
                store: seal.store,
                views: views,
                actions: ActionList.make(
                    configuration,
                    library,
                    notion,
                    client: client,
                    postgres: postgres
                ),
                databases: library.databases,
                projections: library.projections,
                sinks: sinks,
                source: notion?.source,
                secrets: seal.secrets,
                time: time,
                configuration: engineConfiguration(configuration),
                logger: logger,
                subjects: seal.subjects
            )
            return EngineAssembly(
                configuration: configuration,
                library: library,
                log: log,
                keys: seal.keys,
                subjects: seal.subjects,
                views: views,
                client: client,
                postgres: postgres,
                engine: engine,
                logger: logger
            )
        } catch {
            throw CommandFailure("the engine cannot start: \(error)", ExitStatus.inputOutput)
        }
    }

    private static func open(
        _ configuration: Configuration,
        _ notice: @escaping @Sendable (String) -> Void
    ) throws(CommandFailure) -> (log: EventLog, views: TableStore) {
        do throws(EventLogError) {
            let log = try EventLog.open(
                at: configuration.dataFolder,
                configuration: EventLogConfiguration(mode: .readWrite, notice: notice)
            )
            let views = try EngineViews.open(
                at: configuration.dataFolder + "/views",
                notice: notice
            )
            return (log, views)
        } catch {
            throw DataFolder.failure(error, path: configuration.dataFolder)
        }
    }

    private static func sinks(
        _ configuration: Configuration,
        _ notion: NotionParts?,
        _ postgres: PostgresClient?
    ) -> [any Sink] {
        var sinks: [any Sink] = []
        if let notion { sinks.append(notion.sink) }
        if let postgres, let schema = configuration.postgres?.schema {
            sinks.append(PostgresSink(postgres, schema: schema, createsTables: true))
        }
        return sinks
    }

    private static func engineConfiguration(_ configuration: Configuration) -> EngineConfiguration {
        var result = EngineConfiguration()
        result.pollInterval = configuration.notion.pollInterval
        result.agentLease = configuration.agents.lease
        result.circuits = CircuitSettings(
            failuresMax: configuration.circuit.failures,
            coolDown: configuration.circuit.coolDown,
            coolDownMax: configuration.circuit.coolDownMax
        )
        result.webhookSources = configuration.webhooks.compactMap { webhook in
            WebhookScheme(rawValue: webhook.scheme).map {
                WebhookSource(
                    name: webhook.source,
                    scheme: $0,
                    secret: webhook.secret,
                    toleranceSeconds: Int64(webhook.toleranceSeconds)
                )
            }
        }
        return result
    }

    /// Deploys the workflows that the configuration names.
    func deployConfigured() async throws(CommandFailure) {
        for path in configuration.workflows {
            let url = URL(fileURLWithPath: path)
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
                throw CommandFailure(
                    "'workflows' names \(path), which does not exist",
                    ExitStatus.badConfiguration
                )
            }
            let files = isFolder.boolValue ? Installation.yamlFiles(in: url) : [url]
            for file in files { try await deploy(file) }
        }
    }

    private func deploy(_ file: URL) async throws(CommandFailure) {
        do {
            let text = try Library.read(file)
            let deployment = try await engine.deploy(text: text, file: file.path, actor: "system")
            logger.notice(
                deployment.isNew ? "workflow deployed" : "workflow unchanged",
                metadata: ["workflow": "\(deployment.name)"]
            )
        } catch let problems as Problems {
            throw CommandFailure(problems, ExitStatus.badInput)
        } catch {
            throw CommandFailure("cannot deploy \(file.path): \(error)", ExitStatus.inputOutput)
        }
    }

    /// A new secret for the control API, from the system's random generator.
    static func controlToken() -> String {
        var generator = SystemRandomNumberGenerator()
        let digits = Array("0123456789abcdef")
        return String((0..<48).map { _ in digits[Int(generator.next() % 16)] })
    }

    func close() async {
        await views.close()
        await log.close()
        await keys.close()
        await postgres?.close()
        await client.shutdown()
    }
}
