import ArgumentParser
import EventLog
import EventModel
import Foundation

/// `daybook standby`: a copy of the log that follows it by its segments.
struct StandbyCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "standby",
        abstract: "Follow another log by its segments, ready to take its place.",
        discussion: """
            The standby has a data folder of its own and checks every segment to the last byte. It can \
            be killed at any moment. Nothing else writes there until it is promoted.

            EXAMPLES:
              daybook standby --from /backups/segments --once --data standby
              daybook standby --from /backups/segments --follow --data standby
              daybook standby promote --data standby

            \(ExitStatus.help)
            """,
        subcommands: [Apply.self, Promote.self],
        defaultSubcommand: Apply.self
    )

    struct Apply: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Apply new segments, once or again and again.",
            discussion: """
                EXAMPLES:
                  daybook standby apply --from /backups/segments --data standby
                  daybook standby apply --from /backups/segments --follow --every 10 --data standby
                """
        )

        @OptionGroup var options: ConfigurationOptions
        @OptionGroup var output: OutputOptions
        @Option(help: "The folder that 'daybook log segments' fills.")
        var from: String
        @Flag(help: "Stay, and apply what comes, until SIGTERM or Ctrl-C.")
        var follow = false
        @Flag(help: "Apply what is there and end; the default.")
        var once = false
        @Option(help: "How many seconds lie between two looks.")
        var every = 2.0

        func validate() throws {
            if follow, once { throw ValidationError("give --follow or --once, not both") }
            guard every > 0, every <= 86_400 else {
                throw ValidationError("--every must be more than 0 and at most 86400")
            }
        }

        func run() async throws {
            Signals.ignoreWriteFailures()
            let standby = Standby(folder: try options.load().dataFolder)
            guard follow else {
                let report = try await KeepRun("applying", readsFile: true).run {
                    progress throws(EventLogError) in
                    try await standby.apply(from: from, progress: progress)
                }
                try report.show(as: output)
                return
            }
            try await stay(standby)
        }

        private func stay(_ standby: Standby) async throws {
            let (every, output, from) = (every, output, from)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await Signals.first(of: [SIGTERM, SIGINT]) }
                group.addTask {
                    do throws(EventLogError) {
                        try await standby.follow(
                            from,
                            wait: { await Self.sleep(every) },
                            report: { Self.tell($0, output) }
                        )
                    } catch {
                        throw CommandFailure(error.message, ExitStatus.inputOutput)
                    }
                }
                try await group.next()
                group.cancelAll()
            }
        }

        private static func sleep(_ seconds: Double) async -> Bool {
            (try? await Task.sleep(for: .seconds(seconds))) != nil
        }

        private static func tell(
            _ result: Result<Standby.Report, EventLogError>,
            _ output: OutputOptions
        ) {
            switch result {
            case .success(let report):
                if report.appliedCount > 0 { try? report.show(as: output) }
            case .failure(let error):
                Terminal.error("waiting: \(error.message)")
            }
        }
    }

    struct Promote: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make the standby a log of its own, which can be written.",
            discussion: """
                Stop the followed engine for good first: both logs have the same identity. Events that \
                no segment held are not here. Secrets and keys are not in segments; put them beside the \
                log before you serve.

                EXAMPLES:
                  daybook standby promote --data standby
                """
        )

        @OptionGroup var options: ConfigurationOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let folder = try options.load().dataFolder
            let last = try await KeepRun("promoting").run { _ throws(EventLogError) in
                try await Standby(folder: folder).promote()
            }
            if output.json {
                Terminal.out(try JSON.text(["path": .string(folder), "last": .uint(last.value)]))
                return
            }
            Terminal.out(
                "\(Terminal.styled("promoted", .green)): \(folder), the last event is \(last)"
            )
        }
    }
}

extension Standby.Report {
    var value: Value {
        [
            "identity": .string(identity), "position": .uint(position.value),
            "applied": .uint(appliedCount), "segments": .int(Int64(segmentCount)),
            "head": .uint(head.value), "lag": .uint(lag), "written_at": .timestamp(writtenAt),
        ]
    }

    func show(as output: OutputOptions) throws {
        if output.json {
            Terminal.out(try JSON.text(value))
            return
        }
        Terminal.out(
            "\(Terminal.styled("applied", .green)) \(appliedCount) events in \(segmentCount) segments; "
                + "at \(position), \(lag) behind as of \(writtenAt.shown)"
        )
    }
}
