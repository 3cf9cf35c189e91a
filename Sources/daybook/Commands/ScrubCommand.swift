import ArgumentParser
import EventLog
import EventModel
import Foundation
import HTTPClient

extension LogCommands {
    /// `daybook log scrub`.
    struct Scrub: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Read every record, to find what a disk has changed, and record the result.",
            discussion: """
                A running engine does this by itself (the key 'scrub' of the configuration). The result is \
                an event LogScrubbed in the stream log/scrub, appended by the running engine if there is \
                one. Exit code 1 if something is not what was written.

                EXAMPLES:
                  daybook log scrub
                  daybook log scrub --rate 50

                \(ExitStatus.help)
                """
        )

        @OptionGroup var options: ConfigurationOptions
        @OptionGroup var output: OutputOptions
        @Option(help: "How many megabytes of records a second at the most.")
        var rate: Double?

        func validate() throws {
            if let rate, rate <= 0 { throw ValidationError("--rate must be more than 0") }
        }

        func run() async throws {
            let folder = try DataFolder(options)
            let log = try folder.openLog()
            let report = try await scrubbed(log)
            await log.close()
            try await record(report, folder)
            if output.json {
                Terminal.out(try JSON.text(ScrubEvents.data(of: report)))
            } else {
                for problem in report.problems {
                    Terminal.out(Terminal.styled(problem.message, .red))
                }
                let verdict =
                    report.isGood
                    ? Terminal.styled("every record is what was written", .green)
                    : Terminal.styled("\(report.problemCount) problems", .red)
                Terminal.out("\(report.eventCount) events, \(report.byteCount) bytes: \(verdict)")
            }
            guard report.isGood else { throw ExitStatus.checkFailed }
        }

        private func scrubbed(_ log: EventLog) async throws -> ScrubReport {
            let bar = ProgressBar("scrubbing")
            defer { bar.finish() }
            let options = ScrubOptions(bytesPerSecond: rate.map { Int($0 * 1_000_000) })
            return try await log.scrub(
                options: options,
                progress: { bar.update(done: $0.done, total: $0.total) }
            )
        }

        /// Puts the result into the log: through the engine, or by itself if none runs.
        private func record(_ report: ScrubReport, _ folder: DataFolder) async throws {
            if let endpoint = EngineEndpoint.find(folder.path) {
                let client = HTTPClient()
                let body: Value = [
                    "report": ScrubEvents.data(of: report), "actor": .string(Control.actor),
                ]
                do {
                    _ = try await endpoint.call("POST", "/api/scrubs", body: body, client: client)
                } catch {
                    await client.shutdown()
                    throw error
                }
                await client.shutdown()
                return
            }
            // A standby and a damaged log are looked at, not written.
            guard report.isGood, !Standby.isStandby(folder.path) else {
                Terminal.error("the result is not recorded: this log is not written now")
                return
            }
            let log = try folder.reading { () throws(EventLogError) in
                try EventLog.open(at: folder.path)
            }
            do throws(EventLogError) {
                try await log.record(
                    report,
                    id: ScrubIdentity.next(),
                    actor: Control.actor
                )
            } catch {
                await log.close()
                throw DataFolder.failure(error, path: folder.path)
            }
            await log.close()
        }
    }
}

/// Identities of the events about scrubs.
enum ScrubIdentity {
    static func next() -> EventID {
        var generator = IdentifierGenerator()
        return generator.next(
            at: EventLogConfiguration.systemClock(),
            randA: .random(in: 0...UInt16.max),
            randB: .random(in: 0...UInt64.max)
        )
    }
}
