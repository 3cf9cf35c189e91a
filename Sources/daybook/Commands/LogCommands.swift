import ArgumentParser
import EventLog
import EventModel

/// `daybook log`: the log itself.
struct LogCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log",
        abstract: "Look at the log and verify it.",
        discussion: """
            EXAMPLES:
              daybook log info
              daybook log verify
            """,
        subcommands: [Info.self, Verify.self]
    )

    struct Info: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Size, age and format of the log.")

        @OptionGroup var options: ConfigurationOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let folder = try DataFolder(options)
            let log = try folder.openLog()
            let information = try folder.reading { () throws(EventLogError) in try log.information }
            if output.json {
                Terminal.out(try JSON.text(information.value))
                return
            }
            for (name, value) in information.lines {
                Terminal.out(Terminal.styled(name.padding(18), .dim) + value)
            }
        }
    }

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Read every record and check it against its checksum, its place and the index."
        )

        @OptionGroup var options: ConfigurationOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let folder = try DataFolder(options)
            let log = try folder.openLog()
            var bar = ProgressBar("verifying")
            let report = try folder.reading { () throws(EventLogError) in
                try log.verify { done, total in bar.update(done: done, total: total) }
            }
            bar.finish()
            if output.json {
                Terminal.out(try JSON.text(report.value))
            } else {
                for problem in report.problems { Terminal.out(Terminal.styled(problem, .red)) }
                let verdict =
                    report.problems.isEmpty
                    ? Terminal.styled("every record is what was written", .green)
                    : Terminal.styled("\(report.problems.count) problems", .red)
                Terminal.out("\(report.eventCount) events, \(report.byteCount) bytes: \(verdict)")
            }
            guard report.problems.isEmpty else { throw ExitStatus.checkFailed }
        }
    }
}

extension LogInformation {
    /// Names and texts, in the order in which people ask.
    var lines: [(String, String)] {
        [
            ("folder", folder),
            ("events", String(head.value)),
            ("first", firstRecordedAt?.rfc3339 ?? "none yet"),
            ("last", lastRecordedAt?.rfc3339 ?? "none yet"),
            ("streams", String(streamCount)),
            ("size on disk", "\(fileBytes) bytes"),
            ("map size", "\(mapBytes) bytes"),
            ("index up to", String(indexCursor.value)),
            ("format", String(formatVersion)),
            ("LMDB", libraryVersion),
        ]
    }

    var value: Value {
        .map(ValueMap(lines.map { ($0.replacing(" ", with: "_"), .string($1)) }))
    }
}

extension VerifyReport {
    var value: Value {
        [
            "events": .uint(eventCount), "bytes": .uint(byteCount),
            "problems": .list(problems.map(Value.string)),
        ]
    }
}
