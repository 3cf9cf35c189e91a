import ArgumentParser
import EventLog
import EventModel
import Foundation

/// `daybook log segments`: the log in sealed pieces, for incremental backups and standbys.
struct SegmentCommands: AsyncParsableCommand, TakesArgument {
    static let configuration = CommandConfiguration(
        commandName: "segments",
        abstract: "Keep the log as sealed, compressed segments that a standby can follow.",
        discussion: """
            EXAMPLES:
              daybook log segments /backups/segments
              daybook log segments write /backups/segments --seal
              daybook log segments verify /backups/segments

            \(ExitStatus.help)
            """,
        subcommands: [Write.self, Verify.self],
        defaultSubcommand: Write.self
    )

    struct Write: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add what is new to a folder of segments.",
            discussion: """
                A segment holds 65,536 events or 16 MiB of records and never changes again; run this as \
                often as you like, it writes only what is full by now. --seal writes the rest too, so \
                that nothing is left out.

                EXAMPLES:
                  daybook log segments write /backups/segments
                  daybook log segments write /backups/segments --seal
                """
        )

        @OptionGroup var options: ConfigurationOptions
        @OptionGroup var output: OutputOptions
        @Argument(help: "The folder; made if it is missing.")
        var destination: String
        @Flag(help: "Seal the last stretch too, although it is not full.")
        var seal = false

        func run() async throws {
            let folder = try DataFolder(options)
            let log = try folder.openLog()
            let options = SegmentOptions(sealsLast: seal)
            let report = try await KeepRun("sealing").run { progress throws(EventLogError) in
                try await log.writeSegments(
                    to: destination,
                    options: options,
                    progress: progress
                )
            }
            try report.show(as: output, "\(report.newCount) new segments")
        }
    }

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Read all segments and check every byte, every record and every root.",
            discussion: """
                EXAMPLES:
                  daybook log segments verify /backups/segments
                """
        )

        @OptionGroup var output: OutputOptions
        @Argument(help: "The folder of segments.")
        var destination: String

        func run() async throws {
            let report = try await KeepRun("verifying", readsFile: true).run {
                progress throws(EventLogError) in
                try await EventLog.verifySegments(in: destination, progress: progress)
            }
            try report.show(as: output, "every segment is what was written")
        }
    }
}

extension SegmentReport {
    var value: Value {
        [
            "path": .string(path), "identity": .string(identity),
            "segments": .int(Int64(segmentCount)), "new": .int(Int64(newCount)),
            "last": .uint(last.value), "head": .uint(head.value), "file_bytes": .uint(fileBytes),
            "root": .string(root.hexadecimal),
        ]
    }

    func show(as output: OutputOptions, _ verdict: String) throws {
        if output.json {
            Terminal.out(try JSON.text(value))
            return
        }
        let size = LogInformation.size(Int(fileBytes))
        Terminal.out("\(Terminal.styled(verdict, .green)): \(path)")
        Terminal.out("\(segmentCount) segments of log \(identity), \(size), events 1 to \(last)")
        let left = head.value - min(last.value, head.value)
        if left > 0 { Terminal.out("\(left) events are not in a segment yet; --seal adds them") }
    }
}
