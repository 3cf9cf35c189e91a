import ArgumentParser
import Documents
import EventModel
import Foundation
import Logging
import Records
import Sandbox

/// `daybook sandbox`: the local Notion and the catchers, alone.
struct RunSandbox: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sandbox",
        abstract:
            "Run a local Notion with the databases of Schemas/, and catchers for mail, SMS, Slack.",
        discussion: """
            Everything is in memory and gone at the end. What arrived can be looked at under /sandbox: \
            /sandbox/mails, /sandbox/sms, /sandbox/slack, /sandbox/requests, /sandbox/rows/DATABASE.

            EXAMPLES:
              daybook sandbox                          any free ports; prints the addresses
              daybook sandbox --port 9911 --smtp-port 9925
              curl -s http://127.0.0.1:9911/sandbox/mails
            """
    )

    @Option(help: "HTTP port; 0 takes a free one.")
    var port = 0
    @Option(help: "SMTP port; 0 takes a free one.")
    var smtpPort = 0
    @Option(help: "Notion's budget of requests per minute; more are answered with 429.")
    var requestsPerMinute = 600
    @OptionGroup var output: OutputOptions
    @Flag(help: .hidden)
    var untilInputEnds = false

    func validate() throws {
        for port in [port, smtpPort] where !(0...65535).contains(port) {
            throw ValidationError("a port must be 0 to 65535, not \(port)")
        }
        guard requestsPerMinute > 0 else {
            throw ValidationError("--requests-per-minute must be at least 1")
        }
    }

    func run() async throws {
        Signals.ignoreWriteFailures()
        if untilInputEnds { Signals.terminateWithStandardInput() }
        let databases = try Self.databases()
        let server = SandboxServer(
            configuration: SandboxConfiguration(
                catalogue: databases,
                httpPort: port,
                smtpPort: smtpPort,
                requestsPerMinute: requestsPerMinute
            )
        )
        let addresses: SandboxAddresses
        do {
            addresses = try await server.start()
        } catch {
            throw CommandFailure("the sandbox cannot start: \(error)", ExitStatus.unavailable)
        }
        if output.json {
            let line: Value = [
                "url": .string(addresses.httpURL), "smtp_url": .string(addresses.smtpURL),
                "token": .string(addresses.token),
            ]
            Terminal.out(try JSON.text(line))
        } else {
            Terminal.out("Notion API  \(addresses.httpURL)/v1 (token \(addresses.token))")
            Terminal.out("mail        \(addresses.smtpURL)")
            Terminal.out("look at     \(addresses.httpURL)/sandbox/requests")
            Terminal.out("Ctrl-C ends it; nothing is kept.")
        }
        await Signals.first(of: [SIGINT, SIGTERM])
        await server.stop()
    }

    private static func databases() throws(CommandFailure) -> DatabaseCatalogue {
        let home = try Installation.home()
        do throws(Problems) {
            return try Library.databases(home)
        } catch {
            throw CommandFailure(error, ExitStatus.badConfiguration)
        }
    }
}
