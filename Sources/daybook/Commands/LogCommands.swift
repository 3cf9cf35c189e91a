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
        static let configuration = CommandConfiguration(
            abstract: "Size, age and format of the log."
        )

        @OptionGroup var options: ConfigurationOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let folder = try DataFolder(options)
            let log = try folder.openLog()
            let information = try folder.reading { () throws(EventLogError) in
                try log.information()
            }
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
            abstract:
                "Read every record and check it against its checksum, its place and the index."
        )

        @OptionGroup var options: ConfigurationOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let folder = try DataFolder(options)
            let log = try folder.openLog()
            let bar = ProgressBar("verifying")
            let report: VerifyReport
            do throws(EventLogError) {
                report = try await log.verify { progress in
                    bar.update(done: progress.position.value, total: progress.head.value)
                }
            } catch {
                throw DataFolder.failure(error, path: folder.path)
            }
            bar.finish()
            if output.json {
                Terminal.out(try JSON.text(report.value))
            } else {
                for problem in report.problems {
                    Terminal.out(Terminal.styled(problem.description, .red))
                }
                let verdict =
                    report.isGood
                    ? Terminal.styled("every record is what was written", .green)
                    : Terminal.styled("\(report.problemCount) problems", .red)
                Terminal.out("\(report.eventCount) events, \(report.byteCount) bytes: \(verdict)")
            }
            guard report.isGood else { throw ExitStatus.checkFailed }
        }
    }
}

extension LogInformation {
    /// Names and texts, in the order in which people ask.
    var lines: [(String, String)] {
        [
            ("folder", folder),
            ("identity", identity),
            ("events", String(eventCount)),
            ("streams", streamCount.map(String.init) ?? "unknown, there is no index"),
            ("first", firstRecordedAt?.rfc3339 ?? "none yet"),
            ("last", lastRecordedAt?.rfc3339 ?? "none yet"),
            ("log on disk", "\(fileBytes) bytes"),
            ("index on disk", "\(indexFileBytes) bytes"),
            ("index up to", indexPosition?.description ?? "none"),
            ("map size", "\(mapBytes) bytes"),
            ("format", String(format)),
            ("LMDB", library),
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
            "streams": .int(Int64(streamCount)), "problem_count": .int(Int64(problemCount)),
            "problems": .list(problems.map { .string($0.description) }),
        ]
    }
}
