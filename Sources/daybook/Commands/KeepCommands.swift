import ArgumentParser
import EventLog
import EventModel
import Foundation

extension LogCommands {
    /// `daybook log backup`.
    struct Backup: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Copy the log as it is now, beside a running engine.",
            discussion: """
                The destination becomes a folder, or one compressed file if its name ends in .daybook. It \
                gets its name when it is whole, on the disk and read again; an interrupted backup leaves \
                nothing that looks like one. Sealed values and keys lie outside the log and are taken \
                only with --with-secrets: keep such a backup as safe as the data folder.

                EXAMPLES:
                  daybook log backup /backups/2026-11-24
                  daybook log backup /backups/2026-11-24.daybook
                  daybook log backup /backups/full --with-secrets

                \(ExitStatus.help)
                """
        )

        @OptionGroup var options: ConfigurationOptions
        @OptionGroup var output: OutputOptions
        @Argument(help: "Where to put it; nothing may be there.")
        var destination: String
        @Flag(help: "Take secrets, secrets.key and the keys of personal data with it.")
        var withSecrets = false
        @Flag(help: "Do not read it again after it was written.")
        var noVerify = false

        func run() async throws {
            let folder = try DataFolder(options)
            let log = try folder.openLog()
            // A single file has no room for anything but the log.
            let isFile = destination.hasSuffix(EventLog.backupFileEnding)
            let backup = BackupOptions(
                verifies: !noVerify,
                others: (isFile ? [] : BackupOptions.checkpoints)
                    + (withSecrets ? BackupOptions.secrets : [])
            )
            let report = try await KeepRun("backing up").run { progress throws(EventLogError) in
                try await log.backUp(to: destination, options: backup, progress: progress)
            }
            let has = report.others.isEmpty ? "no secrets" : report.others.joined(separator: ", ")
            try report.show(
                as: output,
                "backed up",
                notes: [report.isVerified ? "read again, all in order" : "not read again", has]
            )
        }
    }

    /// `daybook log restore`.
    struct Restore: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a log of a backup, checking every record.",
            discussion: """
                The folder must not exist or be empty; move a damaged one away first. The log keeps its \
                identity: let only one of it and the old one be written. Events that came after the backup \
                are not in it, so checkpoints are signed only once you say that this is meant.

                EXAMPLES:
                  daybook log restore /backups/2026-11-24 --to data
                  daybook log restore /backups/2026-11-24.daybook --to drill

                \(ExitStatus.help)
                """
        )

        @OptionGroup var options: ConfigurationOptions
        @OptionGroup var output: OutputOptions
        @Argument(help: "A backup: its folder or its file.")
        var backup: String
        @Option(help: "The new data folder; without it, the configuration's.")
        var to: String?

        func run() async throws {
            let target = try to ?? DataFolder(options).path
            let report = try await KeepRun("restoring", readsFile: true).run {
                progress throws(EventLogError) in
                try await EventLog.restore(backup, to: target, progress: progress)
            }
            let has =
                report.others.isEmpty
                ? "no secrets were in the backup" : report.others.joined(separator: ", ")
            try report.show(as: output, "restored", notes: [has])
        }
    }

    /// `daybook log export`.
    struct Export: AsyncParsableCommand {
        enum Format: String, CaseIterable, ExpressibleByArgument { case ndjson, cbor }

        static let configuration = CommandConfiguration(
            abstract: "Write events to a file, for other programs and for 'daybook log import'.",
            discussion: """
                ndjson is CloudEvents 1.0, one a line; cbor is a CBOR sequence (RFC 8742). Both hold the \
                exact record and its SHA-256 of each event, and a digest of the file at the end. Only an \
                export of everything from the first event on can be imported as a log.

                EXAMPLES:
                  daybook log export all.ndjson
                  daybook log export all.cbor --format cbor
                  daybook log export - --category booking --from 1000

                \(ExitStatus.help)
                """
        )

        @OptionGroup var options: ConfigurationOptions
        @OptionGroup var output: OutputOptions
        @Argument(help: "The file, where nothing may be; - is standard output.")
        var file: String
        @Option(help: "ndjson or cbor.")
        var format = Format.ndjson
        @Option(help: "The first position.")
        var from: UInt64?
        @Option(help: "The last position.")
        var to: UInt64?
        @Option(help: "Only this stream, such as instance/018f….")
        var stream: String?
        @Option(help: "Only these categories.")
        var category: [String] = []
        @Option(help: "Only these types, such as StepFailed.")
        var type: [String] = []
        @Option(help: "Only these business entities.")
        var entity: [String] = []
        @Option(help: "Only the story that began with this event.")
        var correlation: String?

        func run() async throws {
            let folder = try DataFolder(options)
            var export = ExportOptions(
                format: format == .ndjson ? .ndjson : .cbor,
                from: Position(from ?? 1),
                through: to.map { Position($0) },
                filter: EventFilter(
                    categories: Set(category),
                    types: Set(type),
                    entities: Set(entity),
                    correlation: try correlation.map(DataFolder.identifier)
                )
            )
            if let stream {
                do throws(StreamNameError) {
                    export.stream = try StreamName(stream)
                } catch {
                    throw CommandFailure(error.description, ExitStatus.badInput)
                }
            }
            let log = try folder.openLog()
            let options = export
            let report = try await KeepRun("exporting").run { progress throws(EventLogError) in
                try await log.export(to: file, options: options, progress: progress)
            }
            guard file != EventLog.standardOutput else { return }
            try report.show(as: output, "exported", notes: [])
        }
    }

    /// `daybook log import`.
    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a log of an export of everything, checking every byte.",
            discussion: """
                All or nothing: the folder gets its name when every hash, position and revision is right. \
                A file that is cut or changed is refused with the line or the byte.

                EXAMPLES:
                  daybook log import all.ndjson --to copy
                  daybook log import all.cbor --to copy --dry-run

                \(ExitStatus.help)
                """
        )

        @OptionGroup var output: OutputOptions
        @Argument(help: "What 'daybook log export' has written.")
        var file: String
        @Option(help: "The new data folder, where nothing may be.")
        var to: String
        @Flag(help: "Check the file and write nothing.")
        var dryRun = false

        func run() async throws {
            let report = try await KeepRun("importing", readsFile: true).run {
                progress throws(EventLogError) in
                try await EventLog.importLog(
                    from: file,
                    to: to,
                    isTrial: dryRun,
                    progress: progress
                )
            }
            try report.show(as: output, dryRun ? "could be imported" : "imported", notes: [])
        }
    }
}

