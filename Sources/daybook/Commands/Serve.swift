import ArgumentParser
import EventLog
import Foundation
import Logging
import Runtime
import Server

/// `daybook serve`: the engine for real work.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run the engine: take webhooks, follow Notion, run workflows, push projections.",
        discussion: """
            Reads daybook.yaml and the environment, checks all of it, opens the log, catches up, and \
            serves until SIGTERM or Ctrl-C, which drain it. docs/configuration.md has every key.

            EXAMPLES:
              daybook serve
              daybook serve --config /etc/daybook.yaml
              NOTION_API_TOKEN=ntn_… NOTION_PARENT_PAGE_ID=… WEBHOOK_SECRET=whsec_… daybook serve

            \(ExitStatus.help)
            """
    )

    @OptionGroup var options: ConfigurationOptions
    @Flag(help: .hidden)
    var untilInputEnds = false

    func run() async throws {
        Signals.ignoreWriteFailures()
        if untilInputEnds { Signals.terminateWithStandardInput() }
        let configuration = try options.load()
        let logger = Logger(label: "daybook") { label in
            LogLines(label: label, settings: configuration.logging)
        }
        let assembly = try await EngineAssembly.make(configuration, logger: logger)
        do {
            try await serve(assembly, configuration, logger)
        } catch {
            await assembly.close()
            throw error
        }
        await assembly.close()
    }

    private func serve(
        _ assembly: EngineAssembly,
        _ configuration: Configuration,
        _ logger: Logger
    ) async throws {
        try await assembly.deployConfigured()
        let token = EngineAssembly.controlToken()
        let checkpoints = CheckpointService(
            log: assembly.log,
            configuration: configuration,
            logger: logger
        )
        let scrubs = ScrubBoard()
        let server = DaybookServer(
            engine: assembly.engine,
            store: assembly.log,
            scrubs: scrubs,
            configuration: ServerConfiguration(
                host: configuration.http.host,
                port: configuration.http.port,
                controlToken: token,
                agentToken: configuration.agents.token
            ),
            gauges: { checkpoints.gauges },
            logger: logger
        )
        defer { EngineEndpoint.remove(configuration.dataFolder) }
        try await withThrowingTaskGroup(of: Ending.self) { group in
            group.addTask {
                try await assembly.engine.run()
                return .engine
            }
            group.addTask {
                do {
                    try await server.run { port in
                        announce(port, token: token, configuration, logger)
                    }
                } catch is CancellationError {
                    return .server
                } catch {
                    throw Self.cannotListen(configuration.http, because: error)
                }
                return .server
            }
            group.addTask {
                await checkpoints.run()
                return .server
            }
            group.addTask {
                await Signals.first(of: [SIGTERM, SIGINT])
                return .signal
            }
            let scrubbing = Task { await scrub(assembly.log, scrubs, configuration, logger) }
            defer { scrubbing.cancel() }
            let first = await group.nextResult()
            if case .success(.signal) = first {
                logger.notice("draining; a second signal ends the process at once")
                Signals.exitOnNext(of: [SIGTERM, SIGINT])
            }
            await assembly.engine.stop()
            group.cancelAll()
            _ = try first?.get()
        }
        logger.notice("stopped")
    }

    /// Reads the log through in the background; what it finds is an event, a figure and an alarm.
    private func scrub(
        _ log: EventLog,
        _ board: ScrubBoard,
        _ configuration: Configuration,
        _ logger: Logger
    ) async {
        guard let interval = configuration.scrub.interval else { return }
        let job = ScrubJob(
            log: log,
            board: board,
            bytesPerSecond: configuration.scrub.megabytesPerSecond * 1_000_000,
            secondsBetween: interval / .seconds(1),
            makeIdentifier: { ScrubIdentity.next() },
            pause: { try await Task.sleep(for: .seconds($0)) },
            alarm: { problem in
                logger.critical(
                    "a record of the log is not what was written",
                    metadata: [
                        "position": "\(problem.position)", "file": "\(problem.file)",
                        "problem": "\(problem.message)",
                    ]
                )
            }
        )
        do {
            try await job.run()
        } catch {
            // A log that closes and a task that is cancelled end it; anything else must be seen.
            guard !Task.isCancelled, (error as? EventLogError)?.code != .closed else { return }
            logger.error("the log is not scrubbed any more", metadata: ["error": "\(error)"])
        }
    }

    private enum Ending { case engine, server, signal }

    private static func cannotListen(
        _ http: Configuration.HTTP,
        because error: any Error
    ) -> CommandFailure {
        let isTaken = "\(error)".contains("errno: \(EADDRINUSE)")
        let reason = isTaken ? "another program has this port" : "\(error)"
        return CommandFailure(
            "cannot listen on \(http.host):\(http.port): \(reason); name another 'http.port', or 0 "
                + "for a free one",
            ExitStatus.unavailable
        )
    }

    private func announce(
        _ port: Int,
        token: String,
        _ configuration: Configuration,
        _ logger: Logger
    ) {
        let url = "http://\(configuration.http.host):\(port)"
        let endpoint = EngineEndpoint(url: url, token: token, processID: getpid())
        do {
            try endpoint.write(to: configuration.dataFolder)
        } catch {
            logger.error("\(error.message)")
        }
        logger.notice(
            "listening",
            metadata: ["url": "\(url)", "data": "\(configuration.dataFolder)"]
        )
    }
}