/// Runs something long on a log with a progress bar and turns its failure into the end of the command.
struct KeepRun {
    private let what: String
    /// Whether something that the user named is read, and not the log in the data folder.
    private let readsFile: Bool

    init(_ what: String, readsFile: Bool = false) {
        self.what = what
        self.readsFile = readsFile
    }

    func run<Result>(
        _ body: (@escaping @Sendable (KeepProgress) -> Void) async throws(EventLogError) -> Result
    ) async throws(CommandFailure) -> Result {
        let bar = ProgressBar(what)
        let checking = ProgressBar("verifying")
        let begin = ContinuousClock.now
        do throws(EventLogError) {
            let result = try await body { progress in
                let current = progress.phase == .writing ? bar : checking
                let seconds = (ContinuousClock.now - begin) / .seconds(1)
                current.update(
                    done: progress.done,
                    total: progress.total,
                    note: Self.rate(progress.byteCount, seconds: seconds)
                )
            }
            bar.finish()
            checking.finish()
            return result
        } catch {
            bar.finish()
            let isInput = readsFile && [.corrupt, .newerFormat].contains(error.code)
            let status = isInput ? ExitStatus.badInput : Self.status(error)
            throw CommandFailure(error.message, status)
        }
    }

    private static func rate(_ bytes: UInt64, seconds: Double) -> String {
        guard seconds > 0 else { return "" }
        let size = LogInformation.size(Int(bytes))
        return "\(size), \(LogInformation.size(Int(Double(bytes) / seconds)))/s"
    }

    private static func status(_ error: EventLogError) -> ExitCode {
        switch error.code {
        case .exists, .invalid, .tooLarge: ExitStatus.badInput
        case .missing: ExitStatus.checkFailed
        case .wrongExpectedRevision, .conditionFailed, .identityConflict, .diskFull, .inputOutput,
            .corrupt, .newerFormat, .locked, .closed, .standby, .signingRefused:
            ExitStatus.inputOutput
        }
    }
}

extension KeepReport {
    var value: Value {
        [
            "path": .string(path), "identity": .string(identity), "events": .uint(eventCount),
            "first": .uint(first.value), "last": .uint(last.value),
            "record_bytes": .uint(recordBytes), "file_bytes": .int(Int64(fileBytes)),
            "verified": .bool(isVerified), "others": .list(others.map(Value.string)),
        ]
    }

    /// Writes what was done.
    func show(as output: OutputOptions, _ verb: String, notes: [String]) throws {
        if output.json {
            Terminal.out(try JSON.text(value))
            return
        }
        let range = eventCount == 0 ? "" : ", positions \(first) to \(last)"
        Terminal.out("\(Terminal.styled(verb, .green)) \(eventCount) events\(range): \(path)")
        Terminal.out("log \(identity), " + LogInformation.size(Int(recordBytes)) + " of records")
        if !notes.isEmpty { Terminal.out(notes.joined(separator: "; ")) }
    }
}
